// Who can do what today, as a difference: everybody that is known, each action, resource and environment, asked of both
// sets.
import { Note } from "../../../components/Note";
import { Tag } from "../../../components/Tag";
import { counted, visible } from "../../../lib/format";
import type { AccessRow } from "../../../lib/shell/shell";
import { answerWords, outcomeTone } from "../words";
import type { AccessChange } from "./access-change";
import { LensBar } from "./LensBar";
import type { Lens } from "./use-lens";

export type Presence = { changes: AccessChange[]; asked: number; isCut: boolean };

const SHOWN = 200;

export function Present({ lens }: { lens: Lens<Presence> }) {
  const { result } = lens;
  return (
    <div className="lens">
      <LensBar
        lens={lens}
        what="The comparison of who can do what"
        basis={result ? `${counted(result.asked, "combination")} asked of both sets` : undefined}
      />
      {result && (
        <div className={lens.isCurrent ? "present" : "present lens-stale"}>
          {result.isCut && (
            <Note tone="warning" title="Not all of it.">
              There are more rows than are compared; ask about one principal, action or environment by `countersign
              policy access`.
            </Note>
          )}
          {result.changes.length === 0 ? (
            <p>Nobody who is known today could do more or less.</p>
          ) : (
            <ul className="changes" aria-label="Who gains and who loses">
              {result.changes.slice(0, SHOWN).map((change) => (
                <ChangeRow key={change.key} change={change} />
              ))}
            </ul>
          )}
          {result.changes.length > SHOWN && (
            <p className="muted">… and {counted(result.changes.length - SHOWN, "more row")}.</p>
          )}
        </div>
      )}
    </div>
  );
}

function ChangeRow({ change }: { change: AccessChange }) {
  const { principal, name, action, resource, env, before, after, widens } = change;
  return (
    <li className={widens ? "change change-widens" : "change"}>
      <p>
        <strong title={principal}>
          <bdi>{visible(name)}</bdi>
        </strong>{" "}
        {visible(action)} on {visible(resource)} in {visible(env)}
      </p>
      <p className="chips">
        <Answer row={before} />
        <span className="muted">→</span>
        <Answer row={after} />
        <span className={widens ? "change-easier" : "change-stricter"}>{widens ? "easier" : "stricter"}</span>
      </p>
    </li>
  );
}

function Answer({ row }: { row: AccessRow | null }) {
  if (!row) return <Tag tone="danger">denied</Tag>;
  return (
    <Tag tone={outcomeTone[row.outcome]} title={row.because.join(", ")}>
      {answerWords(row.outcome, row.approvers)}
    </Tag>
  );
}
