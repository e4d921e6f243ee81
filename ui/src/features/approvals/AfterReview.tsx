// The after-review of an emergency: what was found, or that nobody has looked yet; and at the foot, the way to sign it.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { SelectField, TextArea } from "../../components/Field";
import { Note } from "../../components/Note";
import { At } from "../../components/Time";
import { WaitDialog } from "../../components/WaitDialog";
import { visible } from "../../lib/format";
import { useOfflineSince } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { AfterFinding, Ticket, TicketPage } from "../../lib/shell/shell";
import { phaseText, useSigning } from "../../lib/shell/signing";
import { Ending } from "./Ending";

const words: Record<AfterFinding, string> = { justified: "It was right.", unjustified: "It was not right." };

/** Where it stands, among what is known of the ticket. */
export function AfterReview({ review }: { review: NonNullable<Ticket["after_review"]> }) {
  return (
    <section aria-label="After-review">
      <h3>After-review</h3>
      {review.state === "open" ? (
        <Note tone="warning" title="Nobody has looked at this emergency yet." />
      ) : (
        <Note tone={review.finding === "justified" ? "success" : "info"} title={words[review.finding]}>
          <bdi className="ticket-reason">{review.found.split("\n").map(visible).join("\n")}</bdi>
          <p className="muted">
            Signed by {visible(review.name)}, <At at={review.at} day />
          </p>
        </Note>
      )}
    </section>
  );
}

/** The way to sign it, or why this reader may not. */
export function AfterReviewBar({ page: { ticket, exact } }: { page: TicketPage }) {
  const shell = useShell();
  const queries = useQueryClient();
  const { phase, end, sign, clear } = useSigning();
  const [asking, setAsking] = useState(false);
  const offline = useOfflineSince() !== null;
  const offer = ticket.actions.find((action) => action.name === "after_review");
  const open = ticket.after_review?.state === "open";
  if (!open && !end) return null;

  const answer = async (finding: AfterFinding, found: string) => {
    setAsking(false);
    await sign(() => shell.signAfterReview({ ticket: ticket.id, finding, found }));
    await Promise.all([
      queries.invalidateQueries({ queryKey: keys.ticket(ticket.id) }),
      queries.invalidateQueries({ queryKey: keys.inbox }),
    ]);
  };
  return (
    <section className="decision" aria-label="After-review of the emergency">
      {end && <Ending end={end} onClose={clear} />}
      {open && (
        <div className="decision-row">
          <p className="decision-reason">
            {offer?.allowed
              ? "This ran as an emergency. Look at what happened, say what you found, and sign it."
              : `You cannot close the after-review: ${offer?.reason ?? "the control plane does not offer it"}`}
          </p>
          {offer?.allowed && (
            <Button tone="primary" disabled={offline || !exact.digests_agree} onClick={() => setAsking(true)}>
              Close the after-review…
            </Button>
          )}
        </div>
      )}
      {asking && (
        <FindingDialog onClose={() => setAsking(false)} onSign={(finding, found) => void answer(finding, found)} />
      )}
      {phase && (
        <WaitDialog
          title="Your signature"
          text={phaseText[phase]}
          onCancel={phase === "step_up" ? () => void shell.cancelSignIn().catch(() => {}) : undefined}
        />
      )}
    </section>
  );
}

type DialogProps = { onClose: () => void; onSign: (finding: AfterFinding, found: string) => void };

function FindingDialog({ onClose, onSign }: DialogProps) {
  const form = useId();
  const [finding, setFinding] = useState<AfterFinding | "">("");
  const [found, setFound] = useState("");
  const [tried, setTried] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (finding && found.trim()) onSign(finding, found.trim());
  };
  return (
    <Dialog
      title="What did you find?"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary">
            Sign…
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <SelectField
          label="Was it right to act as in an emergency?"
          value={finding}
          error={tried && !finding ? "Choose one." : undefined}
          onChange={({ target }) => setFinding(target.value as AfterFinding | "")}
        >
          <option value="">Choose…</option>
          <option value="justified">Yes, it was right</option>
          <option value="unjustified">No, it was not</option>
        </SelectField>
        <TextArea
          label="What you found"
          hint="It is signed word for word and stays in the audit trail."
          value={found}
          error={tried && !found.trim() ? "Say what you found." : undefined}
          onChange={({ target }) => setFound(target.value)}
        />
      </form>
    </Dialog>
  );
}
