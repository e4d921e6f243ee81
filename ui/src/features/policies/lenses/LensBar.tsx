// How a lens stands: for which text its result is, how far it is, and how to stop it or ask again.
import { Button } from "../../../components/Button";
import { Note } from "../../../components/Note";
import { Tag } from "../../../components/Tag";
import { counted } from "../../../lib/format";
import type { Lens } from "./use-lens";
import "./lenses.css";

type Props = {
  lens: Lens<unknown>;
  what: string;
  basis?: string | undefined;
  /** What the result is of, and what makes it stale. */
  of?: string;
  movers?: string;
};

export function LensBar({ lens, what, basis, of = "text", movers = "The text" }: Props) {
  const { state, progress } = lens;
  return (
    <div className="lens-bar">
      {state === "running" && (
        <div className="lens-running" role="status">
          <progress
            aria-label={`Progress of ${what}`}
            max={progress?.total ?? undefined}
            value={progress?.total ? progress.done : undefined}
          />
          <span className="muted">{far(progress?.done, progress?.total)}</span>
          <Button small onClick={lens.cancel}>
            Cancel
          </Button>
        </div>
      )}
      {lens.result !== null && (
        <p className="lens-of">
          {lens.isCurrent ? (
            <Tag tone="accent">For this {of}</Tag>
          ) : (
            <Tag tone="warning" title={`${movers} or the set in force has changed since`}>
              Stale: for an earlier {of}
            </Tag>
          )}
          {basis && <span className="muted">{basis}</span>}
          {lens.isCurrent && (
            <Button small tone="quiet" onClick={lens.again}>
              Ask again
            </Button>
          )}
        </p>
      )}
      {state === "waiting" && lens.result === null && <p className="muted">It begins when the text compiles.</p>}
      {state === "cancelled" && (
        <Note tone="info" title="Cancelled." action={<Again lens={lens} />}>
          Nothing was found for this {of}.
        </Note>
      )}
      {state === "failed" && (
        <Note tone="danger" title={`${what} failed.`} action={<Again lens={lens} />}>
          {lens.problem?.message}
        </Note>
      )}
    </div>
  );
}

function Again({ lens }: { lens: Lens<unknown> }) {
  return (
    <Button small onClick={lens.again}>
      Try again
    </Button>
  );
}

function far(done: number | undefined, total: number | null | undefined): string {
  if (done === undefined) return "starting…";
  return total ? `${done.toLocaleString("en")} of ${total.toLocaleString("en")}` : counted(done, "decision");
}
