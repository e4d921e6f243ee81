// One recorded decision that would be another: what was asked, what was said, what would be said.

import { Button } from "../../../components/Button";
import { CopyButton } from "../../../components/Copyable";
import { Dialog } from "../../../components/Dialog";
import { Facts } from "../../../components/Facts";
import { Sentence } from "../../../components/Sentence";
import { Tag } from "../../../components/Tag";
import { atMoment, counted, visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import type { FlipGroup, FlipSample, Outcome } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { answerWords, inWords, outcomeTone } from "../words";

type Props = { group: FlipGroup; sample: FlipSample; asked: string; onTest?: MakeTest; onClose: () => void };

export function SampleDrawer({ group: { flip }, sample, asked, onTest, onClose }: Props) {
  const { question, decision } = sample;
  const json = JSON.stringify(question, null, 2);
  const test = () => {
    onClose();
    onTest?.({
      question,
      live: flip.from,
      draft: flip.to,
      liveApprovers: sample.approvers_before,
      draftApprovers: sample.approvers_after,
    });
  };
  return (
    <Dialog
      title="A decision that would be another"
      shape="drawer"
      onClose={onClose}
      footer={
        onTest && (
          <Button tone="primary" onClick={test}>
            Make a test of it…
          </Button>
        )
      }
    >
      <div className="sample">
        <p className="sample-sentence">{inWords(question)}.</p>
        <p>
          <Sentence text={`${sample.sentence.replace(/^./, (letter) => letter.toUpperCase())}.`} />
        </p>
        <dl className="answers">
          <Answer name="In force" outcome={flip.from} approvers={sample.approvers_before} policies={sample.before} />
          <Answer name={asked} outcome={flip.to} approvers={sample.approvers_after} policies={sample.after} />
        </dl>
        <Facts
          facts={[
            ["Asked", atMoment(question.now)],
            ["Decision", <code key="id">{decision}</code>],
            ["Alike", counted(sample.alike, "decision")],
            [
              "Ledger",
              sample.index === null ? null : (
                <a key="entry" href={paths.audit({ about: decision })}>
                  entry {sample.index}
                </a>
              ),
            ],
          ]}
        />
        <section aria-label="The question">
          <header className="section-head">
            <h3>The question</h3>
            <CopyButton text={json} what="the question" />
          </header>
          <pre className="well">{json}</pre>
        </section>
      </div>
    </Dialog>
  );
}

type AnswerProps = { name: string; outcome: Outcome; approvers: number | null; policies: string[] };

function Answer({ name, outcome, approvers, policies }: AnswerProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Tag tone={outcomeTone[outcome]}>{answerWords(outcome, approvers)}</Tag>{" "}
        {policies.length > 0 ? (
          <span className="muted">by {policies.map(visible).join(", ")}</span>
        ) : (
          <span className="muted">no policy permits it</span>
        )}
      </dd>
    </div>
  );
}
