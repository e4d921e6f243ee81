// Adds a person, never with more than the one who adds them has.
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { CheckList, TextField } from "../../components/Field";
import { Note } from "../../components/Note";
import { useSession } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import { phaseText } from "../../lib/shell/signing";
import { useFreshSecret } from "./fresh-secret";
import { SecretDialog } from "./SecretDialog";

const approver = ["approvals:read", "approvals:review", "audit:read", "policies:read", "roster:read", "tasks:read"];

export function AddPersonDialog({ onClose }: { onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const form = useId();
  const mine = useSession()?.who.scopes ?? [];
  const { fresh, problem, busy, make, cancel } = useFreshSecret();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [teams, setTeams] = useState("");
  const [scopes, setScopes] = useState(() => mine.filter((scope) => approver.includes(scope)));
  const [tried, setTried] = useState(false);
  const wrong = {
    name: name.trim() === "" ? "Say how they are called." : undefined,
    email: /^[^\s@]+@[^\s@]+$/.test(email.trim()) ? undefined : "This is not an e-mail address.",
  };

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (wrong.name || wrong.email) return;
    const listed = teams.split(/[\s,]+/).filter(Boolean);
    void make(() => shell.createUser({ name: name.trim(), email: email.trim(), teams: listed, scopes }));
  };
  const close = () => {
    onClose();
    if (fresh) void queries.invalidateQueries({ queryKey: keys.users });
  };

  if (fresh) return <SecretDialog title={`First password of ${name.trim()}`} fresh={fresh} onClose={close} />;
  return (
    <Dialog
      title="Add a person"
      shape="wide"
      onClose={onClose}
      footer={
        <>
          <Button onClick={cancel ?? onClose}>Cancel</Button>
          <Button type="submit" form={form} tone="primary" busy={busy}>
            Add
          </Button>
        </>
      }
    >
      <form id={form} noValidate onSubmit={submit}>
        <TextField
          label="Name"
          autoFocus
          value={name}
          error={tried ? wrong.name : undefined}
          onChange={({ target }) => setName(target.value)}
        />
        <TextField
          label="E-mail"
          type="email"
          hint="What they sign in with."
          value={email}
          error={tried ? wrong.email : undefined}
          onChange={({ target }) => setEmail(target.value)}
        />
        <TextField
          label="Teams"
          hint="Separated by commas. The groups that their approval counts for."
          value={teams}
          onChange={({ target }) => setTeams(target.value)}
        />
        <CheckList
          label="Scopes"
          hint="At first, what an approver needs. Nobody grants what they do not have."
          options={mine}
          chosen={scopes}
          onChange={setScopes}
        />
        {cancel && (
          <Note tone="info" title={phaseText.step_up}>
            A secret is shown only after a login of the last five minutes.
          </Note>
        )}
        {problem && (
          <Note tone="danger" title="The person was not added.">
            {problem.message}
          </Note>
        )}
      </form>
    </Dialog>
  );
}
