// Founds the roster: names this device, then signs version 1 in the signing window.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { WaitDialog } from "../../components/WaitDialog";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import { phaseText, useSigning } from "../../lib/shell/signing";
import { endingOf } from "./endings";

export function FoundDialog({ device, onClose }: { device: string; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const { phase, end, sign } = useSigning();
  const [name, setName] = useState(device);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const ended = await sign(() => shell.foundRoster(name.trim()));
    if (ended.outcome !== "signed") return;
    onClose();
    await Promise.all([keys.appState, keys.roster].map((queryKey) => queries.invalidateQueries({ queryKey })));
  };

  if (phase) {
    const cancel = () => void shell.cancelSignIn().catch(() => {});
    return (
      <WaitDialog title="Your signature" text={phaseText[phase]} onCancel={phase === "step_up" ? cancel : undefined} />
    );
  }
  const ending = end && endingOf(end);
  return (
    <Dialog
      title="Found the roster"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary" disabled={name.trim() === ""}>
            Continue
          </Button>
        </>
      }
    >
      <form id={form} className="stack" onSubmit={submit}>
        <p>
          A key is made on this device and becomes the first on the roster. You sign that in the next window. From then
          on every change of the roster is signed by the people who are on it.
        </p>
        <TextField
          label="Name of this device"
          hint="Others see it beside your key."
          value={name}
          autoFocus
          maxLength={64}
          onChange={({ target }) => setName(target.value)}
        />
        {ending && (
          <Note tone={ending.tone} title={ending.title}>
            {ending.text}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
