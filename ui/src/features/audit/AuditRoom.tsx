// Every entry of the ledger, newest first, and whether the ledger still holds.
import { useMemo, useRef, useState } from "react";
import { Empty, Failed, Loading } from "../../components/Blank";
import { Button } from "../../components/Button";
import { useCommands } from "../../components/commands/commands";
import type { AuditPlace } from "../../lib/paths";
import type { AuditRow } from "../../lib/shell/shell";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";
import { EntryDrawer } from "./EntryDrawer";
import { IntegrityBadge } from "./IntegrityBadge";
import { useEntries } from "./queries";
import "./audit.css";

type Props = { place: AuditPlace; onPlace: (place: AuditPlace) => void };

export function AuditRoom({ place, onPlace }: Props) {
  const entries = useEntries(place);
  const rows = useMemo(() => entries.data?.pages.flatMap((page) => page.items) ?? [], [entries.data]);
  const [open, setOpen] = useState<AuditRow | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const filtered = Boolean(place.kind || place.about || place.text);

  useCommands([{ group: "Audit", label: "Search entries", keys: "/", run: () => search.current?.focus() }]);

  return (
    <div className="audit">
      <header className="audit-head">
        <h1>Audit</h1>
        <IntegrityBadge />
        <AuditFilters place={place} onPlace={onPlace} searchRef={search} />
      </header>
      {entries.isPending && <Loading what="entries" />}
      {entries.error && !entries.data && (
        <Failed title="The entries cannot be read." problem={entries.error} onRetry={() => entries.refetch()} />
      )}
      {entries.data && rows.length === 0 && filtered && (
        <Empty icon="search" title="No entry matches">
          <Button small onClick={() => onPlace({})}>
            Clear the filters
          </Button>
        </Empty>
      )}
      {entries.data && rows.length === 0 && !filtered && (
        <Empty icon="audit" title="Nothing was recorded yet">
          Every login, decision, ticket, review, task and change is written here within the same transaction.
        </Empty>
      )}
      {rows.length > 0 && (
        <AuditTable
          rows={rows}
          onOpen={setOpen}
          onEnd={() => entries.hasNextPage && !entries.isFetching && entries.fetchNextPage()}
        />
      )}
      {open && (
        <EntryDrawer
          key={open.id}
          row={open}
          onClose={() => setOpen(null)}
          onAbout={(about) => {
            setOpen(null);
            onPlace({ about });
          }}
        />
      )}
    </div>
  );
}
