// How to see the chain work from a terminal, on the control plane inside this console. The sample token in it is shown
// while the host still knows it; a new one ends the old one.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button";
import { Copyable } from "../../components/Copyable";
import { Note } from "../../components/Note";
import { useFirstSteps } from "../../lib/preferences";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import "./first-steps.css";

export function FirstSteps() {
  const shell = useShell();
  const [shown, setShown] = useFirstSteps();
  const { data } = useQuery({
    queryKey: keys.gettingStarted,
    queryFn: () => shell.gettingStarted(),
    enabled: shown,
  });
  if (!shown || !data) return null;
  return (
    <section className="card first-steps" aria-label="Try it from a terminal">
      <header>
        <h2>Try it from a terminal</h2>
        <Button small tone="quiet" onClick={() => setShown(false)}>
          Hide
        </Button>
      </header>
      <ol>
        <li>
          <p>Say who asks: a sample account, and the roster that its answers must be signed by.</p>
          <Copyable text={data.setup} what="the setup" />
          {data.token_gone && <NewToken />}
        </li>
        <li>
          <p>Ask to run something in production. It waits for you.</p>
          <Copyable text={data.command} what="the command" />
        </li>
        <li>
          <p>The ticket appears in the list. Open it, read it, approve it; the command runs.</p>
        </li>
      </ol>
    </section>
  );
}

function NewToken() {
  const shell = useShell();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const make = async () => {
    setBusy(true);
    setProblem(null);
    await shell.newSampleToken().then(
      () => queries.invalidateQueries({ queryKey: keys.gettingStarted }),
      (thrown) => setProblem(problemFrom(thrown)),
    );
    setBusy(false);
  };

  return (
    <div className="first-steps-token">
      <p className="muted">The sample token was shown before and cannot be shown again.</p>
      <Button small busy={busy} onClick={make}>
        Make a new token
      </Button>
      {problem && (
        <Note tone="danger" title="No token was made.">
          {problem.message}
        </Note>
      )}
    </div>
  );
}
