// What a lens says in one line, and how loud. What is not known is never shown as if it were safe.
import { counted } from "../../../lib/format";
import type { Comparison, FlipGroup, Proof, ReplayReport } from "../../../lib/shell/shell";
import type { AccessChange } from "./access-change";

export type Tone = "danger" | "warning" | "success" | "neutral";
export type Verdict = { tone: Tone; text: string };

/** Over all possible requests. */
export function provedVerdict(comparison: Comparison): Verdict {
  const found = (direction: Proof["direction"], proved: Proof["proved"]) =>
    comparison.proofs.some((proof) => proof.direction === direction && proof.proved === proved);
  if (found("widens", "sometimes")) return { tone: "danger", text: "Widens" };
  if (comparison.solver.problem) return { tone: "neutral", text: "Nothing proved" };
  if (found("widens", "unknown")) return { tone: "neutral", text: "Not proved" };
  if (comparison.proofs.length === 0) return { tone: "neutral", text: "Nothing compared" };
  if (found("narrows", "sometimes")) return { tone: "warning", text: "Narrows only" };
  if (found("narrows", "unknown")) return { tone: "success", text: "Never widens" };
  return { tone: "success", text: "Same answers" };
}

/** One proof. */
export function proofTone({ proved, direction }: Proof): Tone {
  if (proved === "never") return "success";
  if (proved === "unknown") return "neutral";
  return direction === "widens" ? "danger" : "warning";
}

/** The word before its sentence. */
export function proofWord({ proved, direction }: Proof): string {
  if (proved === "never") return "Proved";
  if (proved === "unknown") return "Unknown";
  return direction === "widens" ? "Widens" : "Narrows";
}

/** Over what was recorded. */
export function pastVerdict(replay: ReplayReport): Verdict {
  const { coverage, flips } = replay;
  if (coverage.replayed === 0) return { tone: "neutral", text: "Nothing to replay" };
  const count = (of: (group: FlipGroup) => boolean) => flips.filter(of).reduce((sum, group) => sum + group.count, 0);
  const allowed = count(({ flip }) => flip.from === "deny" && flip.to === "allow");
  if (allowed > 0) return { tone: "danger", text: `${allowed.toLocaleString("en")} denied → allowed` };
  const widened = count(({ widens }) => widens);
  if (widened > 0) return { tone: "danger", text: `${counted(widened, "decision")} easier` };
  const all = count(() => true);
  if (all > 0) return { tone: "warning", text: `${counted(all, "decision")} stricter` };
  return coverage.replayed < coverage.recorded
    ? { tone: "neutral", text: "Nothing flips, with gaps" }
    : { tone: "success", text: "Nothing flips" };
}

/** How loud a kind of flip is: more than before is red, less is amber, a change of the requirement alone is apart. */
export function flipTone({ flip, widens }: FlipGroup): Tone {
  if (widens)
    return flip.from === "deny" && flip.to === "allow" ? "danger" : flip.from === flip.to ? "warning" : "danger";
  return "warning";
}

/** Over who is known today. */
export function presentVerdict(changes: AccessChange[]): Verdict {
  if (changes.length === 0) return { tone: "success", text: "Nobody gains or loses" };
  const gained = changes.filter(({ widens }) => widens).length;
  const lost = changes.length - gained;
  const text = [gained > 0 && `${gained} easier`, lost > 0 && `${lost} stricter`].filter(Boolean).join(", ");
  return { tone: gained > 0 ? "danger" : "warning", text };
}
