// The whole host surface. Everything the console can ask of the desktop is named here, and nothing else exists: no
// file access, no network, no signing in the main window beyond asking for a signing window.
import type {
  AccessReport,
  AppState,
  AskAccess,
  AuditQuery,
  AuditRow,
  CheckedPolicies,
  Compare,
  Comparison,
  CreateDraft,
  CreateServiceToken,
  CreateUser,
  Founder,
  FreshSecret,
  GettingStarted,
  Inbox,
  InboxQuery,
  Inclusion,
  Integrity,
  NarrowAccount,
  Page,
  Policies,
  PolicyCase,
  PolicyDraft,
  PolicyDraftSummary,
  PolicyOutline,
  PolicyProgress,
  PolicySuiteReport,
  PolicyTexts,
  PolicyVersion,
  PolicyVersionSummary,
  Publication,
  PublishDraft,
  ReplaceDraft,
  Replay,
  ReplayReport,
  RosterPage,
  ServiceAccount,
  SignAfterReview,
  SigningOutcome,
  SigningSubject,
  SignReview,
  Simulate,
  Simulation,
  Subject,
  TaggedDraft,
  Task,
  TicketPage,
  ToPublish,
  UsagePage,
  User,
  Vocabulary,
} from "../../bindings";

export type * from "../../bindings";

/** Something changed on the control plane: ask for it again. */
export type Changed = {
  /** What happened, for example `ticket.opened`. */
  kind: string;
  /** The id of what changed, if there is one. */
  about: string | null;
};

/** How far a signature is, while `signReview` and its like wait. */
export type SigningPhase = "step_up" | "window" | "sending";

/** How far a browser sign-in is. */
export type SignInPhase = "browser" | "exchanging";

/** What the desktop says without being asked. */
export type ShellEvents = {
  /** Ask for the app state again. */
  "app-state": null;
  changed: Changed;
  "signing-phase": SigningPhase;
  "sign-in-phase": SignInPhase;
  "policy-progress": PolicyProgress;
};

/** What the main window may ask. Every promise rejects with a `Problem` and nothing else. */
export interface Shell {
  appState(): Promise<AppState>;
  gettingStarted(): Promise<GettingStarted | null>;
  newSampleToken(): Promise<null>;
  tryItHere(founder: Founder): Promise<null>;
  connect(url: string): Promise<null>;
  signIn(): Promise<null>;
  cancelSignIn(): Promise<null>;
  signOut(): Promise<null>;

  inbox(query: InboxQuery): Promise<Inbox>;
  ticketPage(id: string): Promise<TicketPage>;
  signReview(request: SignReview): Promise<SigningOutcome>;
  /** Asks for the after-review of an emergency to be signed. */
  signAfterReview(request: SignAfterReview): Promise<SigningOutcome>;
  /** Withdraws an approval: what is not spent of it never will be. */
  revokeApproval(id: string, reason: string): Promise<null>;

  rosterPage(): Promise<RosterPage>;
  foundRoster(device: string): Promise<SigningOutcome>;
  enrolThisDevice(device: string): Promise<null>;
  signEnrolment(id: string): Promise<SigningOutcome>;

  auditPage(query: AuditQuery): Promise<Page<AuditRow>>;
  auditInclusion(id: string): Promise<Inclusion>;
  integrity(): Promise<Integrity>;
  checkIntegrity(): Promise<Integrity>;

  accounts(): Promise<ServiceAccount[]>;
  users(): Promise<User[]>;
  createUser(user: CreateUser): Promise<FreshSecret>;
  createServiceToken(token: CreateServiceToken): Promise<FreshSecret>;
  revokeServiceToken(id: string): Promise<null>;
  /** What it used in the last days, 1 to 366. */
  accountUsage(name: string, days: number): Promise<UsagePage>;
  /** Refused with `console.stale` if the account or the policies in force are others than at the replay. */
  narrowAccount(request: NarrowAccount): Promise<ServiceAccount>;
  tasks(cursor: string | null): Promise<Page<Task>>;

  policies(): Promise<Policies>;
  policyVersions(): Promise<PolicyVersionSummary[]>;
  policyVersion(version: number): Promise<PolicyVersion>;
  policyDrafts(): Promise<PolicyDraftSummary[]>;
  policyDraft(id: string): Promise<TaggedDraft>;
  /** What a ticket for a publication is about. */
  toPublish(ticket: string): Promise<ToPublish>;
  /** The same key with the same request gives the same draft. */
  createPolicyDraft(draft: CreateDraft, key: string): Promise<PolicyDraft>;
  /** Refused if the draft has another tag by now: somebody else changed it. */
  replacePolicyDraft(id: string, draft: ReplaceDraft, tag: string): Promise<TaggedDraft>;
  discardPolicyDraft(id: string, tag: string): Promise<PolicyDraft>;
  publishPolicyDraft(id: string, request: PublishDraft): Promise<Publication>;
  /** These four are answered on this device, from the texts alone. */
  checkPolicies(texts: PolicyTexts): Promise<CheckedPolicies>;
  formatPolicies(texts: PolicyTexts): Promise<PolicyTexts>;
  policyOutline(texts: PolicyTexts): Promise<PolicyOutline>;
  testPolicies(texts: PolicyTexts, cases: PolicyCase[]): Promise<PolicySuiteReport>;
  simulatePolicies(request: Simulate): Promise<Simulation>;
  policyAccess(request: AskAccess): Promise<AccessReport>;
  policyVocabulary(subject: Subject): Promise<Vocabulary>;
  /** Long work: says `policy-progress` under its id, and rejects with `console.cancelled` when it is cancelled. */
  replayPolicies(work: string, request: Replay): Promise<ReplayReport>;
  comparePolicies(work: string, request: Compare): Promise<Comparison>;
  cancelPolicyWork(work: string): Promise<null>;

  /** Hears an event until the returned function is called. */
  listen<E extends keyof ShellEvents>(event: E, hear: (payload: ShellEvents[E]) => void): () => void;
}

/** What the signing window may ask. Only its capability allows it. */
export interface SigningShell {
  signingSubject(): Promise<SigningSubject>;
  signingConfirm(): Promise<null>;
  signingCancel(): Promise<null>;
}
