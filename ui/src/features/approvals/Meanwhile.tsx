// A ticket that others settled while it was being read. It is told as news.
import { useRef } from "react";
import { Note } from "../../components/Note";
import type { Ticket } from "../../lib/shell/shell";
import { faceOf } from "./states";

/** Whether a ticket was pending when it was opened here, and is no more. */
export function useMeanwhile({ state }: Ticket): boolean {
  const wasPending = useRef(state.name === "pending");
  return wasPending.current && state.name !== "pending";
}

export function Meanwhile({ ticket: { state, reviews } }: { ticket: Ticket }) {
  if (state.name === "expired" || state.name === "cancelled") {
    return <Note tone="info" title={`${faceOf(state).label} meanwhile.`} />;
  }
  const names = reviews.map((review) => review.name).join(", ");
  return (
    <Note tone="info" title={names ? `Decided meanwhile by ${names}.` : "Decided meanwhile."}>
      It is {faceOf(state).label.toLowerCase()} now.
    </Note>
  );
}
