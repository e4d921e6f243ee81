// A test as JSON: the same form that files and the control plane take. What it does not know it refuses, by name.
import type { PolicyCase } from "../../../lib/shell/shell";

type Shape = { needed?: boolean; fits: (value: unknown) => boolean; as: string };

const isText = (value: unknown) => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const text: Shape = { fits: isText, as: "a text" };
const texts: Shape = { fits: isTexts, as: "a list of texts" };
const count: Shape = { fits: isCount, as: "a whole number, not negative" };
const record: Shape = { fits: isRecord, as: "an object" };
const needed = (shape: Shape): Shape => ({ ...shape, needed: true });

const ofCase: Record<string, Shape> = {
  name: needed(text),
  principal: needed(text),
  teams: texts,
  scopes: texts,
  workspaces: texts,
  owner: text,
  action: needed(text),
  resources: needed(texts),
  env: needed(text),
  context: record,
  known: record,
  ticket: record,
  now: text,
  approval: record,
  expect: needed(record),
};
const ofApproval: Record<string, Shape> = {
  approvers: needed(count),
  groups: texts,
  granted_seconds_ago: count,
  granted_at: text,
  expires_at: text,
};
const ofTicket: Record<string, Shape> = {
  requester: needed(text),
  on_behalf_of: texts,
  action: needed(text),
  resources: needed(texts),
};
const ofExpectation: Record<string, Shape> = {
  outcome: needed({
    fits: (value) => ["allow", "deny", "require_approval"].includes(String(value)),
    as: "`allow`, `deny` or `require_approval`",
  }),
  because: texts,
  approvers: count,
  groups: texts,
};

export const jsonOf = (one: PolicyCase) => JSON.stringify(one, null, 2);

/** The test, or what is wrong with the text. */
export function caseFromJson(json: string): { one: PolicyCase } | { error: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (thrown) {
    return { error: `This is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}` };
  }
  if (!isRecord(value)) return { error: "A test is an object." };
  const error =
    misfit(value, ofCase, "") ??
    (isRecord(value.approval) ? misfit(value.approval, ofApproval, "approval.") : undefined) ??
    (isRecord(value.ticket) ? misfit(value.ticket, ofTicket, "ticket.") : undefined) ??
    (isRecord(value.expect) ? misfit(value.expect, ofExpectation, "expect.") : undefined);
  return error ? { error } : { one: value as PolicyCase };
}

function misfit(value: Record<string, unknown>, shapes: Record<string, Shape>, under: string): string | undefined {
  for (const [name, given] of Object.entries(value)) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (!shape) return `\`${under}${name}\` is not known here; what is: ${Object.keys(shapes).join(", ")}.`;
    if (!(given === null && !shape.needed) && !shape.fits(given)) return `\`${under}${name}\` must be ${shape.as}.`;
  }
  const missing = Object.entries(shapes).find(([name, shape]) => shape.needed && !Object.hasOwn(value, name));
  return missing && `\`${under}${missing[0]}\` is missing: ${missing[1].as}.`;
}
