// Says that a ticket appeared, for those who cannot see the list move.
import { useEffect, useRef } from "react";
import { useAnnounce } from "../../components/Announcer";
import { visible } from "../../lib/format";
import { type ApprovalsPlace, paths } from "../../lib/paths";
import type { TicketSummary } from "../../lib/shell/shell";

/** Announces tickets that join a list after it was first shown. Another list is a first showing again. */
export function useNewTickets(place: ApprovalsPlace, tickets: TicketSummary[], unsettled: boolean): void {
  const announce = useAnnounce();
  const list = paths.approvals({ ...place, ticket: undefined });
  const seen = useRef<{ list: string; ids: Set<string> } | null>(null);

  useEffect(() => {
    if (unsettled) return;
    const before = seen.current;
    const ids = new Set(tickets.map((ticket) => ticket.id));
    if (before?.list === list) {
      const newest = tickets[0];
      const fresh = tickets.filter(({ id, state }) => state.name === "pending" && !before.ids.has(id));
      if (fresh.length === 1 && fresh[0]) announce(sentence(fresh[0]));
      else if (fresh.length > 1 && newest && !before.ids.has(newest.id)) announce(`${fresh.length} new tickets.`);
      for (const id of before.ids) ids.add(id);
    }
    seen.current = { list, ids };
  }, [tickets, unsettled, list, announce]);
}

const sentence = ({ requester_name, action, env }: TicketSummary) =>
  visible(`New ticket: ${requester_name} asks for ${action} in ${env}.`);
