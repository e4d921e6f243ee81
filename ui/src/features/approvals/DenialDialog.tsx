// Asks why. The text is exactly what the requester gets; the presets only write into it.
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextArea } from "../../components/Field";
import { draftFor, keepDraft, presets, withPreset } from "./denial";

type Props = { ticket: string; onClose: () => void; onDeny: (reason: string) => void };

export function DenialDialog({ ticket, onClose, onDeny }: Props) {
  const form = useId();
  const [reason, setReason] = useState(() => draftFor(ticket));
  const [error, setError] = useState<string>();

  const write = (text: string) => {
    setReason(text);
    keepDraft(ticket, text);
    setError(undefined);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reason.trim()) onDeny(reason.trim());
    else setError("A denial needs a reason.");
  };

  return (
    <Dialog
      title="Deny this request"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="danger">
            Deny and sign…
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <p className="muted">One denial settles the ticket for everybody.</p>
        <fieldset className="denial-presets">
          <legend className="visually-hidden">Reasons to start from</legend>
          {presets.map((preset) => (
            <Button key={preset} small onClick={() => write(withPreset(reason, preset))}>
              {preset}
            </Button>
          ))}
        </fieldset>
        <TextArea
          label="Reason"
          hint="The requester gets these words as they are."
          value={reason}
          error={error}
          autoFocus
          onChange={({ target }) => write(target.value)}
        />
      </form>
    </Dialog>
  );
}
