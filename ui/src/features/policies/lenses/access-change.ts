// Who can do what today, as a difference between two sets. A row that is in neither report is a denial in both.
import type { AccessReport, AccessRow, Outcome } from "../../../lib/shell/shell";

export type AccessChange = {
  key: string;
  kind: "added" | "removed" | "changed";
  /** More than before, or with fewer approvers. */
  widens: boolean;
  principal: string;
  name: string;
  action: string;
  resource: string;
  env: string;
  before: AccessRow | null;
  after: AccessRow | null;
};

/** What changes, what widens first. */
export function accessChanges(live: AccessReport, draft: AccessReport): AccessChange[] {
  const before = new Map(live.rows.map((row) => [keyOf(row), row]));
  const after = new Map(draft.rows.map((row) => [keyOf(row), row]));
  const all = new Set([...before.keys(), ...after.keys()]);
  return [...all]
    .map((key) => changeOf(key, before.get(key) ?? null, after.get(key) ?? null))
    .filter((change) => change !== null)
    .sort((one, other) => Number(other.widens) - Number(one.widens) || one.key.localeCompare(other.key));
}

const keyOf = ({ principal, action, resource, env }: AccessRow) => JSON.stringify([principal, action, resource, env]);

function changeOf(key: string, before: AccessRow | null, after: AccessRow | null): AccessChange | null {
  const row = after ?? before;
  if (!row || easeOf(before) === easeOf(after)) return null;
  const { principal, name, action, resource, env } = row;
  const kind = before ? (after ? "changed" : "removed") : "added";
  return { key, kind, widens: easeOf(after) > easeOf(before), principal, name, action, resource, env, before, after };
}

const eases: Record<Outcome, number> = { deny: 0, require_approval: 1, allow: 2 };

// An approval by fewer people is easier, and always between denied and allowed.
function easeOf(row: AccessRow | null): number {
  if (!row) return 0;
  return row.outcome === "require_approval"
    ? eases.require_approval + 1 / (1 + (row.approvers ?? 1))
    : eases[row.outcome];
}
