// A test out of something that was asked: the whole question as it was, with the answer that it is to have.
import type { Counterexample, Outcome, PolicyCase, Question } from "../../../lib/shell/shell";
import { inWords, outcomeWord } from "../words";

/** Something that two sets answer differently. */
export type Difference = {
  question: Question;
  /** What is reviewed, if it is a review. */
  ticket?: Counterexample["ticket"];
  live: Outcome;
  draft: Outcome;
  liveApprovers: number | null;
  draftApprovers: number | null;
};

/** Opens the choice of which answer a test shall pin. */
export type MakeTest = (difference: Difference) => void;

/** The answer that a test pins. */
export type Pinned = "live" | "draft";

/** The case, with a name that none of `taken` has. */
export function caseFrom(difference: Difference, pinned: Pinned, taken: string[]): PolicyCase {
  const { question, ticket } = difference;
  const outcome = pinned === "live" ? difference.live : difference.draft;
  const approvers = pinned === "live" ? difference.liveApprovers : difference.draftApprovers;
  const { principal, approval } = question;
  return {
    name: unique(`${inWords(question)}: ${outcomeWord[outcome]}`, taken),
    principal: `${principal.kind}:${principal.id}`,
    teams: principal.teams,
    scopes: principal.scopes,
    workspaces: principal.workspaces,
    ...(principal.owner && { owner: principal.owner }),
    action: question.action,
    resources: question.resources,
    env: question.env,
    ...(ticket
      ? {
          ticket: {
            requester: ticket.requester,
            on_behalf_of: ticket.on_behalf_of,
            action: ticket.action,
            resources: ticket.resources,
          },
        }
      : { context: question.context ?? {}, known: question.known ?? {} }),
    now: question.now,
    ...(approval && {
      approval: {
        approvers: approval.approvers,
        groups: approval.groups,
        granted_at: approval.granted_at,
        expires_at: approval.expires_at,
      },
    }),
    expect: { outcome, ...(outcome === "require_approval" && approvers !== null && { approvers }) },
  };
}

/** A name that is not taken: a number is added where it is. */
export function unique(name: string, taken: string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}
