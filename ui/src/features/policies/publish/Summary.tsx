// A draft in a few lines before it is published: what it changes, what its tests say, and what the three lenses saw.
import type { ReactNode } from "react";
import { Tag, type TagTone } from "../../../components/Tag";
import { counted, visible } from "../../../lib/format";
import type { Policies, Policy, PolicyVersion } from "../../../lib/shell/shell";
import type { Checking } from "../draft/use-checked";
import type { DraftLenses } from "../draft/use-draft-lenses";
import type { DraftWork } from "../draft/use-draft-work";
import type { Lens } from "../lenses/use-lens";
import { pastVerdict, presentVerdict, provedVerdict, type Verdict } from "../lenses/verdict";
import { TextsDiff } from "../versions/TextsDiff";
import { changedPolicies } from "./changed-policies";

type Props = { work: DraftWork; checking: Checking; lenses: DraftLenses; set: Policies; live: PolicyVersion | null };

const tones: Record<Verdict["tone"], TagTone> = {
  danger: "danger",
  warning: "warning",
  success: "success",
  neutral: "neutral",
};

/** What keeps the draft from being published, as far as that is known here. */
export function obstaclesTo(work: DraftWork, checking: Checking, lenses: DraftLenses, set: Policies): string[] {
  const { tests, proved } = lenses;
  const failed = tests.isCurrent ? (tests.result?.failed ?? 0) : 0;
  // What brings an older version back is not kept from it: in an emergency that is the safer set.
  const brings = proved.isCurrent && work.saved.restores === null ? (proved.result?.findings ?? []) : [];
  const isStale = work.saved.stale || work.saved.base_version < set.version;
  return [
    work.title.trim() === "" && "It has no title.",
    work.isElsewhere && "Somebody else changed it meanwhile; choose which to keep.",
    checking.isCurrent && checking.digest === null && "It does not compile.",
    !checking.isCurrent && "It is still being checked.",
    failed > 0 && `${counted(failed, "test")} failing.`,
    ...brings.filter(({ grave }) => grave).map(({ sentence }) => `${sentence}.`),
    isStale && `It was made from version ${work.saved.base_version}, and version ${set.version} is in force.`,
  ].filter((obstacle) => obstacle !== false);
}

export function Summary({ work, checking, lenses, set, live }: Props) {
  const { added, removed, changed } = changedPolicies(
    set.policies,
    checking.digest ? (checking.checked?.policies ?? []) : [],
  );
  const invariants = checking.checked?.invariants ?? [];
  const kept = new Set(work.cases.map((test) => JSON.stringify(test)));
  const dropped = live ? live.cases.filter((test) => !kept.has(JSON.stringify(test))).length : 0;
  return (
    <div className="summary">
      <dl className="summary-lines">
        <Line name="Policies">
          {checking.digest === null ? (
            <span className="muted">not known while it does not compile</span>
          ) : (
            <>
              <Ids word="adds" tone="accent" policies={added} />
              <Ids word="changes" tone="calm" policies={changed} />
              <Ids word="removes" tone="warning" policies={removed} />
              {added.length + changed.length + removed.length === 0 && <span className="muted">none changes</span>}
            </>
          )}
        </Line>
        <Line name="Tests">
          <Tests lens={lenses.tests} work={work} />
          {dropped > 0 && live && (
            <Tag tone="warning">
              without {counted(dropped, "test")} of version {live.version}
            </Tag>
          )}
        </Line>
        <Line name="Invariants">
          {checking.digest === null ? (
            <span className="muted">not known while it does not compile</span>
          ) : (
            <span className="muted">
              {invariants.length === 0
                ? "there are none"
                : `${counted(invariants.length, "invariant")}, proved by the control plane when it is published; a broken one stops it`}
            </span>
          )}
        </Line>
        <Line name="Proved">
          <Seen lens={lenses.proved} verdict={provedVerdict} />
        </Line>
        <Line name="Past">
          <Seen lens={lenses.past} verdict={pastVerdict} />
        </Line>
        <Line name="Present">
          <Seen lens={lenses.present} verdict={({ changes }) => presentVerdict(changes)} />
        </Line>
      </dl>
      {live && (
        <details className="summary-diff">
          <summary>The difference to version {set.version}</summary>
          <TextsDiff before={live.texts} after={work.texts} />
        </details>
      )}
    </div>
  );
}

function Tests({ lens, work }: { lens: DraftLenses["tests"]; work: DraftWork }) {
  if (work.cases.length === 0) return <Tag tone="warning">there are none</Tag>;
  const report = lens.isCurrent ? lens.result : null;
  if (!report) return <span className="muted">not run yet</span>;
  return report.failed > 0 ? (
    <Tag tone="danger">{counted(report.failed, "test")} failing</Tag>
  ) : (
    <Tag tone="success">{counted(report.passed, "test")} passing</Tag>
  );
}

export function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="chips">{children}</dd>
    </div>
  );
}

function Ids({ word, tone, policies }: { word: string; tone: TagTone; policies: Policy[] }) {
  return policies.map(({ id, title }) => (
    <Tag key={id} tone={tone} title={visible(title)}>
      {word} {visible(id)}
    </Tag>
  ));
}

function Seen<T>({ lens, verdict }: { lens: Lens<T>; verdict: (result: T) => Verdict }) {
  if (!lens.isCurrent || lens.result === null) {
    const word = { failed: "it failed", cancelled: "it was cancelled", running: "still computing" }[
      lens.state as string
    ];
    return <span className="muted">{word ?? "not computed for this text"}</span>;
  }
  const { tone, text } = verdict(lens.result);
  return <Tag tone={tones[tone]}>{text}</Tag>;
}
