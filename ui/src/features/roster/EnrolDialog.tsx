// Asks for this device's key to be put on the roster.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/Field";
import { problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";

export function EnrolDialog({ device, onClose }: { device: string; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const [name, setName] = useState(device);
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await shell.enrolThisDevice(name.trim());
      onClose();
      await Promise.all([keys.appState, keys.roster].map((queryKey) => queries.invalidateQueries({ queryKey })));
    } catch (thrown) {
      setError(problemFrom(thrown).message);
      setBusy(false);
    }
  };

  return (
    <Dialog
      title="Enrol this device"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary" busy={busy} disabled={name.trim() === ""}>
            Ask to be enrolled
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <p>A key is made on this device. Somebody on the roster compares it with you and signs it.</p>
        <TextField
          label="Name of this device"
          hint="Others see it beside your key."
          value={name}
          error={error}
          autoFocus
          maxLength={64}
          onChange={({ target }) => setName(target.value)}
        />
      </form>
    </Dialog>
  );
}
