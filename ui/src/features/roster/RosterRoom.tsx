// Whose keys may approve, who put them there, and who waits.
import { Empty, Failed, Loading } from "../../components/Blank";
import { Note } from "../../components/Note";
import { Room, Section } from "../../components/Room";
import { Table } from "../../components/Table";
import { Tag } from "../../components/Tag";
import { counted, visible } from "../../lib/format";
import { useSession } from "../../lib/shell/app-state";
import type { RosterPage, RosterRow } from "../../lib/shell/shell";
import { Enrolments } from "./Enrolments";
import { useRoster } from "./queries";
import { ThisDevice } from "./ThisDevice";
import { Versions } from "./Versions";
import "./roster.css";

export function RosterRoom() {
  const roster = useRoster();
  const session = useSession();
  return (
    <Room
      title="Roster"
      lead="The keys whose signatures count. Every version is signed by the people of the one before."
    >
      {session && <ThisDevice deviceKey={session.key} />}
      {roster.isPending && <Loading what="the roster" />}
      {roster.error && !roster.data && (
        <Failed title="The roster cannot be read." problem={roster.error} onRetry={() => roster.refetch()} />
      )}
      {roster.data && <Roster roster={roster.data} maySign={session?.key.state === "on_roster"} />}
    </Room>
  );
}

function Roster({ roster, maySign }: { roster: RosterPage; maySign: boolean }) {
  const pending = roster.enrolments.filter((enrolment) => enrolment.roster_version === null);
  return (
    <>
      {roster.problem && (
        <Section title="Trust">
          <Note tone="danger" title="This device does not trust the roster.">
            {roster.problem}
          </Note>
        </Section>
      )}
      {pending.length > 0 && <Enrolments enrolments={pending} maySign={maySign && roster.problem === null} />}
      <Section
        title="Keys in force"
        aside={
          roster.version > 0 && (
            <span className="muted">
              Version {roster.version} · a change takes {counted(roster.quorum, "signature")}
            </span>
          )
        }
      >
        {roster.keys.length === 0 ? (
          <Empty icon="key" title="There is no roster yet">
            Until it is founded, nobody’s approval can count.
          </Empty>
        ) : (
          <Keys keys={roster.keys} />
        )}
      </Section>
      {roster.versions.length > 0 && <Versions roster={roster} />}
    </>
  );
}

function Keys({ keys }: { keys: RosterRow[] }) {
  return (
    <Table
      label="Keys in force"
      rows={keys}
      keyOf={(key) => key.key_id}
      columns={[
        { head: "Person", cell: (key) => <span title={key.owner}>{key.name}</span> },
        {
          head: "Device",
          cell: (key) => (
            <span className="chips">
              {visible(key.device)} {key.this_device && <Tag tone="accent">this device</Tag>}
            </span>
          ),
        },
        { head: "Counts for", cell: (key) => key.groups.join(", ") || "no group" },
        { head: "Key", cell: (key) => <code>{key.key_id}</code> },
      ]}
    />
  );
}
