// The tickets of a view, however many; or what will appear here.
import type { Ref } from "react";
import { Empty, Failed, Loading } from "../../components/Blank";
import { Button } from "../../components/Button";
import { VirtualRows, type VirtualRowsHandle } from "../../components/VirtualRows";
import { type ApprovalsPlace, paths } from "../../lib/paths";
import type { TicketSummary } from "../../lib/shell/shell";
import { InboxRow } from "./InboxRow";
import { type useInbox, views } from "./queries";

const ROW_HEIGHT = 78;

type Props = {
  inbox: ReturnType<typeof useInbox>;
  tickets: TicketSummary[];
  place: ApprovalsPlace;
  onCursor: (id: string) => void;
  rows: Ref<VirtualRowsHandle>;
  onClearFilters: () => void;
};

export function InboxList({ inbox, tickets, place, onCursor, rows, onClearFilters }: Props) {
  if (inbox.isPending || (tickets.length === 0 && inbox.hasNextPage)) return <Loading what="tickets" />;
  if (inbox.error && tickets.length === 0) {
    return <Failed title="The tickets cannot be read." problem={inbox.error} onRetry={() => inbox.refetch()} />;
  }
  if (tickets.length === 0) return <Nothing place={place} onClearFilters={onClearFilters} />;
  return (
    <VirtualRows
      role="list"
      label="Tickets"
      handle={rows}
      count={tickets.length}
      rowHeight={ROW_HEIGHT}
      keyOf={(index) => tickets[index]?.id ?? String(index)}
      onEnd={() => inbox.hasNextPage && !inbox.isFetching && inbox.fetchNextPage()}
      row={(index) => {
        const ticket = tickets[index];
        if (!ticket) return null;
        return (
          <InboxRow
            ticket={ticket}
            href={paths.approvals({ ...place, ticket: ticket.id })}
            open={ticket.id === place.ticket}
            onFocus={() => onCursor(ticket.id)}
          />
        );
      }}
    />
  );
}

function Nothing({ place, onClearFilters }: { place: ApprovalsPlace; onClearFilters: () => void }) {
  const view = views.find((known) => known.view === place.view);
  if (place.env || place.text) {
    return (
      <Empty icon="search" title="No ticket matches">
        <Button small onClick={onClearFilters}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  return (
    <Empty icon="approvals" title={view?.empty ?? "Nothing is here"}>
      {view?.coming}
    </Empty>
  );
}
