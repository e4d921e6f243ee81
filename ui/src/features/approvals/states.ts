// How a ticket's state reads.
import type { TagTone } from "../../components/Tag";
import type { State } from "../../lib/shell/shell";

const faces: Record<State["name"], { label: string; tone: TagTone }> = {
  pending: { label: "Pending", tone: "calm" },
  approved: { label: "Approved", tone: "success" },
  denied: { label: "Denied", tone: "danger" },
  cancelled: { label: "Cancelled", tone: "neutral" },
  expired: { label: "Expired", tone: "neutral" },
  consumed: { label: "Consumed", tone: "neutral" },
};

export const faceOf = (state: State) => faces[state.name];
