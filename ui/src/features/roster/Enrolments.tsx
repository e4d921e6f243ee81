// Devices that wait. Whoever signs compares the key on both screens first.
import { useQueryClient } from "@tanstack/react-query";
import { Button } from "../../components/Button";
import { Facts } from "../../components/Facts";
import { Note } from "../../components/Note";
import { Section } from "../../components/Room";
import { Ago } from "../../components/Time";
import { WaitDialog } from "../../components/WaitDialog";
import { visible } from "../../lib/format";
import { useOfflineSince } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Enrolment } from "../../lib/shell/shell";
import { phaseText, useSigning } from "../../lib/shell/signing";
import { endingOf } from "./endings";

export function Enrolments({ enrolments, maySign }: { enrolments: Enrolment[]; maySign: boolean }) {
  const shell = useShell();
  const queries = useQueryClient();
  const offline = useOfflineSince() !== null;
  const { phase, end, sign } = useSigning();
  const ending = end && endingOf(end);

  const signFor = async (id: string) => {
    await sign(() => shell.signEnrolment(id));
    await queries.invalidateQueries({ queryKey: keys.roster });
  };

  return (
    <Section title="Waiting to be on the roster">
      <div className="stack">
        {ending && (
          <Note tone={ending.tone} title={ending.title}>
            {ending.text}
          </Note>
        )}
        {enrolments.map((enrolment) => (
          <article key={enrolment.id} className="card enrolment" aria-label={`${enrolment.name}, ${enrolment.device}`}>
            <Facts
              facts={[
                ["Person", <bdi key="name">{visible(enrolment.name)}</bdi>],
                ["Device", <bdi key="device">{visible(enrolment.device)}</bdi>],
                ["Would count for", enrolment.groups.join(", ") || "no group"],
                ["Asked", <Ago key="at" at={enrolment.requested_at} />],
                ["Key to compare", <code key="key">{enrolment.key_id}</code>],
              ]}
            />
            {maySign ? (
              <Button tone="primary" disabled={offline} onClick={() => signFor(enrolment.id)}>
                Sign…
              </Button>
            ) : (
              <p className="muted">Only a device on a trusted roster can sign it.</p>
            )}
          </article>
        ))}
      </div>
      {phase && (
        <WaitDialog
          title="Your signature"
          text={phaseText[phase]}
          onCancel={phase === "step_up" ? () => void shell.cancelSignIn().catch(() => {}) : undefined}
        />
      )}
    </Section>
  );
}
