// State, who, what, where, how long, until when, in one sentence; and how far it is.
import type { Ref } from "react";
import { CopyButton } from "../../components/Copyable";
import { Note } from "../../components/Note";
import { Tag } from "../../components/Tag";
import { Ago, Countdown } from "../../components/Time";
import { environmentTone, visible } from "../../lib/format";
import { paths } from "../../lib/paths";
import type { Progress as ProgressType, Ticket, TicketPage } from "../../lib/shell/shell";
import { faceOf } from "./states";

export function TicketHead({ page, heading }: { page: TicketPage; heading: Ref<HTMLHeadingElement> }) {
  const { ticket, sentence } = page;
  const { label, tone } = faceOf(ticket.state);
  const env = ticket.binding.action.env;
  return (
    <header className="ticket-head">
      <div className="ticket-marks">
        <Tag tone={environmentTone(env)}>{env}</Tag>
        <Tag tone={tone}>{label}</Tag>
        {ticket.binding.action.context?.break_glass && <Tag tone="warning">Emergency</Tag>}
        <code className="ticket-id">{ticket.id}</code>
        <CopyButton text={ticket.id} what="the ticket id" />
        <a className="ticket-history" href={paths.audit({ about: ticket.id })}>
          History in Audit
        </a>
      </div>
      <h2 ref={heading} tabIndex={-1}>
        {visible(sentence)}
      </h2>
      <div className="ticket-standing">
        <Progress progress={ticket.progress} />
        <Clock ticket={ticket} />
      </div>
      <Denied ticket={ticket} />
    </header>
  );
}

function Progress({ progress }: { progress: ProgressType }) {
  const parts = [
    `Total ${progress.approved}/${progress.quorum}`,
    ...progress.groups.map(({ group, met }) => `${group} ${met ? 1 : 0}/1`),
  ];
  return (
    <p className="ticket-progress">
      <span className="ticket-meter" aria-hidden="true">
        {Array.from({ length: progress.quorum }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: places have no other identity
          <i key={at} className={at < progress.approved ? "full" : undefined} />
        ))}
      </span>
      {parts.join(" · ")}
    </p>
  );
}

function Clock({ ticket: { state, approval_expires_at, binding, uses } }: { ticket: Ticket }) {
  if (state.name === "pending") {
    return (
      <p>
        Decide within <Countdown until={approval_expires_at} />, or it expires
      </p>
    );
  }
  if (state.name === "approved") {
    return (
      <p>
        {binding.budget && `Used ${uses?.length ?? 0} of ${binding.budget.uses}. `}
        May run for another <Countdown until={state.execution_expires_at} />
      </p>
    );
  }
  return (
    <p>
      {faceOf(state).label} <Ago at={state.at} />
    </p>
  );
}

function Denied({ ticket: { state, reviews } }: { ticket: Ticket }) {
  if (state.name === "cancelled") {
    const title = state.by ? "The approval was revoked." : undefined;
    return (
      <Note tone="info" title={title}>
        {visible(state.reason)}
      </Note>
    );
  }
  if (state.name !== "denied") return null;
  const by = reviews.find((review) => review.approver === state.by)?.name ?? state.by;
  return (
    <Note tone="danger" title={`Denied by ${by}`}>
      <bdi className="ticket-reason">{state.reason.split("\n").map(visible).join("\n")}</bdi>
    </Note>
  );
}
