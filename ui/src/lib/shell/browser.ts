// The console in a plain browser, for development and for looking at it: typed samples instead of a desktop. Chosen by
// the build mode `fixtures`; a release build never contains it. `?scene=` picks what is shown, `?subject=` what the
// signing window shows.
import { anAppState, aSession, gettingStarted, minutesAgo } from "../../fixtures/app";
import { aPage, someTickets, summaryOf } from "../../fixtures/approvals";
import { broken, someEntries, verified } from "../../fixtures/audit";
import { policyShell } from "../../fixtures/policy-shell";
import { aRoster, noRoster, someAccounts, somePeople, someTasks } from "../../fixtures/rooms";
import { aSubject } from "../../fixtures/signing";
import { aUsagePage, narrowed } from "../../fixtures/usage";
import { Problem } from "../problem";
import type { AppState, InboxQuery, Shell, ShellEvents, SigningShell, Ticket, Tone } from "./shell";

const wanted = new URLSearchParams(window.location.search);
const scene = wanted.get("scene") ?? "full";
const empty = ["empty", "first-run"].includes(scene);

const unfounded = aSession({ key: { state: "can_found", key_id: null, device: "thinkpad" } });
const unusable = {
  usable: false,
  problem: "The keyring is locked. Unlock it and start the console again; until then you sign in at every start.",
};
const states: Record<string, Partial<AppState>> = {
  welcome: { stage: "welcome", connection: null, session: null },
  "signed-out": { stage: "signed_out", session: null },
  "signing-in": { stage: "signing_in", session: null },
  "first-run": { session: unfounded, keyring: unusable },
  offline: { offline_since: minutesAgo(3) },
};

let tokenGone = scene === "token-gone";
const goneToken = { ...gettingStarted, setup: gettingStarted.setup.split("\n")[0] ?? "", token_gone: true };
let app = anAppState(states[scene]);
let tickets = empty ? [] : someTickets();
let accounts = someAccounts;
let revision = 1;
const entries = empty ? [] : someEntries();
const ears = new Map<keyof ShellEvents, Set<(payload: never) => void>>();

export const shell: Shell = {
  appState: async () => app,
  gettingStarted: async () => (tokenGone ? goneToken : gettingStarted),
  newSampleToken: async () => {
    tokenGone = false;
    return null;
  },
  tryItHere: () => becoming({ stage: "signed_out", connection: anAppState().connection }),
  connect: (url) => becoming({ stage: "signed_out", connection: { name: "Acme", url, embedded: false } }),
  signIn: async () => {
    await pause(1_500);
    say("sign-in-phase", "exchanging");
    return becoming({ stage: "signed_in", session: unfounded });
  },
  cancelSignIn: async () => null,
  signOut: () => becoming({ stage: "signed_out", session: null }),

  inbox: async (query) => {
    if (scene === "error")
      throw new Problem("service.unavailable", "The control plane cannot read this now: its disk is full.");
    const items = tickets.filter((ticket) => shows(query, ticket)).map(summaryOf);
    const count = (view: InboxQuery["view"]) => tickets.filter((ticket) => isIn(view, ticket)).length;
    const counts = {
      mine: count("mine"),
      pending: count("pending"),
      closed: count("closed"),
      after_review: count("after_review"),
    };
    return { items, next: null, counts };
  },
  ticketPage: async (id) => {
    const ticket = tickets.find((known) => known.id === id);
    if (!ticket) throw new Problem("request.not_found", "There is no such ticket.");
    const page = aPage(ticket);
    return scene === "disagree" ? { ...page, exact: { ...page.exact, digests_agree: false } } : page;
  },
  signReview: async ({ ticket: id, verdict, reason }) => {
    await phases();
    const at = new Date().toISOString();
    tickets = tickets.map((ticket) =>
      ticket.id !== id
        ? ticket
        : verdict === "deny"
          ? { ...ticket, state: { name: "denied", at, by: "usr_me", reason: reason ?? "" } }
          : {
              ...ticket,
              state: { name: "approved", at, execution_expires_at: new Date(Date.now() + 600_000).toISOString() },
            },
    );
    say("changed", { kind: "ticket.reviewed", about: id });
    return { outcome: "signed" };
  },
  signAfterReview: async ({ ticket: id, finding, found }) => {
    await phases();
    const at = new Date().toISOString();
    const signed = { state: "signed", reviewer: "usr_me", name: "You", finding, found, at, jws: "" } as const;
    tickets = tickets.map((ticket) => (ticket.id === id ? { ...ticket, after_review: signed } : ticket));
    say("changed", { kind: "ticket.after_reviewed", about: id });
    return { outcome: "signed" };
  },
  revokeApproval: async (id, reason) => {
    const state = { name: "cancelled", at: new Date().toISOString(), reason, by: "usr_me" } as const;
    tickets = tickets.map((ticket) => (ticket.id === id ? { ...ticket, state } : ticket));
    say("changed", { kind: "ticket.revoked", about: id });
    return null;
  },

  rosterPage: async () => (app.session?.key.state === "can_found" ? noRoster : aRoster),
  foundRoster: async () => {
    await phases();
    await becoming({ session: aSession() });
    return { outcome: "signed" };
  },
  enrolThisDevice: async () => null,
  signEnrolment: async () => ({ outcome: "cancelled" }),

  auditPage: async ({ kind, about, text }) => {
    const items = entries.filter(
      (entry) =>
        (!kind || entry.kind === kind) && (!about || entry.about === about) && (!text || entry.json.includes(text)),
    );
    return { items, next: null };
  },
  auditInclusion: async () => {
    await pause(300);
    return { included: true, sentence: "Entry 397 is in the tree of checkpoint #398." };
  },
  integrity: async () => (scene === "broken" ? broken : verified),
  checkIntegrity: async () => (scene === "broken" ? broken : verified),

  accounts: async () => (empty ? [] : accounts),
  users: async () => somePeople,
  createUser: async () => secret("A first password. They change it when they sign in."),
  createServiceToken: async () => secret("Put it where the runner reads it. It cannot be shown again."),
  revokeServiceToken: async () => null,
  accountUsage: async (name, days) => {
    await pause(scene === "busy" ? 600_000 : 300);
    if (scene === "usage-error") throw new Problem("service.unavailable", "the trail cannot be read now");
    return aUsagePage(accountOf(name), days, revision);
  },
  narrowAccount: async ({ name, grant }) => {
    await pause(400);
    const narrow = narrowed(accountOf(name), grant);
    accounts = accounts.map((known) => (known.name === name ? narrow : known));
    revision += 1;
    return narrow;
  },
  tasks: async () => ({ items: empty ? [] : someTasks, next: null }),

  ...policyShell(scene, say),

  listen: (event, hear) => {
    const heard = ears.get(event) ?? new Set();
    ears.set(event, heard.add(hear));
    return () => heard.delete(hear);
  },
};

export const signingShell: SigningShell = {
  signingSubject: async () => aSubject((wanted.get("subject") as Tone | null) ?? "approve"),
  signingConfirm: async () => {
    throw new Problem("console.no_window", "There is no desktop behind this page.");
  },
  signingCancel: async () => null,
};

function accountOf(name: string) {
  const account = accounts.find((known) => known.name === name);
  if (!account) throw new Problem("request.not_found", `there is no service account ${name}`);
  return account;
}

function isIn(view: InboxQuery["view"], ticket: Ticket): boolean {
  if (view === "after_review") return ticket.after_review?.state === "open";
  if (view === "closed") return ticket.state.name !== "pending";
  return ticket.state.name === "pending" && (view === "pending" || summaryOf(ticket).mine_to_decide);
}

function shows({ view, env, text }: InboxQuery, ticket: Ticket): boolean {
  const { action } = ticket.binding;
  const words = `${ticket.requester_name} ${action.action} ${action.resources.join(" ")}`;
  return isIn(view, ticket) && (!env || env === action.env) && (!text || words.includes(text));
}

async function becoming(change: Partial<AppState>): Promise<null> {
  await pause(400);
  app = { ...app, ...change };
  say("app-state", null);
  return null;
}

async function phases(): Promise<void> {
  for (const phase of ["step_up", "window", "sending"] as const) {
    say("signing-phase", phase);
    await pause(900);
  }
}

const secret = async (message: string) => ({
  id: "crd_new",
  secret: "cst_5hQ2mW9xT4vB7nK1pL8dR3sY6zC0fGjA",
  message,
  expires_at: null,
  credential: null,
  account: null,
});

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

function say<E extends keyof ShellEvents>(event: E, payload: ShellEvents[E]): void {
  for (const hear of ears.get(event) ?? []) (hear as (payload: ShellEvents[E]) => void)(payload);
}
