// Whether the ledger holds, in a word; behind it the signed note and a way to check again.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button";
import { Copyable } from "../../components/Copyable";
import { Dialog } from "../../components/Dialog";
import { Facts } from "../../components/Facts";
import { Icon } from "../../components/Icon";
import { Note } from "../../components/Note";
import { atMoment } from "../../lib/format";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Integrity } from "../../lib/shell/shell";
import { useIntegrity } from "./queries";

export function IntegrityBadge() {
  const { data } = useIntegrity();
  const [open, setOpen] = useState(false);
  if (!data) return null;
  return (
    <>
      <button type="button" className={`integrity integrity-${data.state}`} onClick={() => setOpen(true)}>
        <Icon name={data.state === "broken" ? "warning" : "lock"} />
        {badgeText(data)}
      </button>
      {open && <IntegrityDrawer integrity={data} onClose={() => setOpen(false)} />}
    </>
  );
}

function badgeText({ state, size }: Integrity): string {
  if (state === "broken") return "The ledger does not hold";
  if (state === "unknown") return "Not verified yet";
  return `Verified to checkpoint #${size ?? 0}`;
}

function IntegrityDrawer({ integrity, onClose }: { integrity: Integrity; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const check = async () => {
    setBusy(true);
    setProblem(null);
    await shell.checkIntegrity().then(
      (fresh) => queries.setQueryData(keys.integrity, fresh),
      (thrown) => setProblem(problemFrom(thrown)),
    );
    setBusy(false);
  };

  const { origin, size, root, note, checked_at } = integrity;
  return (
    <Dialog title="Ledger" shape="drawer" onClose={onClose}>
      <div className="entry">
        {integrity.state === "verified" && (
          <Note tone="success" title="Verified.">
            The checkpoint’s signature holds, it continues what this console saw before, and its entries are in it.
          </Note>
        )}
        {integrity.state === "broken" && (
          <Note tone="danger" title="The ledger does not hold.">
            {integrity.problem}
          </Note>
        )}
        {integrity.state === "unknown" && <Note tone="info" title="This console has not looked at the ledger yet." />}
        {problem && (
          <Note tone="danger" title="The check could not be made.">
            {problem.message}
          </Note>
        )}
        <Facts
          facts={[
            ["Ledger", origin && <code key="origin">{origin}</code>],
            ["Checkpoint", size === null ? null : `#${size}`],
            ["Root hash", root && <code key="root">{root}</code>],
            ["Checked", checked_at && atMoment(checked_at)],
          ]}
        />
        <div>
          <Button busy={busy} onClick={check}>
            Check now
          </Button>
        </div>
        {note && (
          <section aria-label="The signed note">
            <h3>The signed note</h3>
            <Copyable text={note} what="the signed note" />
          </section>
        )}
      </div>
    </Dialog>
  );
}

/** Tells everywhere that the ledger does not hold. Nothing while it does. */
export function BrokenLedger({ href }: { href: string }) {
  const { data } = useIntegrity();
  if (data?.state !== "broken") return null;
  return (
    <Note banner tone="danger" title="The ledger does not hold." action={<a href={href}>Open Audit</a>}>
      {data.problem}
    </Note>
  );
}
