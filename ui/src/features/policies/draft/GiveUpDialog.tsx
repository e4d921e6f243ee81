// Gives a draft up, for everybody.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Note } from "../../../components/Note";
import { visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import { keys } from "../../../lib/shell/freshness";
import type { TaggedDraft } from "../../../lib/shell/shell";
import { forgetUnsaved } from "./unsaved";

export function GiveUpDialog({ tagged: { draft, tag }, onClose }: { tagged: TaggedDraft; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const remove = async () => {
    setBusy(true);
    try {
      await shell.discardPolicyDraft(draft.id, tag);
      forgetUnsaved(draft.id);
      onClose();
      window.location.assign(paths.policies());
      void queries.invalidateQueries({ queryKey: keys.policyDrafts });
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Give a draft up"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button tone="danger" busy={busy} onClick={remove}>
            Give it up
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          <strong>{visible(draft.title)}</strong> is deleted for everybody, with its tests and with what you did not
          save.{draft.ticket && " The ticket for its publication ends."} What is in force stays as it is.
        </p>
        {problem && (
          <Note tone="danger" title="The draft was not given up.">
            {problem.message}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
