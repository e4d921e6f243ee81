// Signing in happens in the system's browser. This page starts it, waits, and says what came of it.
import { useEffect, useState } from "react";
import { Button } from "../../components/Button";
import { Note, type NoteTone } from "../../components/Note";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import type { AppState, SignInPhase } from "../../lib/shell/shell";
import { ConnectForm } from "./ConnectForm";
import { Threshold } from "./WelcomePage";
import "./welcome.css";

const waitText: Record<SignInPhase, string> = {
  browser: "Waiting for your login in the browser…",
  exchanging: "Finishing the sign-in…",
};

export function SignInPage({ state }: { state: AppState }) {
  const shell = useShell();
  const [asking, setAsking] = useState(false);
  const [phase, setPhase] = useState<SignInPhase>("browser");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [elsewhere, setElsewhere] = useState(false);

  const waiting = asking || state.stage === "signing_in";

  useEffect(() => shell.listen("sign-in-phase", setPhase), [shell]);

  const signIn = async () => {
    setProblem(null);
    setPhase("browser");
    setAsking(true);
    await shell.signIn().catch((thrown) => setProblem(problemFrom(thrown)));
    setAsking(false);
  };
  const cancel = () => shell.cancelSignIn().catch((thrown) => setProblem(problemFrom(thrown)));

  if (elsewhere) {
    return (
      <Threshold title="Connect to a control plane">
        <ConnectForm onBack={() => setElsewhere(false)} />
      </Threshold>
    );
  }
  return (
    <Threshold title="Sign in" lead={state.connection && <Where connection={state.connection} />}>
      {problem && <Ended problem={problem} />}
      {state.offline_since && (
        <Note tone="warning" title="The control plane does not answer.">
          Signing in works once it does.
        </Note>
      )}
      {waiting ? (
        <div className="threshold-wait">
          <p role="status">
            <span className="spinner" /> {waitText[phase]}
          </p>
          <p className="muted">The login page opened in your browser. Come back here when it says so.</p>
          <Button onClick={cancel}>Cancel</Button>
        </div>
      ) : (
        <div className="threshold-wait">
          <Button tone="primary" autoFocus onClick={signIn}>
            Sign in with your browser
          </Button>
          {!state.connection?.embedded && (
            <Button tone="quiet" onClick={() => setElsewhere(true)}>
              Connect to another control plane
            </Button>
          )}
        </div>
      )}
    </Threshold>
  );
}

function Where({ connection }: { connection: NonNullable<AppState["connection"]> }) {
  return (
    <>
      {connection.name}, {connection.embedded ? "inside this console" : connection.url}
    </>
  );
}

const endings: Record<string, { tone: NoteTone; title: string }> = {
  "console.sign_in_cancelled": { tone: "info", title: "The sign-in was cancelled." },
  "console.sign_in_denied": { tone: "warning", title: "The login page refused the sign-in." },
};

function Ended({ problem }: { problem: Problem }) {
  const { tone, title } = endings[problem.code] ?? { tone: "danger", title: "The sign-in did not work." };
  return (
    <Note tone={tone} title={title}>
      {tone !== "info" && problem.message}
    </Note>
  );
}
