// The entries as a table in which only what is seen exists.
import { useSyncExternalStore } from "react";
import { VirtualRows } from "../../components/VirtualRows";
import { atMoment, atTime, onDay, visible } from "../../lib/format";
import type { AuditRow } from "../../lib/shell/shell";

type Props = { rows: AuditRow[]; onOpen: (row: AuditRow) => void; onEnd: () => void };

export function AuditTable({ rows, onOpen, onEnd }: Props) {
  const narrow = useIsNarrow();
  return (
    <div className="audit-table" role="table" aria-label="Entries, newest first" aria-rowcount={rows.length + 1}>
      <div role="rowgroup" className="audit-columns">
        <div role="row" aria-rowindex={1} className="audit-row audit-row-head">
          <span role="columnheader">Index</span>
          <span role="columnheader">Time (UTC)</span>
          <span role="columnheader">Kind</span>
          <span role="columnheader">Who</span>
          <span role="columnheader">What</span>
        </div>
      </div>
      <VirtualRows
        role="rowgroup"
        count={rows.length}
        rowHeight={narrow ? 56 : 33}
        keyOf={(index) => rows[index]?.id ?? String(index)}
        onEnd={onEnd}
        row={(index) => {
          const row = rows[index];
          return row && <Row row={row} before={rows[index - 1]} at={index} onOpen={() => onOpen(row)} />;
        }}
      />
    </div>
  );
}

type RowProps = { row: AuditRow; before: AuditRow | undefined; at: number; onOpen: () => void };

function Row({ row, before, at, onOpen }: RowProps) {
  const newDay = !before || onDay(before.at) !== onDay(row.at);
  return (
    <div role="row" aria-rowindex={at + 2} className={`audit-row audit-${loudness(row.kind)}`} onClick={onOpen}>
      <span role="cell" className="audit-index">
        {row.index ?? "…"}
      </span>
      <span role="cell" className="audit-time">
        <time dateTime={row.at} title={atMoment(row.at)}>
          {newDay && <span>{onDay(row.at)} </span>}
          {atTime(row.at)}
        </time>
      </span>
      <span role="cell" className="audit-kind">
        {row.kind}
      </span>
      <span role="cell" className="audit-who" title={row.principal ?? undefined}>
        {row.principal ?? "–"}
      </span>
      <span role="cell" className="audit-what">
        <button
          type="button"
          onClick={(event) => {
            event.stopPropagation();
            onOpen();
          }}
        >
          <bdi>{visible(row.sentence)}</bdi>
        </button>
      </span>
    </div>
  );
}

function loudness(kind: string): string {
  if (kind.endsWith("_refused") || kind.endsWith(".refused") || kind.endsWith(".failed")) return "loud";
  if (kind === "ticket.reviewed" || kind === "ticket.consumed" || kind.startsWith("roster.")) return "firm";
  return "calm";
}

function useIsNarrow(): boolean {
  const query = () => window.matchMedia("(max-width: 760px)");
  return useSyncExternalStore(
    (changed) => {
      const list = query();
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => query().matches,
  );
}
