// What will happen if this draft is published, and publishing it: at once, or under a ticket. The control plane decides;
// what it refuses is shown in its words.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Check } from "../../../components/Field";
import { Note } from "../../../components/Note";
import { Sentence } from "../../../components/Sentence";
import { paths } from "../../../lib/paths";
import { Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import { keys } from "../../../lib/shell/freshness";
import type { Policies, PolicyVersion, Publication } from "../../../lib/shell/shell";
import type { Checking } from "../draft/use-checked";
import type { DraftLenses } from "../draft/use-draft-lenses";
import type { DraftWork } from "../draft/use-draft-work";
import { useTicket } from "../queries";
import { Published } from "./Published";
import { obstaclesTo, Summary } from "./Summary";

type Props = {
  work: DraftWork;
  checking: Checking;
  lenses: DraftLenses;
  set: Policies;
  live: PolicyVersion | null;
  onRebase: () => void;
  onClose: () => void;
};

export function PublishDialog({ work, checking, lenses, set, live, onRebase, onClose }: Props) {
  const shell = useShell();
  const queries = useQueryClient();
  const [done, setDone] = useState<Publication | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [onTrust, setOnTrust] = useState(false);
  const ticket = useTicket(work.saved.ticket);
  const approved = !work.isDirty && ticket.data?.state.name === "approved" ? work.saved.ticket : null;
  const obstacles = obstaclesTo(work, checking, lenses, set);

  const publish = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const saved = work.isDirty ? await work.save() : work.saved;
      if (!saved) throw new Problem("console.not_saved", "the draft could not be saved, so nothing was published");
      if (saved.digest !== checking.digest) {
        throw new Problem(
          "console.changed_elsewhere",
          "the draft is not what is on screen; look at it again before it is published",
        );
      }
      const request = { digest: saved.digest, ticket: approved, accept_unproved: onTrust };
      setDone(await shell.publishPolicyDraft(work.id, request));
      void queries.invalidateQueries({ queryKey: keys.policies });
      void queries.invalidateQueries({ queryKey: keys.inbox });
    } catch (thrown) {
      setProblem(problemFrom(thrown));
    } finally {
      setBusy(false);
    }
  };

  if (done) {
    return (
      <Dialog title={done.state === "published" ? "Published" : "Publishing needs approval"} onClose={onClose}>
        <Published done={done} />
      </Dialog>
    );
  }
  return (
    <Dialog
      title={approved ? "Publish what was approved" : "Publish this draft"}
      shape="broad"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button tone="primary" busy={busy} disabled={obstacles.length > 0} onClick={publish}>
            {work.isDirty ? "Save and publish" : approved ? "Publish now" : "Publish"}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Summary work={work} checking={checking} lenses={lenses} set={set} live={live} />
        {obstacles.length > 0 && (
          <Note tone="danger" title="It cannot be published as it is.">
            <ul className="obstacles">
              {obstacles.map((obstacle) => (
                <li key={obstacle}>
                  <Sentence text={obstacle} />
                </li>
              ))}
            </ul>
          </Note>
        )}
        {problem && (
          <Note
            tone="danger"
            title="Nothing was published."
            action={
              isConflict(problem) && (
                <Button small onClick={onRebase}>
                  Look at the difference…
                </Button>
              )
            }
          >
            {problem.message}
          </Note>
        )}
        {problem && isUnproved(problem) && (
          <Check
            label="Publish although an invariant could not be proved; the audit trail says so"
            on={onTrust}
            onChange={setOnTrust}
          />
        )}
        <p className="muted">
          The control plane checks all of it again. Publishing is itself under policy: it may need an approval, for
          exactly this text. What comes into force is version {set.version + 1}; going back is publishing version{" "}
          {set.version} again. <a href={paths.policyVersion(set.version)}>Version {set.version}</a>
        </p>
      </div>
    </Dialog>
  );
}

const isConflict = ({ code }: Problem) => /stale|conflict/.test(code);
const isUnproved = ({ code }: Problem) => /unproved/.test(code);
