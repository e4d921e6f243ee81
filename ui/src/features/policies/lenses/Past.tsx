// What the draft would have said to every recorded decision.
import { SelectField } from "../../../components/Field";
import { onDay } from "../../../lib/format";
import type { ReplayReport } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { LensBar } from "./LensBar";
import { Replayed } from "./Replayed";
import type { Lens } from "./use-lens";

/** How far back: days, or everything. */
export const ranges = { 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days", 0: "Everything" };
export type Range = keyof typeof ranges;

type Props = { lens: Lens<ReplayReport>; range: Range; onRange: (range: Range) => void; onTest: MakeTest };

export function Past({ lens, range, onRange, onTest }: Props) {
  const { result } = lens;
  return (
    <div className="lens">
      <SelectField
        label="Recorded decisions of"
        value={range}
        onChange={({ target }) => onRange(Number(target.value) as Range)}
      >
        {Object.entries(ranges).map(([days, name]) => (
          <option key={days} value={days}>
            {name}
          </option>
        ))}
      </SelectField>
      <LensBar lens={lens} what="The replay" basis={result ? spanOf(result) : undefined} />
      {result && <Replayed result={result} isCurrent={lens.isCurrent} onTest={onTest} />}
    </div>
  );
}

/** From the first to the last decision that was asked again. */
export function spanOf({ basis }: ReplayReport): string | undefined {
  return basis.from && basis.until ? `${onDay(basis.from)} to ${onDay(basis.until)}` : undefined;
}
