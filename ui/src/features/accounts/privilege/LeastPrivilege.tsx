// Least privilege: what an account was given, held against what it used in a while, and a narrower grant that would do.
import { useState } from "react";
import { Empty, Failed, Loading } from "../../../components/Blank";
import { SelectField } from "../../../components/Field";
import { Note } from "../../../components/Note";
import { Section } from "../../../components/Room";
import { counted, onDay } from "../../../lib/format";
import { useMissingScope } from "../../../lib/shell/app-state";
import type { ServiceAccount, UsagePage } from "../../../lib/shell/shell";
import { useLivePolicies, useUsage } from "../queries";
import { ProposalPart } from "./ProposalPart";
import type { GrantReplayer } from "./replayer";
import { Strip, UsageTables } from "./UsageTables";
import "./privilege.css";

const periods = { 7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days", 366: "Last 366 days" };

type Props = { account: ServiceAccount; Replayer: GrantReplayer };

export function LeastPrivilege({ account: { name }, Replayer }: Props) {
  const [days, setDays] = useState(90);
  const [applied, setApplied] = useState(false);
  const missing = useMissingScope("accounts:read");
  const usage = useUsage(name, days, missing === null);
  return (
    <>
      <Section title="Least privilege">
        <div className="usage">
          <SelectField label="Used in the" value={days} onChange={({ target }) => setDays(Number(target.value))}>
            {Object.entries(periods).map(([number, words]) => (
              <option key={number} value={number}>
                {words}
              </option>
            ))}
          </SelectField>
          {applied && (
            <Note tone="success" title={`${name} holds the narrower grant.`}>
              It is in the audit trail, and what it lost can be given back by somebody who holds it.
            </Note>
          )}
          {missing ? (
            <Empty icon="lock" title="Usage is not for you to see">
              {missing}
            </Empty>
          ) : usage.data ? (
            <Used page={usage.data} />
          ) : usage.error ? (
            <Failed title="Its usage cannot be read." problem={usage.error} onRetry={() => usage.refetch()} />
          ) : (
            <Loading what="its usage" />
          )}
        </div>
      </Section>
      {usage.data && <Proposed page={usage.data} days={days} Replayer={Replayer} onApplied={() => setApplied(true)} />}
    </>
  );
}

function Used({ page: { usage } }: { page: UsagePage }) {
  const isUnsure = usage.complete && usage.scopes.some(({ use_of }) => use_of === "unknown");
  return (
    <>
      <p className="muted">
        {counted(usage.decisions, "decision")} from {onDay(usage.from)} to {onDay(usage.until)}.
        {isUnsure && " “Cannot be told” means that its use leaves no entry."}
      </p>
      {!usage.complete && (
        <Note tone="warning" title="Some of its decisions cannot be read.">
          Nothing is told to be unused, so no narrower grant is proposed.
        </Note>
      )}
      {usage.scopes.length > 0 && <Strip usage={usage} />}
      {usage.decisions === 0 && (
        <Note tone="info" title="It asked for no decision in that time.">
          A longer time, or waiting until it was at work, says more.
        </Note>
      )}
      <UsageTables usage={usage} />
    </>
  );
}

type ProposedProps = { page: UsagePage; days: number; Replayer: GrantReplayer; onApplied: () => void };

function Proposed({ page, days, Replayer, onApplied }: ProposedProps) {
  const set = useLivePolicies();
  const { proposal } = page.usage;
  if (!proposal) {
    return (
      <Section title="A narrower grant that would do">
        <p className="muted">There is none: everything that it was given was used, or may have been.</p>
      </Section>
    );
  }
  if (set.data) return <ProposalPart {...{ page, proposal, days, Replayer, onApplied }} set={set.data} />;
  return (
    <Section title="A narrower grant that would do">
      {set.error ? (
        <Failed title="The policies in force cannot be read." problem={set.error} onRetry={() => set.refetch()} />
      ) : (
        <Loading what="the policies in force" />
      )}
    </Section>
  );
}
