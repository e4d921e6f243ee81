import { expect, it } from "vitest";
import { keys, staleAfter } from "./freshness";

it("every change makes the audit trail stale", () => {
  for (const kind of ["ticket.opened", "roster.changed", "authentication.failed", "something.new"]) {
    expect(staleAfter({ kind, about: null })).toEqual(expect.arrayContaining([keys.audit, keys.integrity]));
  }
});

it("a connection that was lost makes everything stale", () => {
  expect(staleAfter({ kind: "connected", about: null })).toEqual([[]]);
});

it("a ticket's change asks for the inbox and that ticket again, not for others", () => {
  const stale = staleAfter({ kind: "ticket.reviewed", about: "tkt_1" });
  expect(stale).toEqual(expect.arrayContaining([keys.inbox, keys.ticket("tkt_1")]));
  expect(stale).not.toContainEqual(keys.tickets);
});

it("a change of the roster asks for what the reader may do again", () => {
  const stale = staleAfter({ kind: "roster.changed", about: null });
  expect(stale).toEqual(expect.arrayContaining([keys.roster, keys.appState, keys.tickets]));
});

it("a draft's change asks for drafts again, a publication for all of the policies", () => {
  expect(staleAfter({ kind: "policy.draft_changed", about: null })).toContainEqual(keys.policyDrafts);
  expect(staleAfter({ kind: "policy.draft_changed", about: null })).not.toContainEqual(keys.policies);
  expect(staleAfter({ kind: "policy.published", about: null })).toContainEqual(keys.policies);
});
