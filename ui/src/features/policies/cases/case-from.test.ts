import { expect, it } from "vitest";
import { aQuestion } from "../../../fixtures/policy-reports";
import { caseFrom, type Difference } from "./case-from";
import { caseFromJson, jsonOf } from "./case-json";

const flip = (change: Partial<Difference> = {}): Difference => ({
  question: aQuestion(),
  live: "require_approval",
  draft: "require_approval",
  liveApprovers: 2,
  draftApprovers: 1,
  ...change,
});

it("a test of what is in force expects the answer in force, and one of the draft the draft's", () => {
  expect(caseFrom(flip(), "live", []).expect).toEqual({ outcome: "require_approval", approvers: 2 });
  expect(caseFrom(flip(), "draft", []).expect).toEqual({ outcome: "require_approval", approvers: 1 });
  const allowed = flip({ live: "deny", draft: "allow", liveApprovers: null, draftApprovers: null });
  expect(caseFrom(allowed, "live", []).expect).toEqual({ outcome: "deny" });
  expect(caseFrom(allowed, "draft", []).expect).toEqual({ outcome: "allow" });
});

it("a test asks all that was asked: principal, rights, resources, environment and clock", () => {
  const question = aQuestion();
  const one = caseFrom(flip({ question }), "live", []);
  expect(one).toMatchObject({
    principal: "service_account:billing-ci",
    teams: ["payments"],
    scopes: ["pipelines:execute"],
    workspaces: ["billing"],
    action: "pipelines:execute",
    resources: ["pipeline:billing/nightly"],
    env: "prod",
    now: question.now,
  });
  expect(one.approval).toBeUndefined();
});

it("a test keeps the approval with its clocks", () => {
  const question = aQuestion({
    now: "2026-11-01T12:10:00.000Z",
    approval: {
      approvers: 1,
      groups: ["sre"],
      granted_at: "2026-11-01T12:06:00.000Z",
      expires_at: "2026-11-01T12:21:00.000Z",
    },
  });
  const { approval } = caseFrom(flip({ question }), "live", []);
  expect(approval).toEqual({
    approvers: 1,
    groups: ["sre"],
    granted_at: "2026-11-01T12:06:00.000Z",
    expires_at: "2026-11-01T12:21:00.000Z",
  });
});

it("a test of a review names the ticket, and nothing that no review has", () => {
  const ticket = {
    id: "tkt_1",
    requester: "service_account:billing-ci",
    on_behalf_of: ["user:usr_ada"],
    action: "pipelines:execute",
    resources: ["pipeline:billing/nightly"],
    env: "prod",
  };
  const question = aQuestion({ action: "approve", resources: ["ticket:tkt_1"] });
  const one = caseFrom(flip({ question, ticket, live: "deny", draft: "allow" }), "live", []);
  const { id: _, env: __, ...about } = ticket;
  expect(one.ticket).toEqual(about);
  expect(one).not.toHaveProperty("context");
  expect(caseFromJson(jsonOf(one))).toEqual({ one });
});

it("two tests of the same decision have two names", () => {
  const first = caseFrom(flip(), "live", []);
  const second = caseFrom(flip(), "live", [first.name]);
  const third = caseFrom(flip(), "live", [first.name, second.name]);
  expect(new Set([first.name, second.name, third.name]).size).toBe(3);
});

it("a test survives being written as JSON and read again", () => {
  const one = caseFrom(flip(), "live", []);
  expect(caseFromJson(jsonOf(one))).toEqual({ one });
});

it.each([
  ["{", /no JSON/],
  ["[]", /an object/],
  ['{"name":"a"}', /`principal` is missing/],
  [
    '{"name":"a","principal":"user:x","action":"a","resources":[],"env":"e","expect":{"outcome":"maybe"}}',
    /`expect.outcome`/,
  ],
  ['{"name":"a","principle":"user:x"}', /`principle` is not known here/],
  ['{"name":"a","resources":"pipeline:x"}', /`resources` must be a list of texts/],
  [
    '{"name":"a","principal":"user:x","action":"a","resources":[],"env":"e","approval":{},"expect":{"outcome":"allow"}}',
    /`approval.approvers` is missing/,
  ],
])("names what is wrong with %s", (json, error) => {
  const read = caseFromJson(json);
  expect("error" in read && read.error).toMatch(error);
});
