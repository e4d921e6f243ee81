// The desktop. The only file that knows Tauri: it turns the generated commands into promises that reject with a
// `Problem`, and nothing in it decides anything.
import { listen } from "@tauri-apps/api/event";
import { commands } from "../../bindings";
import { Problem, problemFrom } from "../problem";
import type { Failure, Shell, ShellEvents, SigningShell } from "./shell";

export const shell: Shell = {
  appState: () => asked(commands.appState()),
  gettingStarted: () => asked(commands.gettingStarted()),
  newSampleToken: () => asked(commands.newSampleToken()),
  tryItHere: (founder) => asked(commands.tryItHere(founder)),
  connect: (url) => asked(commands.connect(url)),
  signIn: () => asked(commands.signIn()),
  cancelSignIn: () => asked(commands.cancelSignIn()),
  signOut: () => asked(commands.signOut()),

  inbox: (query) => asked(commands.inbox(query)),
  ticketPage: (id) => asked(commands.ticketPage(id)),
  signReview: (request) => asked(commands.signReview(request)),
  signAfterReview: (request) => asked(commands.signAfterReview(request)),
  revokeApproval: (id, reason) => asked(commands.revokeApproval(id, reason)),

  rosterPage: () => asked(commands.rosterPage()),
  foundRoster: (device) => asked(commands.foundRoster(device)),
  enrolThisDevice: (device) => asked(commands.enrolThisDevice(device)),
  signEnrolment: (id) => asked(commands.signEnrolment(id)),

  auditPage: (query) => asked(commands.auditPage(query)),
  auditInclusion: (id) => asked(commands.auditInclusion(id)),
  integrity: () => asked(commands.integrity()),
  checkIntegrity: () => asked(commands.checkIntegrity()),

  accounts: () => asked(commands.accounts()),
  users: () => asked(commands.users()),
  createUser: (user) => asked(commands.createUser(user)),
  createServiceToken: (token) => asked(commands.createServiceToken(token)),
  revokeServiceToken: (id) => asked(commands.revokeServiceToken(id)),
  accountUsage: (name, days) => asked(commands.accountUsage(name, days)),
  narrowAccount: (request) => asked(commands.narrowAccount(request)),
  tasks: (cursor) => asked(commands.tasks(cursor)),

  policies: () => asked(commands.policies()),
  policyVersions: () => asked(commands.policyVersions()),
  policyVersion: (version) => asked(commands.policyVersion(version)),
  policyDrafts: () => asked(commands.policyDrafts()),
  policyDraft: (id) => asked(commands.policyDraft(id)),
  toPublish: (ticket) => asked(commands.toPublish(ticket)),
  createPolicyDraft: (draft, key) => asked(commands.createPolicyDraft(draft, key)),
  replacePolicyDraft: (id, draft, tag) => asked(commands.replacePolicyDraft(id, draft, tag)),
  discardPolicyDraft: (id, tag) => asked(commands.discardPolicyDraft(id, tag)),
  publishPolicyDraft: (id, request) => asked(commands.publishPolicyDraft(id, request)),
  checkPolicies: (texts) => asked(commands.checkPolicies(texts)),
  formatPolicies: (texts) => asked(commands.formatPolicies(texts)),
  policyOutline: (texts) => asked(commands.policyOutline(texts)),
  testPolicies: (texts, cases) => asked(commands.testPolicies(texts, cases)),
  simulatePolicies: (request) => asked(commands.simulatePolicies(request)),
  policyAccess: (request) => asked(commands.policyAccess(request)),
  policyVocabulary: (subject) => asked(commands.policyVocabulary(subject)),
  replayPolicies: (work, request) => asked(commands.replayPolicies(work, request)),
  comparePolicies: (work, request) => asked(commands.comparePolicies(work, request)),
  cancelPolicyWork: (work) => asked(commands.cancelPolicyWork(work)),

  listen: hearing,
};

export const signingShell: SigningShell = {
  signingSubject: () => asked(commands.signingSubject()),
  signingConfirm: () => asked(commands.signingConfirm()),
  signingCancel: () => asked(commands.signingCancel()),
};

type Answer<T> = { status: "ok"; data: T } | { status: "error"; error: Failure };

async function asked<T>(answer: Promise<Answer<T>>): Promise<T> {
  const result = await answer.catch((thrown) => Promise.reject(problemFrom(thrown)));
  if (result.status === "ok") return result.data;
  throw new Problem(result.error.code, result.error.detail);
}

function hearing<E extends keyof ShellEvents>(event: E, hear: (payload: ShellEvents[E]) => void): () => void {
  const stopping = listen<ShellEvents[E]>(event, ({ payload }) => hear(payload));
  return () => void stopping.then((stop) => stop());
}
