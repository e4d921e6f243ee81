// How a ticket's state reads.
import type { TagTone } from "../../components/Tag";
import { exactly } from "../../lib/format";
import type { Budget, State } from "../../lib/shell/shell";

const faces: Record<State["name"], { label: string; tone: TagTone }> = {
  pending: { label: "Pending", tone: "calm" },
  approved: { label: "Approved", tone: "success" },
  denied: { label: "Denied", tone: "danger" },
  cancelled: { label: "Cancelled", tone: "neutral" },
  expired: { label: "Expired", tone: "neutral" },
  consumed: { label: "Consumed", tone: "neutral" },
};

/** `up to 5 times within 15 min`: exact, like the words that are signed. */
export const often = ({ uses, window_seconds }: Budget) => `up to ${uses} times within ${exactly(window_seconds)}`;

export const faceOf = (state: State) => faces[state.name];

/** Whether an action brings a policy set into force. */
export const isPublication = (action: string) => action === "policies:publish";
