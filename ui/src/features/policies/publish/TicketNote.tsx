// Where the approval of a publication stands.
import { Button } from "../../../components/Button";
import { Note } from "../../../components/Note";
import { Countdown } from "../../../components/Time";
import { paths } from "../../../lib/paths";
import type { Ticket } from "../../../lib/shell/shell";
import { useTicket } from "../queries";

type Props = { ticket: string; isDirty: boolean; onPublish: () => void };

export function TicketNote({ ticket: id, isDirty, onPublish }: Props) {
  const ticket = useTicket(id);
  const link = <a href={paths.approvals({ view: "pending", ticket: id })}>Open the ticket</a>;
  if (isDirty) {
    return (
      <Note tone="warning" title="The ticket is for the draft as it was saved." action={link}>
        Saving other texts or tests ends it: they need an approval of their own.
      </Note>
    );
  }
  if (ticket.data?.state.name === "approved") {
    return (
      <Note
        tone="success"
        title="Publishing is approved."
        action={
          <>
            {link}
            <Button small tone="primary" onClick={onPublish}>
              Publish now…
            </Button>
          </>
        }
      >
        The approval can be used for <Countdown until={ticket.data.state.execution_expires_at} /> more.
      </Note>
    );
  }
  return (
    <Note tone="info" icon="clock" title={title(ticket.data)} action={link}>
      {ticket.error ? ticket.error.message : "Nothing is in force before it is approved and published."}
    </Note>
  );
}

function title(ticket: Ticket | undefined): string {
  switch (ticket?.state.name) {
    case undefined:
    case "pending":
      return "Publishing waits for approval.";
    case "denied":
      return "Publishing was denied. Publishing again asks anew.";
    default:
      return `The ticket is ${ticket?.state.name}. Publishing again asks anew.`;
  }
}
