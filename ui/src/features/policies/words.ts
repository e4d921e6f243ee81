// Questions and answers in words and tones. Text that somebody else wrote is made visible first.
import type { TagTone } from "../../components/Tag";
import { counted, visible } from "../../lib/format";
import type { Outcome, Policy, Question } from "../../lib/shell/shell";

/** How an answer reads. */
export const outcomeWord: Record<Outcome, string> = {
  allow: "allowed",
  deny: "denied",
  require_approval: "needs approval",
};

export const outcomeTone: Record<Outcome, TagTone> = { allow: "success", deny: "danger", require_approval: "warning" };

export const effectTone: Record<string, TagTone> = { permit: "success", forbid: "danger", guard: "warning" };

/** `billing-ci`, also where only the reference is known. */
export const shortName = (principal: string) => visible(principal.slice(principal.indexOf(":") + 1));

/** What is asked, as one sentence without its subject’s answer. */
export function inWords(question: Question): string {
  const { principal, action, resources, env, approval } = question;
  const consent = approval
    ? `, approved by ${counted(approval.approvers, "person", "people")}${among(approval.groups)}`
    : "";
  return `${visible(principal.name || principal.id)} asks for ${visible(action)} on ${resources.map(visible).join(", ")} in ${visible(env)}${consent}`;
}

const among = (groups: string[]) => (groups.length > 0 ? ` (${groups.map(visible).join(", ")} among them)` : "");

/** A digest short enough for a line: its first twelve digits. */
export const shortDigest = (digest: string) => digest.replace(/^sha256:/, "").slice(0, 12);

/** An answer with what it takes: `needs 2 approvers`. */
export function answerWords(outcome: Outcome, approvers: number | null): string {
  return outcome === "require_approval" && approvers !== null
    ? `needs ${counted(approvers, "approver")}`
    : outcomeWord[outcome];
}

/** The three things a policy can be about, in the order of the room. */
export const groups: { effect: Policy["effect"]; title: string; lead: string }[] = [
  { effect: "permit", title: "What is possible", lead: "Without one of these, everything is denied." },
  { effect: "forbid", title: "What never is", lead: "No permit and no approval lifts these." },
  {
    effect: "guard",
    title: "What needs consent",
    lead: "An approval lifts these, for exactly the request that was approved.",
  },
];
