// What happened to a ticket, oldest first. A long middle is folded; decisions never are.
import { useState } from "react";
import { Button } from "../../components/Button";
import { At } from "../../components/Time";
import { visible } from "../../lib/format";
import type { TimelineStep } from "../../lib/shell/shell";

const ENDS = 5;
const decisions = ["ticket.reviewed", "ticket.consumed", "ticket.after_reviewed"];
const ends = ["ticket.expired", "ticket.cancelled", "ticket.revoked"];

export function Timeline({ steps }: { steps: TimelineStep[] }) {
  const [whole, setWhole] = useState(false);
  const { shown, folded } = whole ? { shown: steps, folded: 0 } : fold(steps);
  return (
    <section aria-label="Timeline">
      <h3>Timeline</h3>
      <ol className="timeline">
        {shown.map((step) => (
          <li key={`${step.at} ${step.kind} ${step.sentence}`} className={markOf(step.kind)}>
            <At at={step.at} />
            <span>{visible(step.sentence)}</span>
          </li>
        ))}
      </ol>
      {folded > 0 && (
        <Button small tone="quiet" onClick={() => setWhole(true)}>
          {folded} hidden · show all
        </Button>
      )}
    </section>
  );
}

function fold(steps: TimelineStep[]) {
  const shown = steps.filter((step, at) => at < ENDS || at >= steps.length - ENDS || step.kind === "ticket.reviewed");
  return { shown, folded: steps.length - shown.length };
}

function markOf(kind: string): string | undefined {
  if (decisions.includes(kind)) return "timeline-decision";
  if (kind.endsWith("_refused") || ends.includes(kind)) return "timeline-refusal";
  return undefined;
}
