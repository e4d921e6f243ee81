// A test out of something that was asked: the whole question as it was, with the answer that it is to have.
import type { Outcome, PolicyCase, Question } from "../../../lib/shell/shell";
import { inWords, outcomeWord } from "../words";

/** Something that two sets answer differently. */
export type Difference = {
  question: Question;
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
  const { question } = difference;
  const outcome = pinned === "live" ? difference.live : difference.draft;
  const approvers = pinned === "live" ? difference.liveApprovers : difference.draftApprovers;
  const { principal, approval } = question;
  return {
    name: unique(`${inWords(question)}: ${outcomeWord[outcome]}`, taken),
    principal: `${principal.kind}:${principal.id}`,
    teams: principal.teams,
    scopes: principal.scopes,
    workspaces: principal.workspaces,
    action: question.action,
    resources: question.resources,
    env: question.env,
    ...(question.context && { context: question.context }),
    ...(question.known && { known: question.known }),
    now: question.now,
    ...(approval && {
      approval: {
        approvers: approval.approvers,
        groups: approval.groups,
        granted_seconds_ago: secondsBefore(approval.granted_at, question.now),
      },
    }),
    expect: { outcome, ...(outcome === "require_approval" && approvers !== null && { approvers }) },
  };
}

function secondsBefore(earlier: string, later: string): number {
  return Math.max(0, Math.round((Date.parse(later) - Date.parse(earlier)) / 1000));
}

/** A name that is not taken: a number is added where it is. */
export function unique(name: string, taken: string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name} (${number})`)) number += 1;
  return `${name} (${number})`;
}
