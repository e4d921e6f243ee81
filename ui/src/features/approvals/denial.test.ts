import { expect, it } from "vitest";
import { draftFor, keepDraft, withPreset } from "./denial";

it("a preset fills an empty reason and replaces another preset", () => {
  expect(withPreset("", "Wrong environment")).toBe("Wrong environment");
  expect(withPreset("Suspicious arguments", "Wrong environment")).toBe("Wrong environment");
});

it("a preset keeps what was typed", () => {
  expect(withPreset("use staging", "Wrong environment")).toBe("Wrong environment: use staging");
  expect(withPreset("Suspicious arguments: use staging", "Wrong environment")).toBe("Wrong environment: use staging");
});

it("a draft survives until it is taken back", () => {
  keepDraft("tkt_1", "half a thought");
  expect(draftFor("tkt_1")).toBe("half a thought");
  keepDraft("tkt_1", "");
  expect(draftFor("tkt_1")).toBe("");
});
