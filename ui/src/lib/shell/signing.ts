// Asking for a signature. The main window cannot sign: it asks, waits while the person logs in and confirms elsewhere,
// and is told how it ended.
import { useCallback, useState } from "react";
import { type Problem, problemFrom } from "../problem";
import { useShell } from "./context";
import type { SigningOutcome, SigningPhase } from "./shell";

/** How the last signature ended: an outcome, or the problem that stopped it. */
export type SigningEnd = SigningOutcome | { outcome: "failed"; problem: Problem };

/** What to tell the person while they are needed elsewhere. */
export const phaseText: Record<SigningPhase | "asking", string> = {
  asking: "Preparing what will be signed…",
  step_up: "Waiting for your login in the browser…",
  window: "Confirm in the signing window",
  sending: "Sending the signature…",
};

/** One signature at a time: where it is, how it ended, and how to start it. */
export function useSigning() {
  const shell = useShell();
  const [phase, setPhase] = useState<SigningPhase | "asking" | null>(null);
  const [end, setEnd] = useState<SigningEnd | null>(null);

  const sign = useCallback(
    async (ask: () => Promise<SigningOutcome>): Promise<SigningEnd> => {
      setEnd(null);
      setPhase("asking");
      const stop = shell.listen("signing-phase", setPhase);
      const ended = await ask().catch((thrown): SigningEnd => ({ outcome: "failed", problem: problemFrom(thrown) }));
      stop();
      setPhase(null);
      setEnd(ended);
      return ended;
    },
    [shell],
  );

  return { phase, end, sign, clear: useCallback(() => setEnd(null), []) };
}
