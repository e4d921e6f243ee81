// Which policies a draft adds, takes away and changes.
import type { Policy } from "../../../lib/shell/shell";

export type ChangedPolicies = { added: Policy[]; removed: Policy[]; changed: Policy[] };

export function changedPolicies(live: Policy[], draft: Policy[]): ChangedPolicies {
  const before = new Map(live.map((policy) => [policy.id, policy.text]));
  const after = new Set(draft.map(({ id }) => id));
  return {
    added: draft.filter(({ id }) => !before.has(id)),
    removed: live.filter(({ id }) => !after.has(id)),
    changed: draft.filter(({ id, text }) => before.has(id) && before.get(id) !== text),
  };
}
