// What is so for every possible request: proved, refuted by a concrete request, or not known. Not known is never safe.

import { Note } from "../../../components/Note";
import { Sentence } from "../../../components/Sentence";
import { Tag } from "../../../components/Tag";
import { counted, visible } from "../../../lib/format";
import type { Aspect, Comparison, Finding, Proof } from "../../../lib/shell/shell";
import type { MakeTest } from "../cases/case-from";
import { CounterexampleCard } from "./CounterexampleCard";
import { LensBar } from "./LensBar";
import type { Lens } from "./use-lens";
import { proofTone, proofWord } from "./verdict";

type Props = { lens: Lens<Comparison>; onTest: MakeTest; onLine: (line: number) => void };

const aspects: Record<Aspect, string> = {
  ceiling: "What can happen at all",
  unattended: "What can happen without an approval",
  approvers: "With how few approvers",
};

export function Proved({ lens, onTest, onLine }: Props) {
  const { result } = lens;
  const basis = result?.solver.name
    ? `by ${result.solver.name}, in ${result.took_ms.toLocaleString("en")} ms`
    : undefined;
  return (
    <div className="lens">
      <LensBar lens={lens} what="The proof" basis={basis} />
      {result?.solver.problem && (
        <Note tone="warning" title="Nothing can be proved here.">
          {result.solver.problem}
        </Note>
      )}
      {result && (
        <div className={lens.isCurrent ? undefined : "lens-stale"}>
          <ul className="proofs" aria-label="What is proved">
            {loudestFirst(result.proofs).map((proof) => (
              <li key={`${proof.aspect} ${proof.direction}`} className={`proof proof-${proofTone(proof)}`}>
                <ProofLine proof={proof} onTest={onTest} />
              </li>
            ))}
          </ul>
          <Findings findings={result.findings} onLine={onLine} />
        </div>
      )}
    </div>
  );
}

const loudness = { danger: 0, neutral: 1, warning: 2, success: 3 };

function loudestFirst(proofs: Proof[]): Proof[] {
  return [...proofs].sort((one, other) => loudness[proofTone(one)] - loudness[proofTone(other)]);
}

function ProofLine({ proof, onTest }: { proof: Proof; onTest: MakeTest }) {
  return (
    <>
      <p className="proof-aspect">{aspects[proof.aspect]}</p>
      <p>
        <strong className="proof-word">{proofWord(proof)}:</strong> <Sentence text={proof.sentence} />
        {proof.proved === "never" && <span className="muted"> ({counted(proof.kinds, "kind")} of request)</span>}
      </p>
      {proof.unknown.length > 0 && (
        <details>
          <summary>{counted(proof.unknown.length, "kind")} of request not known</summary>
          <ul className="kinds">
            {proof.unknown.map((kind) => (
              <li key={kind}>{visible(kind)}</li>
            ))}
          </ul>
        </details>
      )}
      {proof.counterexamples.map((example) => (
        <CounterexampleCard key={JSON.stringify(example.question)} example={example} onTest={onTest} />
      ))}
    </>
  );
}

/** What is odd about the policies. */
export function Findings({ findings, onLine }: { findings: Finding[]; onLine: (line: number) => void }) {
  if (findings.length === 0) return null;
  return (
    <section aria-label="Findings" className="findings">
      <h2>Findings</h2>
      <ul className="finding-list">
        {findings.map((finding) => (
          <li key={`${finding.policy} ${finding.kind}`}>
            <Tag tone={finding.grave ? "danger" : "warning"}>{finding.grave ? "Grave" : "Look"}</Tag>{" "}
            <button type="button" className="link" onClick={() => onLine(finding.line)}>
              {finding.policy}, line {finding.line}
            </button>{" "}
            <Sentence text={finding.sentence} />{" "}
            <span className="muted">{finding.proved ? "Proved." : "Seen in the text."}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
