// Makes a token for a service account, never with more than the account has.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { CheckList, SelectField, TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { ServiceAccount } from "../../lib/shell/shell";
import { phaseText } from "../../lib/shell/signing";
import { useFreshSecret } from "./fresh-secret";
import { SecretDialog } from "./SecretDialog";

const DAY = 24 * 60 * 60;
const lifetimes = [1, 7, 30, 90];

export function CreateTokenDialog({ account, onClose }: { account: ServiceAccount; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const { fresh, problem, busy, make, cancel } = useFreshSecret();
  const [label, setLabel] = useState("");
  const [scopes, setScopes] = useState(account.scopes);
  const [days, setDays] = useState(30);
  const [tried, setTried] = useState(false);
  const unnamed = label.trim() === "";

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (unnamed || scopes.length === 0) return;
    const token = { account: account.name, label: label.trim(), scopes, expires_in_seconds: days * DAY };
    void make(() => shell.createServiceToken(token));
  };
  const close = () => {
    onClose();
    if (fresh) void queries.invalidateQueries({ queryKey: keys.accounts });
  };

  if (fresh) return <SecretDialog title={`Token for ${account.name}`} fresh={fresh} onClose={close} />;
  return (
    <Dialog
      title={`Create a token for ${account.name}`}
      shape="wide"
      onClose={onClose}
      footer={
        <>
          <Button onClick={cancel ?? onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary" busy={busy}>
            Create
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <TextField
          label="What for"
          autoFocus
          maxLength={100}
          placeholder="nightly billing on runner-3"
          value={label}
          error={tried && unnamed ? "Say what it is for." : undefined}
          onChange={({ target }) => setLabel(target.value)}
        />
        <CheckList
          label="Scopes"
          options={account.scopes}
          chosen={scopes}
          onChange={setScopes}
          error={tried && scopes.length === 0 ? "Choose at least one." : undefined}
        />
        <SelectField label="Works for" value={days} onChange={({ target }) => setDays(Number(target.value))}>
          {lifetimes.map((count) => (
            <option key={count} value={count}>
              {count === 1 ? "1 day" : `${count} days`}
            </option>
          ))}
        </SelectField>
        {cancel && (
          <Note tone="info" title={phaseText.step_up}>
            A secret is shown only after a login of the last five minutes.
          </Note>
        )}
        {problem && (
          <Note tone="danger" title="The token was not created.">
            {problem.message}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
