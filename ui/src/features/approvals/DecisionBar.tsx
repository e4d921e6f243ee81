// Where a ticket is decided. Nothing is chosen beforehand, what would fail is not offered, and the answer itself is
// given in the signing window: this bar only asks for it and tells how it ended.
import { useQueryClient } from "@tanstack/react-query";
import { type RefObject, useState } from "react";
import { Button } from "../../components/Button";
import { useCommands } from "../../components/commands/commands";
import { useIsOver } from "../../components/now";
import { WaitDialog } from "../../components/WaitDialog";
import { useOfflineSince } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { TicketPage, Verdict } from "../../lib/shell/shell";
import { phaseText, useSigning } from "../../lib/shell/signing";
import { DenialDialog } from "./DenialDialog";
import { keepDraft } from "./denial";
import { Ending } from "./Ending";
import { Meanwhile, useMeanwhile } from "./Meanwhile";
import { type Standing, standing } from "./standing";

type Props = { page: TicketPage; payload: RefObject<HTMLElement | null>; keysHere: boolean };

export function DecisionBar({ page: { ticket, exact }, payload, keysHere }: Props) {
  const shell = useShell();
  const queries = useQueryClient();
  const { phase, end, sign, clear } = useSigning();
  const [denying, setDenying] = useState(false);
  const circumstances = {
    digestsAgree: exact.digests_agree,
    offlineSince: useOfflineSince(),
    isOver: useIsOver(ticket.approval_expires_at),
  };
  const pending = ticket.state.name === "pending";
  const approve = standing(ticket, "approve", circumstances);
  const deny = standing(ticket, "deny", circumstances);

  const answer = async (verdict: Verdict, reason: string | null) => {
    const ended = await sign(() => shell.signReview({ ticket: ticket.id, verdict, reason }));
    if (ended.outcome === "signed") keepDraft(ticket.id, "");
    await Promise.all([
      queries.invalidateQueries({ queryKey: keys.ticket(ticket.id) }),
      queries.invalidateQueries({ queryKey: keys.inbox }),
    ]);
  };

  // The first press on something that is not on screen only brings it there.
  const byKey = (act: () => void) => () => {
    if (!payload.current || isOnScreen(payload.current)) return act();
    payload.current.scrollIntoView({ block: "start" });
    payload.current.focus({ preventScroll: true });
  };
  const startApproving = () => void answer("approve", null);
  const startDenying = () => setDenying(true);
  useCommands([
    ...(keysHere && pending && approve.as === "open"
      ? [{ group: "Ticket", label: "Approve", keys: "a", run: byKey(startApproving) }]
      : []),
    ...(keysHere && pending && deny.as === "open"
      ? [{ group: "Ticket", label: "Deny", keys: "d", run: byKey(startDenying) }]
      : []),
  ]);

  const meanwhile = useMeanwhile(ticket) && !end;
  if (!pending && !end && !meanwhile) return null;
  return (
    <section className="decision" aria-label="Decision">
      {end && <Ending end={end} onClose={clear} />}
      {meanwhile && <Meanwhile ticket={ticket} />}
      {pending && (
        <div className="decision-row">
          <Reasons approve={approve} deny={deny} />
          {deny.as !== "refused" && (
            <Button tone="danger" disabled={deny.as === "held"} onClick={startDenying}>
              Deny…
            </Button>
          )}
          {approve.as !== "refused" && (
            <Button tone="primary" disabled={approve.as === "held"} onClick={startApproving}>
              Approve…
            </Button>
          )}
        </div>
      )}
      {denying && (
        <DenialDialog
          ticket={ticket.id}
          onClose={() => setDenying(false)}
          onDeny={(reason) => {
            setDenying(false);
            void answer("deny", reason);
          }}
        />
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

function Reasons({ approve, deny }: { approve: Standing; deny: Standing }) {
  const reasons = [
    approve.as !== "open" && approve.reason && `You cannot approve: ${approve.reason}`,
    deny.as !== "open" && deny.reason && deny.reason !== reasonOf(approve) && `You cannot deny: ${deny.reason}`,
  ].filter(Boolean);
  const same = reasonOf(approve) !== null && reasonOf(approve) === reasonOf(deny);
  if (same) return <p className="decision-reason">You cannot decide this: {reasonOf(approve)}</p>;
  if (reasons.length > 0) return <p className="decision-reason">{reasons.join(" ")}</p>;
  return (
    <p className="decision-reason">Either answer is signed in a window of its own, after a fresh login if needed.</p>
  );
}

const reasonOf = (one: Standing) => (one.as === "open" ? null : one.reason);

function isOnScreen(element: Element): boolean {
  const { top, bottom, height } = element.getBoundingClientRect();
  const seen = Math.min(bottom, window.innerHeight) - Math.max(top, 0);
  return height > 0 && seen >= Math.min(height, 64);
}
