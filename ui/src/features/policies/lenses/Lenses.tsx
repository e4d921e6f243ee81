// The three lenses on a draft and the simulator, side by side with the text: their verdicts always in sight, one of them
// open.
import { type Tab, Tabs } from "../../../components/Tabs";
import type { Lens } from "./use-lens";
import type { Verdict } from "./verdict";

type Props = { tabs: Tab[]; open: string; onOpen: (id: string) => void };

export function Lenses({ tabs, open, onOpen }: Props) {
  return (
    <aside className="lenses" aria-label="What this draft changes">
      <Tabs label="Lenses" open={open} onOpen={onOpen} tabs={tabs} />
    </aside>
  );
}

/** The name of a lens with its verdict below, also while it is computed anew. */
export function LensLabel<T>({
  name,
  lens,
  verdict,
}: {
  name: string;
  lens: Lens<T>;
  verdict: (result: T) => Verdict;
}) {
  const said = lens.result === null ? null : verdict(lens.result);
  const tone = lens.isCurrent ? (said?.tone ?? "neutral") : "neutral";
  return (
    <span className={`lens-label lens-label-${tone}`}>
      <span className="lens-name">
        {name}
        {lens.state === "running" && <span className="spinner" aria-hidden="true" />}
      </span>
      <span className="lens-verdict">{headline(lens, said)}</span>
    </span>
  );
}

function headline<T>(lens: Lens<T>, said: Verdict | null): string {
  if (lens.isCurrent && said) return said.text;
  if (lens.state === "failed") return "Failed";
  if (lens.state === "cancelled") return "Cancelled";
  if (lens.state === "running") return "Computing…";
  return said ? "Stale" : "Waiting";
}
