// Begins a draft with what is in force.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { paths } from "../../lib/paths";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import { useRequestKey } from "./request-key";

export function NewDraftDialog({ version, onClose }: { version: number; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const [title, setTitle] = useState("");
  const [tried, setTried] = useState(false);
  const keyOf = useRequestKey();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isUntitled = title.trim() === "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (isUntitled) return;
    setBusy(true);
    try {
      const request = { title: title.trim(), texts: null, cases: null, restores: null };
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
      title="Begin a draft"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary" busy={busy}>
            Begin
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <TextField
          label="What it is for"
          hint={`It begins with the texts and tests of version ${version}. Nothing is in force before it is published.`}
          maxLength={200}
          placeholder="one approver is enough for the nightly run"
          value={title}
          error={tried && isUntitled ? "Say what it is for." : undefined}
          onChange={({ target }) => setTitle(target.value)}
        />
        {problem && (
          <Note tone="danger" title="The draft was not made.">
            {problem.message}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
