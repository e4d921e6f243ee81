// Makes a draft that brings a version back. Nothing changes until that draft is published, like any other.
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
import type { PolicyVersionSummary } from "../../../lib/shell/shell";
import { useRequestKey } from "../request-key";

export function RollBackDialog({ version, onClose }: { version: PolicyVersionSummary; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const keyOf = useRequestKey();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const number = version.version;

  const restore = async () => {
    setBusy(true);
    try {
      const request = { title: `Back to version ${number}`, texts: null, cases: null, restores: number };
      const draft = await shell.createPolicyDraft(request, keyOf(request));
      void queries.invalidateQueries({ queryKey: keys.policyDrafts });
      onClose();
      window.location.assign(paths.policyDraft(draft.id));
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    }
  };

  return (
    <Dialog
      title={`Roll back to version ${number}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" busy={busy} onClick={restore}>
            Make the draft
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          A draft is made with the texts and tests of version {number}, <strong>{visible(version.title)}</strong>. You
          see what it changes against what is in force now, and publish it like any other: it becomes a new version.
        </p>
        {problem && (
          <Note tone="danger" title="The draft was not made.">
            {problem.message}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
