// What the draft would have said to every recorded decision: what flips, when, for whom; and how much of the log it
// speaks of.
import { useState } from "react";
import { SelectField } from "../../../components/Field";
import { Note } from "../../../components/Note";
import { Tabs } from "../../../components/Tabs";
import { Tag, type TagTone } from "../../../components/Tag";
import { At } from "../../../components/Time";
import { counted, onDay, visible } from "../../../lib/format";
import type { Coverage, Drift, FlipGroup, FlipSample, ReplayReport } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { inWords, outcomeWord } from "../words";
import { LensBar } from "./LensBar";
import { SampleDrawer } from "./SampleDrawer";
import { Shares } from "./Shares";
import { Timeline } from "./Timeline";
import type { Lens } from "./use-lens";
import { flipTone } from "./verdict";

/** How far back: days, or everything. */
export const ranges = { 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days", 0: "Everything" };
export type Range = keyof typeof ranges;

type Props = { lens: Lens<ReplayReport>; range: Range; onRange: (range: Range) => void; onTest: MakeTest };

export function Past({ lens, range, onRange, onTest }: Props) {
  const { result } = lens;
  const [open, setOpen] = useState<{ group: FlipGroup; sample: FlipSample } | null>(null);
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
      <LensBar lens={lens} what="The replay" basis={result ? span(result) : undefined} />
      {result && (
        <div className={lens.isCurrent ? "past" : "past lens-stale"}>
          <div>
            <p>{counted(result.same, "decision")} would be the same.</p>
            <Covered coverage={result.coverage} />
          </div>
          <Flips flips={result.flips} onOpen={(group, sample) => setOpen({ group, sample })} />
          <Timeline tallies={result.timeline} />
          {result.flips.length > 0 && (
            <Tabs
              label="Flips by"
              tabs={[
                { id: "who", label: "Who", content: <Shares label="Flips by principal" shares={result.principals} /> },
                { id: "what", label: "Action", content: <Shares label="Flips by action" shares={result.actions} /> },
                {
                  id: "on",
                  label: "Resource",
                  content: <Shares label="Flips by resource" shares={result.resources} />,
                },
                {
                  id: "env",
                  label: "Where",
                  content: <Shares label="Flips by environment" shares={result.environments} />,
                },
              ]}
            />
          )}
          <Drifted drift={result.drift} />
        </div>
      )}
      {open && <SampleDrawer {...open} onTest={onTest} onClose={() => setOpen(null)} />}
    </div>
  );
}

function span({ basis }: ReplayReport): string | undefined {
  return basis.from && basis.until ? `${onDay(basis.from)} to ${onDay(basis.until)}` : undefined;
}

function Covered({ coverage }: { coverage: Coverage }) {
  const missing = coverage.recorded - coverage.replayed;
  if (missing <= 0) return <p className="muted">All {coverage.recorded.toLocaleString("en")} were asked again.</p>;
  return (
    <details className="coverage">
      <summary>
        {missing.toLocaleString("en")} of {coverage.recorded.toLocaleString("en")} could not be asked again
      </summary>
      <ul className="kinds">
        {coverage.skipped.map(({ reason, count, example }) => (
          <li key={reason}>
            {count.toLocaleString("en")}: {visible(example)}
          </li>
        ))}
      </ul>
    </details>
  );
}

const tones: Record<string, TagTone> = { danger: "danger", warning: "warning" };

/** A kind of flip in words. */
function flipWords({ flip, widens }: FlipGroup): string {
  if (flip.from === flip.to) return widens ? "easier approval" : "stricter approval";
  return `${outcomeWord[flip.from]} → ${outcomeWord[flip.to]}`;
}

function Flips({ flips, onOpen }: { flips: FlipGroup[]; onOpen: (group: FlipGroup, sample: FlipSample) => void }) {
  if (flips.length === 0) return null;
  return (
    <ul className="flips" aria-label="Flips by kind">
      {flips.map((group) => (
        <li key={`${group.flip.from} ${group.flip.to} ${group.widens}`} className={`flip flip-${flipTone(group)}`}>
          <p className="flip-head">
            <strong>{group.count.toLocaleString("en")}</strong>
            <Tag tone={tones[flipTone(group)] ?? "neutral"}>{flipWords(group)}</Tag>
            <span className="muted">
              <At at={group.first} day /> to <At at={group.last} day />
            </span>
          </p>
          <ul className="samples">
            {group.samples.map((sample) => (
              <li key={sample.decision}>
                <button type="button" className="link" onClick={() => onOpen(group, sample)}>
                  {inWords(sample.question)}
                </button>{" "}
                <span className="muted">
                  {visible(sample.sentence)}
                  {sample.alike > 1 && `, and ${(sample.alike - 1).toLocaleString("en")} like it`}
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

function Drifted({ drift }: { drift: Drift }) {
  if (drift.by_older_sets + drift.unexplained === 0) return null;
  return (
    <section aria-label="Drift" className="drift">
      <h2>Recorded otherwise than the set in force says now</h2>
      {drift.by_older_sets > 0 && (
        <p>{counted(drift.by_older_sets, "decision")} by an older set: expected after a change.</p>
      )}
      {drift.unexplained > 0 && (
        <Note tone="danger" title={`${counted(drift.unexplained, "decision")} by this very set.`}>
          The record is not what was answered, or accounts and pipelines were changed since:{" "}
          {drift.examples.map((id) => (
            <code key={id}>{id} </code>
          ))}
        </Note>
      )}
    </section>
  );
}
