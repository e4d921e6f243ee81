import { expect, it } from "vitest";
import { anOutline } from "../../../fixtures/policies";
import { completionsAt, schemaCompletionsAt } from "./completion";

const labels = (before: string, explicit = false) =>
  completionsAt(before, before.length, explicit, anOutline)?.options.map(({ label }) => label) ?? null;

it("completes actions and their groups, and the values of an enumeration", () => {
  expect(labels('action == Action::"')).toEqual(expect.arrayContaining(["pipelines:execute", "deploy"]));
  expect(labels('resource.env == Environment::"pr')).toEqual(["dev", "test", "preview", "staging", "prod"]);
});

it("begins at what is typed of the name", () => {
  const before = 'resource.env == Environment::"pr';
  expect(completionsAt(before, 100, false, anOutline)?.from).toBe(98);
});

it("completes attributes of principals, resources and the context, also within a record", () => {
  expect(labels("principal.")).toEqual(["ref", "scopes", "workspaces"]);
  expect(labels("resource.w")).toEqual(["ref", "env", "workspace"]);
  expect(labels("context.approval.a")).toEqual(expect.arrayContaining(["approvers", "groups"]));
  expect(labels("context has ")).toEqual(["now", "scope", "approval", "ip"]);
});

it("completes calls on an attribute", () => {
  expect(labels("principal.scopes.con")).toEqual(expect.arrayContaining(["contains", "isEmpty"]));
});

it("completes annotations and types", () => {
  expect(labels("@req")).toEqual(expect.arrayContaining(["require_approval", "approvers"]));
  expect(labels("principal is ")).toEqual(expect.arrayContaining(["User", "ServiceAccount"]));
});

it("is quiet in comments, in texts, and where nothing is typed", () => {
  expect(labels("// principal.")).toBeNull();
  expect(labels('@title("principal.')).toBeNull();
  expect(labels("  ")).toBeNull();
  expect(labels("  ", true)).toEqual(expect.arrayContaining(["permit", "forbid"]));
});

it("offers nothing of a schema that is not known", () => {
  expect(completionsAt('Action::"', 9, true, undefined)).toBeNull();
  expect(completionsAt("principal.", 10, true, undefined)).toBeNull();
});

it("completes a schema: words, types behind a colon, and nothing in comments", () => {
  const schema = (before: string, explicit = false) =>
    schemaCompletionsAt(before, before.length, explicit, anOutline)?.options.map(({ label }) => label) ?? null;
  expect(schema("ent")).toEqual(expect.arrayContaining(["entity", "action", "User", "Long"]));
  expect(schema("  owner: U")).toEqual(expect.arrayContaining(["User", "String"]));
  expect(schema("  owner: U")).not.toContain("entity");
  expect(schema("// ent")).toBeNull();
  expect(schema("  ")).toBeNull();
});
