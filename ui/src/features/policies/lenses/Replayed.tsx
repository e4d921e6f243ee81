// What a replay found: what flips, when, for whom; and how much of the log it speaks of.

import { useState } from "react";
import { Note } from "../../../components/Note";
import { Sentence } from "../../../components/Sentence";
import { Tabs } from "../../../components/Tabs";
import { Tag, type TagTone } from "../../../components/Tag";
import { At } from "../../../components/Time";
import { counted, visible } from "../../../lib/format";
import type { Coverage, Drift, FlipGroup, FlipSample, ReplayReport } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { inWords, outcomeWord } from "../words";
import { SampleDrawer } from "./SampleDrawer";
import { Shares } from "./Shares";
import { Timeline } from "./Timeline";
import { flipTone } from "./verdict";

type Props = {
  result: ReplayReport;
  isCurrent: boolean;
  /** What decisions were asked of instead of the set in force. */
  asked?: string;
  /** Makes a test of a flip, where there is a draft to hold it. */
  onTest?: MakeTest;
};

export function Replayed({ result, isCurrent, asked = "This draft", onTest }: Props) {
  const [open, setOpen] = useState<{ group: FlipGroup; sample: FlipSample } | null>(null);
  return (
    <>
      <div className={isCurrent ? "past" : "past lens-stale"}>
        <div>
          {result.coverage.recorded === 0 ? (
            <p>No decision was recorded in that time.</p>
          ) : (
            <>
              <p>{counted(result.same, "decision")} would be the same.</p>
              <Covered coverage={result.coverage} />
            </>
          )}
        </div>
        <Flips flips={result.flips} onOpen={(group, sample) => setOpen({ group, sample })} />
        <Timeline tallies={result.timeline} />
        {result.flips.length > 0 && (
          <Tabs
            label="Flips by"
            tabs={[
              { id: "who", label: "Who", content: <Shares label="Flips by principal" shares={result.principals} /> },
              { id: "what", label: "Action", content: <Shares label="Flips by action" shares={result.actions} /> },
              { id: "on", label: "Resource", content: <Shares label="Flips by resource" shares={result.resources} /> },
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
      {open && <SampleDrawer {...open} asked={asked} {...(onTest && { onTest })} onClose={() => setOpen(null)} />}
    </>
  );
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
                  <Sentence text={sample.sentence} />
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
