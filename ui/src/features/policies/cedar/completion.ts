// What fits where the cursor is, from the names that the schema has: actions, environments, types, attributes after a
// dot, annotations. The text before the cursor on its line decides; nothing is parsed.
import type { Completion, CompletionContext, CompletionResult, CompletionSource } from "@codemirror/autocomplete";
import type { PolicyAttribute, PolicyOutline } from "../../../lib/shell/shell";
import { schemaTypes, schemaWords } from "./tokens";

const annotations: [string, string][] = [
  ["id", "its name in every reason and test"],
  ["title", "a short title"],
  ["description", "one sentence"],
  ["require_approval", "marks a guard: an approval lifts it"],
  ["approvers", "groups that must be represented"],
  ["step_up", "how fresh an approver’s login must be"],
  ["approval_ttl", "how long the ticket waits for reviews"],
  ["execution_ttl", "how long an approved ticket waits for execution"],
  ["standing", "how often, and for how long, one approval may be used, such as 5 in 15m"],
  ["max_duration", "how long the execution may take"],
];
const words = [
  "permit",
  "forbid",
  "when",
  "unless",
  "principal",
  "action",
  "resource",
  "context",
  "in",
  "is",
  "has",
  "if",
];
const methods = ["contains", "containsAll", "containsAny", "isEmpty", "offset", "toDate", "isInRange"];

/** Completes policies and invariants; `outline` is asked for each time. */
export const completePolicies =
  (outline: () => PolicyOutline | undefined): CompletionSource =>
  (context) =>
    completionsAt(textBefore(context), context.pos, context.explicit, outline());

/** Completes schemas: their words, Cedar's own types, and those that the schema has. */
export const completeSchema =
  (outline: () => PolicyOutline | undefined): CompletionSource =>
  (context) =>
    schemaCompletionsAt(textBefore(context), context.pos, context.explicit, outline());

/** What fits after `before`, the text of a line of a schema up to `at`. */
export function schemaCompletionsAt(
  before: string,
  at: number,
  explicit: boolean,
  known: PolicyOutline | undefined,
): CompletionResult | null {
  if (/^\s*\/\//.test(before) || insideString(before)) return null;
  const word = before.match(/(?:^|[^\w.])(\w+)$/);
  if (!word && !explicit) return null;
  const own = [...schemaTypes].map((label) => ({ label, type: "type", detail: "Cedar" }));
  // Behind a colon or an angle bracket stands a type and nothing else.
  const isType = /[:<]\s*\w*$/.test(before);
  const keywords = [...schemaWords].map((label) => ({ label, type: "keyword" }));
  const options = isType ? [...typeNames(known), ...own] : [...keywords, ...typeNames(known), ...own];
  return from(at, word?.[1] ?? "", options, /^\w*$/);
}

function textBefore({ state, pos }: CompletionContext): string {
  const line = state.doc.lineAt(pos);
  return state.sliceDoc(Math.max(line.from, pos - 500), pos);
}

/** What fits after `before`, the text of the line up to `at`. */
export function completionsAt(
  before: string,
  at: number,
  explicit: boolean,
  known: PolicyOutline | undefined,
): CompletionResult | null {
  if (/^\s*\/\//.test(before)) return null;
  const value = before.match(/([A-Z]\w*)::"([^"]*)$/);
  if (value) return from(at, value[2], valuesOf(value[1] ?? "", known), /^[^"]*$/);
  const annotation = before.match(/@(\w*)$/);
  if (annotation) return from(at, annotation[1], annotations.map(plain("keyword")), /^\w*$/);
  if (insideString(before)) return null;
  const path = before.match(/\b(principal|resource|context)((?:\.\w+)*)\.(\w*)$/);
  if (path) return from(at, path[3], membersOf(path[1] ?? "", names(path[2]), known), /^\w*$/);
  const has = before.match(/\b(principal|resource|context)((?:\.\w+)*) has (\w*)$/);
  if (has) return from(at, has[3], attributes(attributesOf(has[1] ?? "", names(has[2]), known)), /^\w*$/);
  const is = before.match(/\bis (\w*)$/);
  if (is) return from(at, is[1], typeNames(known), /^\w*$/);
  const word = before.match(/(?:^|[^\w.])(\w+)$/);
  if (!word && !explicit) return null;
  const options = [...words.map((label) => ({ label, type: "keyword" })), ...typeNames(known)];
  return from(at, word?.[1] ?? "", options, /^\w*$/);
}

function from(at: number, typed: string | undefined, options: Completion[], validFor: RegExp): CompletionResult | null {
  return options.length === 0 ? null : { from: at - (typed ?? "").length, options, validFor };
}

const insideString = (before: string) => (before.match(/(?<!\\)"/g) ?? []).length % 2 === 1;
const names = (path: string | undefined) => (path ?? "").split(".").filter(Boolean);

const plain =
  (type: string) =>
  ([label, detail]: [string, string]): Completion => ({ label, detail, type });

function valuesOf(type: string, known: PolicyOutline | undefined): Completion[] {
  if (!known) return [];
  const constants = (labels: string[], detail: string) => labels.map((label) => ({ label, detail, type: "constant" }));
  if (type === "Action") {
    const names = known.actions.map(({ name }) => name);
    return [...constants(names, "action"), ...constants(known.groups, "group of actions")];
  }
  if (type === "Team") return constants(known.teams, "team");
  return constants(known.entities.find(({ name }) => name === type)?.choices ?? [], type);
}

function membersOf(root: string, path: string[], known: PolicyOutline | undefined): Completion[] {
  const calls = path.length === 0 ? [] : methods.map((label) => ({ label, type: "method", detail: "()" }));
  return [...attributes(attributesOf(root, path, known)), ...calls];
}

/** What is directly in a record; an attribute within another has the names of both, with a dot between. */
function attributesOf(root: string, path: string[], known: PolicyOutline | undefined): PolicyAttribute[] {
  if (!known) return [];
  const all =
    root === "context"
      ? known.actions.flatMap(({ context }) => context)
      : typesOf(root, known).flatMap((type) => type.attributes);
  const under = path.map((step) => `${step}.`).join("");
  const within = all.filter(({ name }) => name.startsWith(under) && !name.slice(under.length).includes("."));
  return merged(within.map((one) => ({ ...one, name: one.name.slice(under.length) })));
}

function typesOf(root: string, known: PolicyOutline) {
  const named: string[] = known.actions.flatMap((action) =>
    root === "principal" ? action.principals : action.resources,
  );
  const kinds = new Set(named.map((kind) => kind.replaceAll("_", "")));
  return known.entities.filter(({ name }) => kinds.has(name.toLowerCase()));
}

function merged(all: PolicyAttribute[]): PolicyAttribute[] {
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

const attributes = (all: PolicyAttribute[]): Completion[] =>
  all.map(({ name, kind, optional }) => ({
    label: name,
    detail: optional ? `${kind}, optional` : kind,
    type: "property",
  }));

const typeNames = (known: PolicyOutline | undefined): Completion[] =>
  (known?.entities ?? []).map(({ name }) => ({ label: name, type: "type" }));
