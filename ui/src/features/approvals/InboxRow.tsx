// One ticket in the list: where, what, on what, who asks, how far, how long still.
import { Tag } from "../../components/Tag";
import { Ago, Countdown } from "../../components/Time";
import { environmentTone, lasting, secondsBetween, visible } from "../../lib/format";
import type { TicketSummary } from "../../lib/shell/shell";
import { faceOf, isPublication } from "./states";

type Props = { ticket: TicketSummary; href: string; open: boolean; onFocus: () => void };

export function InboxRow({ ticket, href, open, onFocus }: Props) {
  const { state, progress, resources } = ticket;
  // The digest of a policy set names it to nobody.
  const named = isPublication(ticket.action) ? ticket.title : null;
  return (
    <a className="inbox-row" href={href} aria-current={open ? "true" : undefined} onFocus={onFocus}>
      <span className="inbox-line">
        <Tag tone={environmentTone(ticket.env)}>{ticket.env}</Tag>
        <bdi className="inbox-action">{visible(ticket.action)}</bdi>
        <span className="inbox-when">
          {state.name === "pending" ? <Countdown until={ticket.deadline} /> : <Closed ticket={ticket} />}
        </span>
      </span>
      <span className="inbox-line inbox-resources">
        <bdi>{named ? `“${visible(named)}”` : visible(resources[0] ?? "")}</bdi>
        {resources.length > 1 && <span>+{resources.length - 1}</span>}
      </span>
      <span className="inbox-line inbox-who">
        <bdi>{visible(ticket.requester_name)}</bdi>
        <span>
          <Ago at={ticket.opened_at} />
        </span>
        <span className="inbox-progress">
          {progress.approved}/{progress.quorum} <span className="visually-hidden">approved</span>
        </span>
        {ticket.used && (
          <span className="inbox-progress" title="A standing approval">
            {ticket.used.number}/{ticket.used.of} used
          </span>
        )}
      </span>
    </a>
  );
}

function Closed({ ticket: { state, opened_at } }: { ticket: TicketSummary }) {
  const { label, tone } = faceOf(state);
  const after = "at" in state ? `after ${lasting(secondsBetween(opened_at, state.at))}` : undefined;
  return (
    <Tag tone={tone} title={after}>
      {label}
    </Tag>
  );
}
