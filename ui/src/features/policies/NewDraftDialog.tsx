// Begins a draft with what is in force.
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { useNewDraft } from "./use-new-draft";

export function NewDraftDialog({ version, onClose }: { version: number; onClose: () => void }) {
  const form = useId();
  const [title, setTitle] = useState("");
  const [tried, setTried] = useState(false);
  const { make, busy, problem } = useNewDraft(onClose);
  const isUntitled = title.trim() === "";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isUntitled) await make({ title: title.trim(), restores: null });
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
