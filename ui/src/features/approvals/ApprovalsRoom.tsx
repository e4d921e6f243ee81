// The room where tickets are decided: the list, and beside it the ticket that is open. Where the window is narrow, one
// of the two.
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Empty } from "../../components/Blank";
import { useCommands } from "../../components/commands/commands";
import type { VirtualRowsHandle } from "../../components/VirtualRows";
import { type ApprovalsPlace, paths } from "../../lib/paths";
import { InboxHead } from "./InboxHead";
import { InboxList } from "./InboxList";
import { useNewTickets } from "./new-tickets";
import { useInbox, views } from "./queries";
import type { Publisher } from "./TicketPage";
import { TicketPane } from "./TicketPane";
import "./approvals.css";

type Props = {
  place: ApprovalsPlace;
  onPlace: (place: ApprovalsPlace, replace?: boolean) => void;
  /** What stands beside the list while no ticket is open. */
  guidance?: ReactNode;
  ToPublish: Publisher;
};

export function ApprovalsRoom({ place, onPlace, guidance, ToPublish }: Props) {
  const inbox = useInbox({ view: place.view, env: place.env ?? null, text: place.text ?? null });
  const tickets = useMemo(() => inbox.data?.pages.flatMap((page) => page.items) ?? [], [inbox.data]);
  const [cursor, setCursor] = useState<string | null>(place.ticket ?? null);
  const search = useRef<HTMLInputElement>(null);
  const rows = useRef<VirtualRowsHandle>(null);

  useEffect(() => setCursor(place.ticket ?? null), [place.ticket]);
  // A page may hold nothing for the reader while a later one does.
  const { hasNextPage, isFetching, fetchNextPage } = inbox;
  const searchesOn = tickets.length === 0 && hasNextPage;
  useEffect(() => {
    if (searchesOn && !isFetching) void fetchNextPage();
  }, [searchesOn, isFetching, fetchNextPage]);
  useNewTickets(place, tickets, inbox.isPlaceholderData || inbox.isPending);

  const at = tickets.findIndex((ticket) => ticket.id === cursor);
  const move = (by: number) => {
    const to = at < 0 ? 0 : Math.min(Math.max(at + by, 0), tickets.length - 1);
    const next = tickets[to];
    if (!next) return;
    setCursor(next.id);
    rows.current?.focus(to);
  };
  const open = (ticket: string | undefined) => onPlace({ ...place, ticket });
  const openCursor = () => cursor && open(cursor);
  const aside = cursor !== null && cursor !== place.ticket;

  useCommands([
    { group: "Approvals", label: "Next ticket", keys: "j", run: () => move(1), keysOnly: true },
    { group: "Approvals", label: "Previous ticket", keys: "k", run: () => move(-1), keysOnly: true },
    { group: "Approvals", label: "Open the ticket", keys: "Enter", run: openCursor, keysOnly: true },
    { group: "Approvals", label: "Search tickets", keys: "/", run: () => search.current?.focus() },
    ...(aside
      ? ["a", "d"].map((keys) => ({
          group: "Approvals",
          label: `${keys === "a" ? "Approve" : "Deny"} (opens the ticket first)`,
          keys,
          run: openCursor,
          keysOnly: true,
        }))
      : []),
    ...(place.ticket
      ? [{ group: "Approvals", label: "Close the ticket", keys: "Escape", run: () => open(undefined), keysOnly: true }]
      : []),
    ...views.map(({ view, label }) => ({ group: "Approvals", label, run: () => onPlace({ view }) })),
  ]);

  return (
    <div className={place.ticket ? "approvals approvals-open" : "approvals"}>
      <h1>Approvals</h1>
      <div className="approvals-list">
        <InboxHead
          place={place}
          onPlace={onPlace}
          counts={inbox.data?.pages[0]?.counts}
          tickets={tickets}
          searchRef={search}
        />
        <InboxList
          inbox={inbox}
          tickets={tickets}
          place={place}
          onCursor={setCursor}
          rows={rows}
          onClearFilters={() => onPlace({ view: place.view, ticket: place.ticket })}
        />
      </div>
      <div className="approvals-detail">
        {place.ticket ? (
          <TicketPane
            key={place.ticket}
            id={place.ticket}
            back={paths.approvals({ ...place, ticket: undefined })}
            keysHere={!aside}
            ToPublish={ToPublish}
          />
        ) : (
          <div className="approvals-aside">
            {guidance}
            <Empty icon="approvals" title="No ticket is open">
              J and K move through the list, Enter opens. Press ? for every key.
            </Empty>
          </div>
        )}
      </div>
    </div>
  );
}
