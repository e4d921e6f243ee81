// A narrower grant that would do: what it takes away, what it would have changed, and giving it. It is given only after a
// replay of exactly this grant, on the account and the policies as they are.
import { useCallback, useRef, useState } from "react";
import { Button } from "../../../components/Button";
import { Section } from "../../../components/Room";
import { useMissingScope } from "../../../lib/shell/app-state";
import type { Policies, ReplayReport, UsagePage, UsageProposal } from "../../../lib/shell/shell";
import { ApplyDialog } from "./ApplyDialog";
import { GrantDiff } from "./GrantDiff";
import { type Found, type GrantReplayer, nameOf } from "./replayer";

type Props = {
  page: UsagePage;
  proposal: UsageProposal;
  days: number;
  set: Policies;
  Replayer: GrantReplayer;
  onApplied: () => void;
};

export function ProposalPart({ page, proposal, days, set, Replayer, onApplied }: Props) {
  const [asked, setAsked] = useState<string | null>(null);
  const [found, setFound] = useState<Found | null>(null);
  const [applying, setApplying] = useState<string | null>(null);
  const region = useRef<HTMLDivElement>(null);
  const hear = useCallback((of: string, report: ReplayReport) => {
    setFound({ of, report });
    // Whoever waited on the button that cancels stays here.
    if (document.activeElement === document.body) region.current?.focus({ preventScroll: true });
  }, []);
  const cannotReplay = [useMissingScope("audit:read"), useMissingScope("policies:read")].find(Boolean);
  const cannotApply = useMissingScope("accounts:write");

  const name = nameOf(page, proposal.grant, days, set.digest);
  const isAsked = asked === name;
  const report = found?.of === name && found.report.basis.live === set.digest ? found.report : null;
  const request = { subject: "live", from: page.usage.from, until: null, grant: proposal.grant } as const;
  const replay = () => {
    setAsked(name);
    // The button goes; what can be done next is in here.
    region.current?.focus();
  };
  return (
    <Section title="A narrower grant that would do">
      <div className="card stack">
        <GrantDiff account={page.account} proposal={proposal} />
        <div className="proposal-actions">
          {!isAsked && (
            <Button tone={report ? "plain" : "primary"} disabled={Boolean(cannotReplay)} onClick={replay}>
              Replay its decisions
            </Button>
          )}
          <Button
            tone={report ? "primary" : "plain"}
            disabled={!report || Boolean(cannotApply)}
            onClick={() => setApplying(name)}
          >
            Apply…
          </Button>
          <span className="muted">{whyNot(cannotReplay ?? cannotApply, found !== null, report !== null)}</span>
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls of a form */}
        <div ref={region} role="group" tabIndex={-1} aria-label="The replay" className="proposal-replay">
          {asked !== null && <Replayer of={isAsked ? name : null} request={request} onFound={hear} />}
        </div>
      </div>
      {applying === name && report && (
        <ApplyDialog
          page={page}
          proposal={proposal}
          report={report}
          onApplied={onApplied}
          onClose={() => setApplying(null)}
        />
      )}
    </Section>
  );
}

function whyNot(missing: string | null | undefined, wasFound: boolean, isCurrent: boolean): string | null {
  if (missing) return missing;
  if (isCurrent) return null;
  return wasFound
    ? "The account, the time or the policies changed since the replay."
    : "It can be applied after a replay has shown what would have been another.";
}
