// Where things are: the address of every room and of what is in it. Features link with these and never know routes.
import type { InboxView } from "./shell/shell";

/** A place in the approvals room. */
export type ApprovalsPlace = { view: InboxView; ticket?: string; env?: string; text?: string };

/** A place in the audit room. */
export type AuditPlace = { kind?: string; about?: string; text?: string };

export const paths = {
  approvals: ({ view, ticket, env, text }: ApprovalsPlace) =>
    at(ticket ? ["approvals", view, ticket] : ["approvals", view], { env, text }),
  audit: (place: AuditPlace = {}) => at(["audit"], place),
  accounts: () => at(["accounts"]),
  account: (name: string) => at(["accounts", name]),
  policies: (policy?: string) => at(policy ? ["policies", policy] : ["policies"]),
  policyDraft: (draft: string) => at(["policies", "drafts", draft]),
  policyVersion: (version: number, against?: number) =>
    at(["policies", "versions", String(version)], { against: against === undefined ? undefined : String(against) }),
  tasks: () => at(["tasks"]),
  roster: () => at(["roster"]),
  connections: () => at(["connections"]),
};

function at(segments: string[], search: Record<string, string | undefined> = {}): string {
  const given = Object.entries(search).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return `#/${segments.map(encodeURIComponent).join("/")}${query ? `?${query}` : ""}`;
}
