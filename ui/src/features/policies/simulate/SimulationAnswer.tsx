// The answer to a question without effect, and what every policy of the set makes of it.
import { Sentence } from "../../../components/Sentence";
import { Tag, type TagTone } from "../../../components/Tag";
import { counted, lasting, visible } from "../../../lib/format";
import type { PolicyEffect, Requirement, Simulation, Standing } from "../../../lib/shell/shell";
import { effectTone, inWords, outcomeTone, outcomeWord } from "../words";

const standings: Record<Standing, { word: string; tone: TagTone }> = {
  applying: { word: "applies", tone: "accent" },
  not_applying: { word: "does not apply", tone: "neutral" },
  out_of_scope: { word: "out of scope", tone: "neutral" },
  failing: { word: "fails", tone: "danger" },
};
const loudness: Record<Standing, number> = { failing: 0, applying: 1, not_applying: 2, out_of_scope: 3 };

export function SimulationAnswer({ answer, isCurrent }: { answer: Simulation; isCurrent: boolean }) {
  const policies = [...answer.policies].sort(
    (one, other) =>
      Number(other.determining) - Number(one.determining) || loudness[one.standing] - loudness[other.standing],
  );
  return (
    <section aria-label="The answer" className={isCurrent ? "answer" : "answer lens-stale"}>
      <p className="answer-sentence">
        {inWords(answer.question)}: <Tag tone={outcomeTone[answer.outcome]}>{outcomeWord[answer.outcome]}</Tag>
      </p>
      <ul className="answer-reasons">
        {answer.reasons.map((reason) => (
          <li key={reason.policy}>
            <strong>{visible(reason.title)}</strong>: <Sentence text={reason.sentence} />
          </li>
        ))}
        {answer.reasons.length === 0 && answer.outcome === "deny" && <li>No policy permits it.</li>}
      </ul>
      {answer.requirement && <Required requirement={answer.requirement} />}
      <h2>What each policy makes of it</h2>
      <ul className="effects">
        {policies.map((policy) => (
          <Effect key={policy.policy} policy={policy} />
        ))}
      </ul>
    </section>
  );
}

function Effect({ policy }: { policy: PolicyEffect }) {
  const standing = standings[policy.standing];
  return (
    <li className={policy.determining ? "effect effect-determining" : "effect"}>
      <p>
        <Tag tone={standing.tone}>{standing.word}</Tag> <strong title={policy.policy}>{visible(policy.title)}</strong>{" "}
        <Tag tone={effectTone[policy.effect] ?? "neutral"}>{policy.effect}</Tag>{" "}
        {policy.determining && <span className="muted">determined the answer</span>}
      </p>
      <p className="muted">
        <Sentence text={policy.sentence} />
      </p>
    </li>
  );
}

function Required({ requirement }: { requirement: Requirement }) {
  const { quorum, groups } = requirement;
  return (
    <p>
      It takes {counted(quorum, "approver")}
      {groups.length > 0 && `, ${groups.map(visible).join(" and ")} among them`}, who logged in within{" "}
      {lasting(requirement.step_up_seconds)}; they have {lasting(requirement.approval_ttl_seconds)}, and the execution
      then {lasting(requirement.execution_ttl_seconds)}.
    </p>
  );
}
