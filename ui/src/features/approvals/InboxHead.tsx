// The head of the list: the views with their counts, the search and the filters that are on.
import type { Ref } from "react";
import { FilterPill } from "../../components/FilterPill";
import { SearchField } from "../../components/SearchField";
import { type ApprovalsPlace, paths } from "../../lib/paths";
import type { TicketCounts, TicketSummary } from "../../lib/shell/shell";
import { views } from "./queries";

type Props = {
  place: ApprovalsPlace;
  onPlace: (place: ApprovalsPlace, replace?: boolean) => void;
  counts: TicketCounts | undefined;
  tickets: TicketSummary[];
  searchRef: Ref<HTMLInputElement>;
};

export function InboxHead({ place, onPlace, counts, tickets, searchRef }: Props) {
  const filter = (change: Partial<ApprovalsPlace>) => onPlace({ ...place, ...change }, true);
  return (
    <div className="inbox-head">
      <nav className="inbox-views" aria-label="Views">
        {views.map(({ view, label }) => (
          <a key={view} href={paths.approvals({ view })} aria-current={view === place.view ? "page" : undefined}>
            {label} <span className="inbox-count">{counts?.[view]?.toLocaleString("en") ?? ""}</span>
          </a>
        ))}
      </nav>
      <SearchField
        label="Search tickets"
        ref={searchRef}
        text={place.text ?? ""}
        onText={(text) => filter({ text: text || undefined })}
      />
      <EnvironmentPills tickets={tickets} chosen={place.env} onChoose={(env) => filter({ env })} />
    </div>
  );
}

type PillsProps = {
  tickets: TicketSummary[];
  chosen: string | undefined;
  onChoose: (env: string | undefined) => void;
};

function EnvironmentPills({ tickets, chosen, onChoose }: PillsProps) {
  const counts = new Map<string, number>(chosen ? [[chosen, 0]] : []);
  for (const { env } of tickets) counts.set(env, (counts.get(env) ?? 0) + 1);
  if (counts.size < 2 && !chosen) return null;
  return (
    <fieldset className="inbox-filters">
      <legend className="visually-hidden">Only of one environment</legend>
      {[...counts].sort().map(([env, count]) => (
        <FilterPill
          key={env}
          label={env}
          count={count}
          on={env === chosen}
          onToggle={() => onChoose(env === chosen ? undefined : env)}
        />
      ))}
    </fieldset>
  );
}
