// Makes something that comes with a secret. The secret lives in the state of one dialog and in nothing that outlives it:
// no cache, no mutation, no log.
import { useState } from "react";
import { type Problem, problemFrom } from "../../lib/problem";
import type { FreshSecret } from "../../lib/shell/shell";

export function useFreshSecret() {
  const [fresh, setFresh] = useState<FreshSecret | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const make = async (ask: () => Promise<FreshSecret>) => {
    setBusy(true);
    setProblem(null);
    await ask().then(setFresh, (thrown) => setProblem(problemFrom(thrown)));
    setBusy(false);
  };

  return { fresh, problem, busy, make };
}
