// One entry: what it says, the exact leaf, and the proof that it is in the ledger.
import { useState } from "react";
import { Button } from "../../components/Button";
import { CopyButton } from "../../components/Copyable";
import { Dialog } from "../../components/Dialog";
import { Facts } from "../../components/Facts";
import { Note } from "../../components/Note";
import { atMoment, visible } from "../../lib/format";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import type { AuditRow, Inclusion } from "../../lib/shell/shell";

type Props = { row: AuditRow; onClose: () => void; onAbout: (id: string) => void };

export function EntryDrawer({ row, onClose, onAbout }: Props) {
  const { about } = row;
  return (
    <Dialog title={row.kind} shape="drawer" onClose={onClose}>
      <div className="entry">
        <p className="entry-sentence">
          <bdi>{visible(row.sentence)}</bdi>
        </p>
        <Facts
          facts={[
            ["Index", row.index === null ? "not in the ledger yet" : String(row.index)],
            ["Time", atMoment(row.at)],
            ["Who", row.principal && <code key="who">{row.principal}</code>],
            [
              "About",
              about && (
                <span key="about">
                  <code>{about}</code>{" "}
                  <Button small tone="quiet" onClick={() => onAbout(about)}>
                    Everything about it
                  </Button>
                </span>
              ),
            ],
            ["Entry", <code key="id">{row.id}</code>],
          ]}
        />
        <Proof id={row.id} />
        <section aria-label="The leaf">
          <header className="entry-leaf-head">
            <h3>The leaf</h3>
            <CopyButton text={row.json} what="the leaf" />
          </header>
          <pre className="entry-leaf">{row.json}</pre>
        </section>
      </div>
    </Dialog>
  );
}

function Proof({ id }: { id: string }) {
  const shell = useShell();
  const [proof, setProof] = useState<Inclusion | Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const prove = async () => {
    setBusy(true);
    setProof(await shell.auditInclusion(id).catch(problemFrom));
    setBusy(false);
  };

  return (
    <div className="entry-proof">
      <Button busy={busy} onClick={prove}>
        Prove inclusion
      </Button>
      {proof && "included" in proof && (
        <Note tone={proof.included ? "success" : "danger"} title={proof.included ? "Included." : "Not proved."}>
          {proof.sentence}
        </Note>
      )}
      {proof && !("included" in proof) && (
        <Note tone="danger" title="The proof could not be had.">
          {proof.message}
        </Note>
      )}
    </div>
  );
}
