// Whether a ticket can be decided now, and if not, why. What the control plane offers is taken as it is; what only this
// window knows (offline, digests that differ, a clock that ran out) can close more, never open any.
import type { Ticket } from "../../lib/shell/shell";

export type Standing =
  /** Can be pressed. */
  | { as: "open" }
  /** Is shown, but cannot be pressed while something holds. */
  | { as: "held"; reason: string }
  /** Is not offered at all. */
  | { as: "refused"; reason: string };

export type Circumstances = { digestsAgree: boolean; offlineSince: string | null; isOver: boolean };

export function standing(
  { actions }: Pick<Ticket, "actions">,
  name: "approve" | "deny",
  { digestsAgree, offlineSince, isOver }: Circumstances,
): Standing {
  const offer = actions.find((action) => action.name === name);
  if (!offer) return { as: "refused", reason: "" };
  if (!offer.allowed) return { as: "refused", reason: offer.reason ?? "the control plane does not offer it" };
  if (isOver) return { as: "refused", reason: "the time to decide is over" };
  if (!digestsAgree) return { as: "held", reason: "the digests do not agree" };
  if (offlineSince) return { as: "held", reason: "the control plane does not answer" };
  return { as: "open" };
}
