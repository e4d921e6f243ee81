// Gives an account a narrower grant, once more after what the replay found was said.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Check } from "../../../components/Field";
import { Note } from "../../../components/Note";
import { counted } from "../../../lib/format";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import { keys } from "../../../lib/shell/freshness";
import type { ReplayReport, UsagePage, UsageProposal } from "../../../lib/shell/shell";
import { GrantDiff } from "./GrantDiff";
import { harmOf } from "./replayer";

type Props = {
  page: UsagePage;
  proposal: UsageProposal;
  report: ReplayReport;
  onApplied: () => void;
  onClose: () => void;
};

export function ApplyDialog({ page, proposal, report, onApplied, onClose }: Props) {
  const shell = useShell();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [understood, setUnderstood] = useState(false);
  const { account, tag } = page;
  const { denied, missed } = harmOf(report);
  const isEmpty = page.usage.decisions === 0;
  const isHarmless = denied === 0 && missed === 0 && !isEmpty;

  const apply = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await shell.narrowAccount({ name: account.name, grant: proposal.grant, tag, policy_set: report.basis.live });
      onApplied();
      onClose();
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    } finally {
      void queries.invalidateQueries({ queryKey: keys.accounts });
    }
  };

  return (
    <Dialog
      title={`Narrow what ${account.name} may do`}
      shape="wide"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button
            tone={denied > 0 ? "danger" : "primary"}
            busy={busy}
            disabled={!isHarmless && !understood}
            onClick={apply}
          >
            Apply it
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>It takes effect at the next request. To give a scope back, somebody who holds it must do so.</p>
        <GrantDiff account={account} proposal={proposal} />
        {denied > 0 && (
          <Note tone="danger" title={`${counted(denied, "recorded decision")} would have been denied.`}>
            What asked for them fails from then on.
          </Note>
        )}
        {isEmpty && (
          <Note tone="warning" title="It asked for no decision in that time.">
            So the replay says nothing about what it will need.
          </Note>
        )}
        {missed > 0 && (
          <Note tone="warning" title={`${counted(missed, "recorded decision")} could not be asked again.`}>
            Nobody knows what they would have been.
          </Note>
        )}
        {isHarmless ? (
          <Note tone="success" title="Nothing that it asked for would have been denied." />
        ) : (
          <Check label="Apply it all the same" on={understood} onChange={setUnderstood} />
        )}
        {problem && (
          <Note tone="danger" title="The account is as it was.">
            {problem.message}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
