// Which control plane, as whom, and where the session is kept.
import { useState } from "react";
import { Button } from "../../components/Button";
import { Facts } from "../../components/Facts";
import { Check } from "../../components/Field";
import { Note } from "../../components/Note";
import { Room, Section } from "../../components/Room";
import { Tag } from "../../components/Tag";
import { atMoment } from "../../lib/format";
import { useSingleKeys } from "../../lib/preferences";
import { type Problem, problemFrom } from "../../lib/problem";
import { useAppState } from "../../lib/shell/app-state";
import { useShell } from "../../lib/shell/context";
import type { AppState, Session } from "../../lib/shell/shell";

export function ConnectionsRoom() {
  const { data: state } = useAppState();
  const [singleKeys, setSingleKeys] = useSingleKeys();
  if (!state) return null;
  return (
    <Room title="Connections">
      {state.connection && <ControlPlane connection={state.connection} offlineSince={state.offline_since} />}
      {state.session && <SignedIn session={state.session} />}
      <Section title="Keyring">
        <KeyringState keyring={state.keyring} />
      </Section>
      <Section title="This window">
        <Check label="Single-letter shortcuts" on={singleKeys} onChange={setSingleKeys} />
        <p className="muted">
          Countersign {state.version}, profile {state.profile}
        </p>
      </Section>
    </Room>
  );
}

type PlaneProps = { connection: NonNullable<AppState["connection"]>; offlineSince: AppState["offline_since"] };

function ControlPlane({ connection, offlineSince }: PlaneProps) {
  return (
    <Section title="Control plane">
      <Facts
        facts={[
          ["Name", connection.name],
          ["Address", <code key="url">{connection.url}</code>],
          ["Runs", connection.embedded ? "inside this console" : "elsewhere"],
          [
            "State",
            offlineSince ? (
              <Tag key="state" tone="danger">
                No answer since {atMoment(offlineSince)}
              </Tag>
            ) : (
              <Tag key="state" tone="success">
                Answers
              </Tag>
            ),
          ],
        ]}
      />
    </Section>
  );
}

function SignedIn({ session: { who } }: { session: Session }) {
  const shell = useShell();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const signOut = async () => {
    setBusy(true);
    await shell.signOut().catch((thrown) => setProblem(problemFrom(thrown)));
    setBusy(false);
  };

  return (
    <Section
      title="Session"
      aside={
        <Button busy={busy} onClick={signOut}>
          Sign out
        </Button>
      }
    >
      {problem && (
        <Note tone="danger" title="Signing out did not work.">
          {problem.message}
        </Note>
      )}
      <Facts
        facts={[
          ["Who", who.name],
          ["E-mail", who.email],
          ["Principal", <code key="id">{who.principal}</code>],
          ["Teams", who.teams.join(", ") || "none"],
          ["Last login", who.authenticated_at && atMoment(who.authenticated_at)],
          ["Scopes", <code key="scopes">{who.scopes.join(" ")}</code>],
        ]}
      />
    </Section>
  );
}

function KeyringState({ keyring }: Pick<AppState, "keyring">) {
  if (keyring.usable) {
    return <p>The session and this device’s key are kept in the operating system’s keyring.</p>;
  }
  return (
    <Note tone="warning" title="The session is held in memory only.">
      {keyring.problem}
    </Note>
  );
}
