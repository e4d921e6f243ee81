// A host that answers from samples. Tests replace the answers they are about, and say its events.
import { anAppState } from "../fixtures/app";
import { aPage, someTickets, summaryOf } from "../fixtures/approvals";
import { someEntries, verified } from "../fixtures/audit";
import { policyShell } from "../fixtures/policy-shell";
import { aRoster, someAccounts, somePeople, someTasks } from "../fixtures/rooms";
import { aUsagePage } from "../fixtures/usage";
import type { Shell, ShellEvents } from "../lib/shell/shell";

export type FakeShell = Shell & {
  say: <E extends keyof ShellEvents>(event: E, payload: ShellEvents[E]) => void;
};

export function fakeShell(answers: Partial<Shell> = {}): FakeShell {
  const ears = new Map<string, Set<(payload: never) => void>>();
  const tickets = someTickets();
  const unasked = (what: string) => () => Promise.reject(new Error(`${what} was not expected`));
  const say: FakeShell["say"] = (event, payload) => {
    for (const hear of ears.get(event) ?? []) (hear as (payload: unknown) => void)(payload);
  };
  return {
    appState: async () => anAppState(),
    gettingStarted: async () => null,
    newSampleToken: unasked("newSampleToken"),
    tryItHere: unasked("tryItHere"),
    connect: unasked("connect"),
    signIn: unasked("signIn"),
    cancelSignIn: unasked("cancelSignIn"),
    signOut: unasked("signOut"),
    inbox: async () => ({
      items: tickets.map(summaryOf),
      next: null,
      counts: { mine: 4, pending: 5, closed: 5, after_review: 0 },
    }),
    ticketPage: async (id) => aPage(tickets.find((ticket) => ticket.id === id)),
    signReview: unasked("signReview"),
    signAfterReview: unasked("signAfterReview"),
    revokeApproval: unasked("revokeApproval"),
    rosterPage: async () => aRoster,
    foundRoster: unasked("foundRoster"),
    enrolThisDevice: unasked("enrolThisDevice"),
    signEnrolment: unasked("signEnrolment"),
    auditPage: async () => ({ items: someEntries(60), next: null }),
    auditInclusion: unasked("auditInclusion"),
    integrity: async () => verified,
    checkIntegrity: async () => verified,
    accounts: async () => someAccounts,
    users: async () => somePeople,
    createUser: unasked("createUser"),
    createServiceToken: unasked("createServiceToken"),
    revokeServiceToken: unasked("revokeServiceToken"),
    accountUsage: async (name, days) => {
      const account = someAccounts.find((known) => known.name === name);
      return account ? aUsagePage(account, days) : Promise.reject(new Error(`there is no ${name}`));
    },
    narrowAccount: unasked("narrowAccount"),
    tasks: async () => ({ items: someTasks, next: null }),
    ...policyShell("full", say, 100),
    listen: (event, hear) => {
      const heard = ears.get(event) ?? new Set();
      ears.set(event, heard.add(hear));
      return () => heard.delete(hear);
    },
    say,
    ...answers,
  };
}
