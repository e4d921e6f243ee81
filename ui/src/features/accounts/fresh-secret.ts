// Makes something that comes with a secret. The secret lives in the state of one dialog and in nothing that outlives it:
// no cache, no mutation, no log.
import { useState } from "react";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import type { FreshSecret } from "../../lib/shell/shell";

export function useFreshSecret() {
  const shell = useShell();
  const [fresh, setFresh] = useState<FreshSecret | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  // A secret is shown only after a fresh login: then the person is needed in the browser.
  const [elsewhere, setElsewhere] = useState(false);

  const make = async (ask: () => Promise<FreshSecret>) => {
    setBusy(true);
    setProblem(null);
    const stop = shell.listen("signing-phase", (phase) => setElsewhere(phase === "step_up"));
    await ask().then(setFresh, (thrown) => setProblem(problemFrom(thrown)));
    stop();
    setElsewhere(false);
    setBusy(false);
  };
  const cancel = elsewhere ? () => void shell.cancelSignIn().catch(() => {}) : undefined;

  return { fresh, problem, busy, make, cancel };
}
