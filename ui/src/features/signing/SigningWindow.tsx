// What is about to be signed, from the same bytes that will be. Confirm stays shut until the end of the payload was on
// screen and unless the digests agree; whatever goes wrong is said here and nothing is signed.
import { useCallback, useEffect, useState } from "react";
import { Button } from "../../components/Button";
import { ExactView } from "../../components/ExactView";
import { Found } from "../../components/Found";
import { Note } from "../../components/Note";
import { Says } from "../../components/Says";
import { type Problem, problemFrom } from "../../lib/problem";
import type { SigningShell, SigningSubject } from "../../lib/shell/shell";
import "./signing.css";

export function SigningWindow({ shell }: { shell: SigningShell }) {
  const [subject, setSubject] = useState<SigningSubject | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [endSeen, setEndSeen] = useState(false);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    shell.signingSubject().then(setSubject, (thrown) => setProblem(problemFrom(thrown)));
  }, [shell]);

  const cancel = useCallback(() => {
    shell.signingCancel().catch((thrown) => setProblem(problemFrom(thrown)));
  }, [shell]);

  useEffect(() => {
    const press = (event: KeyboardEvent) => event.key === "Escape" && cancel();
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [cancel]);

  const confirm = async () => {
    setBusy(true);
    setProblem(null);
    await shell.signingConfirm().catch((thrown) => setProblem(problemFrom(thrown)));
    setBusy(false);
  };

  const seeEnd = useCallback(() => setEndSeen(true), []);
  const reason = subject && whyNot(subject, endSeen);

  return (
    <div className={`signing signing-${subject?.tone ?? "none"}`}>
      {subject && <Head subject={subject} />}
      <main className="signing-body">
        {subject && !subject.exact.digests_agree && (
          <Note tone="danger" title="The digests do not agree.">
            The control plane names other digests than the ones computed here from the same action. Nothing can be
            signed.
          </Note>
        )}
        {subject && <ExactView exact={subject.exact} onEndSeen={seeEnd} />}
        {subject && <Found heading="h2" sentences={subject.found} />}
        {subject?.says && <Says heading="h2" who="the requester" says={subject.says} />}
        {!subject && !problem && <p role="status">Reading what will be signed…</p>}
      </main>
      <footer className="signing-foot">
        {problem && (
          <Note tone="danger" title="Nothing was signed.">
            {problem.message}
          </Note>
        )}
        <div className="signing-buttons">
          <p id="signing-reason">{reason}</p>
          <Button onClick={cancel}>Cancel</Button>
          {subject && (
            <Button
              tone="primary"
              className="signing-confirm"
              disabled={reason !== null}
              aria-describedby="signing-reason"
              busy={busy}
              onClick={confirm}
            >
              Confirm and sign: {subject.verb}
            </Button>
          )}
        </div>
      </footer>
    </div>
  );
}

function Head({ subject }: { subject: SigningSubject }) {
  return (
    <header className="signing-head">
      <p className="signing-verb">{subject.verb}</p>
      <h1>{subject.sentence}</h1>
      <p className="signing-key">
        Signed by <strong>{subject.signer}</strong> <code>{subject.key_id}</code>
      </p>
    </header>
  );
}

function whyNot({ exact }: SigningSubject, endSeen: boolean): string | null {
  if (!exact.digests_agree) return "The digests do not agree.";
  return endSeen ? null : "Scroll to the end of what will be signed.";
}
