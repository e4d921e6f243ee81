import { expect, it } from "vitest";
import { anOutline } from "../../fixtures/policies";
import { resourceNames } from "./resource-names";

const values = (action: string, known: string[], typed = "") =>
  resourceNames(anOutline, action, known, typed).map(({ value }) => value);

it("proposes known resources before kinds, and only what the action can be about", () => {
  const known = ["pipeline:billing/nightly", "app:web/storefront"];
  expect(values("pipelines:execute", known)).toEqual(["pipeline:billing/nightly", "pipeline:"]);
  expect(values("", known)).toEqual(expect.arrayContaining([...known, "pipeline:", "app:"]));
});

it("keeps what is typed already, because a field takes several", () => {
  expect(values("pipelines:execute", ["pipeline:b"], "pipeline:a, pi")).toContain("pipeline:a, pipeline:b");
});
