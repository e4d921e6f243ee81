// Withdrawing an approval that is not spent yet. It takes no signature, for it only makes less happen; it takes a reason.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextArea } from "../../components/Field";
import { Note } from "../../components/Note";
import { type Problem, problemFrom } from "../../lib/problem";
import { useOfflineSince } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Ticket } from "../../lib/shell/shell";

export function RevokeBar({ ticket }: { ticket: Ticket }) {
  const [asking, setAsking] = useState(false);
  const offline = useOfflineSince() !== null;
  const offer = ticket.actions.find((action) => action.name === "revoke");
  if (ticket.state.name !== "approved" || !offer?.allowed) return null;
  return (
    <section className="decision" aria-label="Revoke">
      <div className="decision-row">
        <p className="decision-reason">Whoever may review can withdraw the approval until all of it is spent.</p>
        <Button tone="danger" disabled={offline} onClick={() => setAsking(true)}>
          Revoke…
        </Button>
      </div>
      {asking && <RevokeDialog ticket={ticket} onClose={() => setAsking(false)} />}
    </section>
  );
}

function RevokeDialog({ ticket, onClose }: { ticket: Ticket; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!reason.trim()) return setError("Revoking needs a reason.");
    setBusy(true);
    setProblem(null);
    try {
      await shell.revokeApproval(ticket.id, reason.trim());
      await Promise.all([
        queries.invalidateQueries({ queryKey: keys.ticket(ticket.id) }),
        queries.invalidateQueries({ queryKey: keys.inbox }),
      ]);
      onClose();
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Revoke this approval"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="danger" busy={busy}>
            Revoke
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <p className="muted">What is not spent of it never will be. What runs already goes on.</p>
        {problem && (
          <Note tone="danger" title="It was not revoked.">
            {problem.message}
          </Note>
        )}
        <TextArea
          label="Reason"
          hint="The requester gets these words as they are."
          value={reason}
          error={error}
          autoFocus
          onChange={({ target }) => {
            setReason(target.value);
            setError(undefined);
          }}
        />
      </form>
    </Dialog>
  );
}
