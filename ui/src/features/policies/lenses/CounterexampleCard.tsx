// A concrete request for which two sets answer differently, as the ordinary engine answered it.

import { Button } from "../../../components/Button";
import { CopyButton } from "../../../components/Copyable";
import { Sentence } from "../../../components/Sentence";
import { Tag } from "../../../components/Tag";
import type { Counterexample, Outcome, Reason } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { inWords, outcomeTone, outcomeWord } from "../words";

export function CounterexampleCard({ example, onTest }: { example: Counterexample; onTest: MakeTest }) {
  const { question } = example;
  return (
    <article className="counterexample" aria-label="Counterexample">
      <p className="counterexample-who">{inWords(question)}</p>
      <dl className="answers">
        <Answer set="In force" outcome={example.live} reasons={example.live_reasons} />
        <Answer set="This draft" outcome={example.draft} reasons={example.draft_reasons} />
      </dl>
      <div className="counterexample-foot">
        <Button
          small
          onClick={() =>
            onTest({
              question,
              ticket: example.ticket,
              live: example.live,
              draft: example.draft,
              liveApprovers: null,
              draftApprovers: null,
            })
          }
        >
          Make a test of it…
        </Button>
        <details>
          <summary>The whole request</summary>
          <div className="json">
            <pre>{JSON.stringify(question, null, 2)}</pre>
            <CopyButton text={JSON.stringify(question, null, 2)} what="the request" />
          </div>
        </details>
      </div>
    </article>
  );
}

function Answer({ set, outcome, reasons }: { set: string; outcome: Outcome; reasons: Reason[] }) {
  return (
    <div>
      <dt>{set}</dt>
      <dd>
        <Tag tone={outcomeTone[outcome]}>{outcomeWord[outcome]}</Tag>{" "}
        {reasons.length === 0 ? (
          <span className="muted">no policy permits it</span>
        ) : (
          reasons.map((reason) => (
            <span key={reason.policy} title={reason.policy}>
              <Sentence text={reason.sentence} />{" "}
            </span>
          ))
        )}
      </dd>
    </div>
  );
}
