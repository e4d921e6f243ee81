// What was given and what of it was used: drawn in one strip, then row by row with how often.
import { Table } from "../../../components/Table";
import { Ago } from "../../../components/Time";
import { counted, visible } from "../../../lib/format";
import type { AccountUsage, UseStanding } from "../../../lib/shell/shell";
import { Mark, Standing, standingWord } from "./Standing";

const order: UseStanding[] = ["used", "unused", "unknown"];

/** The shares of what was given, side by side. */
export function Strip({ usage }: { usage: AccountUsage }) {
  const count = (standing: UseStanding) => usage.scopes.filter(({ use_of }) => use_of === standing).length;
  const parts = order.map((standing) => ({ standing, count: count(standing) })).filter((part) => part.count > 0);
  const all = usage.scopes.length;
  let from = 0;
  return (
    <figure className="strip">
      <svg aria-hidden="true">
        <defs>
          <pattern id="strip-unused" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="6" height="6" className="strip-unused-ground" />
            <rect width="2" height="6" className="strip-unused-line" />
          </pattern>
        </defs>
        {parts.map(({ standing, count: size }) => {
          const x = (from / all) * 100;
          from += size;
          return (
            <rect
              key={standing}
              className={`strip-${standing}`}
              x={`${x}%`}
              width={`${(size / all) * 100}%`}
              height="100%"
            />
          );
        })}
      </svg>
      <figcaption>
        <strong>{counted(all, "scope")} given:</strong>
        {parts.map(({ standing, count: size }) => (
          <span key={standing} className={`standing standing-${standing}`}>
            <Mark of={standing} />
            {size} {standingWord[standing]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

type Row = {
  name: string;
  use_of?: UseStanding;
  times: number;
  last_used_at: string | null;
  granted?: boolean;
  sentence?: string;
};

export function UsageTables({ usage }: { usage: AccountUsage }) {
  // Where it asked for nothing, that was said once.
  const asked = usage.decisions > 0;
  return (
    <div className="usage-tables">
      <UseTable
        head="Scope"
        rows={usage.scopes.map(({ scope, ...rest }) => ({ name: scope, ...rest }))}
        none="It was given no scope."
      />
      <UseTable
        head="Resource"
        rows={usage.resources}
        none={asked && "It asked about no resource, and no pipeline names it."}
      />
      <UseTable
        head="Workspace"
        rows={usage.workspaces}
        none={asked && "It acted in no workspace, and is bound to none."}
      />
      <UseTable head="Environment" rows={usage.environments} none={asked && "It asked about no environment."} />
    </div>
  );
}

function UseTable({ head, rows, none }: { head: string; rows: Row[]; none: string | false }) {
  const most = Math.max(1, ...rows.map(({ times }) => times));
  if (rows.length === 0) return none && <p className="muted">{none}</p>;
  const hasUse = rows.some(({ use_of }) => use_of !== undefined);
  const hasGrants = rows.some(({ granted }) => granted !== undefined);
  return (
    <Table
      label={`${head}s and their use`}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        {
          head,
          cell: ({ name, sentence }) => (
            <code title={sentence}>
              <bdi>{visible(name)}</bdi>
            </code>
          ),
        },
        ...(hasGrants
          ? [
              {
                head: "Granted",
                cell: ({ granted }: Row) => (granted ? "by name" : <span className="muted">not by name</span>),
                narrow: true,
              },
            ]
          : []),
        ...(hasUse
          ? [{ head: "Use", cell: ({ use_of }: Row) => use_of && <Standing of={use_of} />, narrow: true }]
          : []),
        { head: "How often", cell: ({ times }) => <Times times={times} most={most} />, narrow: true },
        {
          head: "Last used",
          cell: ({ last_used_at }) =>
            last_used_at ? <Ago at={last_used_at} /> : <span className="muted">never seen</span>,
          narrow: true,
        },
      ]}
    />
  );
}

function Times({ times, most }: { times: number; most: number }) {
  return (
    <span className="times">
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
        <rect className="times-ground" width="100" height="8" />
        {times > 0 && <rect className="times-bar" width={Math.max(2, (times / most) * 100)} height="8" />}
      </svg>
      <span className="times-count">{times.toLocaleString("en")}</span>
    </span>
  );
}
