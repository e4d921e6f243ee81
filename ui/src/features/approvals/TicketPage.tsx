// One ticket, in the order in which it is decided: the sentence, why, what was found, the exact action, the requester's
// words, what happened; who can still approve at the side; the decision at the foot, always in sight.
import { type ComponentType, useEffect, useRef } from "react";
import { ExactView } from "../../components/ExactView";
import { Found } from "../../components/Found";
import { Note } from "../../components/Note";
import { Says } from "../../components/Says";
import { visible } from "../../lib/format";
import type { TicketPage as Page, Ticket } from "../../lib/shell/shell";
import { AfterReview, AfterReviewBar } from "./AfterReview";
import { DecisionBar } from "./DecisionBar";
import { RevokeBar } from "./RevokeBar";
import { isPublication } from "./states";
import { TicketHead } from "./TicketHead";
import { TicketRail } from "./TicketRail";
import { Timeline } from "./Timeline";
import { Why } from "./Why";
import "./ticket.css";

/** Shows the policies that a ticket would bring into force. */
export type Publisher = ComponentType<{ ticket: Ticket }>;

/** `keysHere`: whether the keys of the list act on this ticket. */
type Props = { page: Page; keysHere: boolean; ToPublish: Publisher };

export function TicketPage({ page, keysHere, ToPublish }: Props) {
  const { ticket, exact, says } = page;
  const heading = useRef<HTMLHeadingElement>(null);
  const payload = useRef<HTMLElement>(null);

  useEffect(() => {
    if (document.activeElement === document.body) heading.current?.focus({ preventScroll: true });
  }, []);

  return (
    <article className="ticket" aria-label={`Ticket ${ticket.id}`}>
      <div className="ticket-scroll">
        <TicketHead page={page} heading={heading} />
        {!exact.digests_agree && (
          <Note tone="danger" title="The digests do not agree.">
            The control plane names other digests than the ones computed here from the same action. Nothing can be
            signed. Show this to whoever runs the control plane.
          </Note>
        )}
        <div className="ticket-columns">
          <div className="ticket-main">
            <Why reasons={ticket.reasons} requirement={ticket.requirement} />
            <Found heading="h3" sentences={ticket.found ?? []} />
            {isPublication(ticket.binding.action.action) && <ToPublish ticket={ticket} />}
            <section ref={payload} tabIndex={-1} aria-label="The exact action" className="ticket-exact">
              <h3>The exact action</h3>
              <ExactView exact={exact} />
            </section>
            <Says heading="h3" who={visible(ticket.requester_name)} says={says} />
            {ticket.after_review && <AfterReview review={ticket.after_review} />}
            <Timeline steps={ticket.timeline} />
          </div>
          <TicketRail ticket={ticket} />
        </div>
      </div>
      <DecisionBar page={page} payload={payload} keysHere={keysHere} />
      <RevokeBar ticket={ticket} />
      <AfterReviewBar page={page} />
    </article>
  );
}
