// What stands around the rooms: the way to each, the banners that matter everywhere, the palette and the key help. It
// knows no feature; what features contribute is handed in.
import { type ReactNode, useState } from "react";
import { useCommands } from "./components/commands/commands";
import { KeyHelp } from "./components/commands/KeyHelp";
import { Palette } from "./components/commands/Palette";
import { Frame } from "./components/Frame";
import type { IconName } from "./components/Icon";
import { Note } from "./components/Note";
import { Tag } from "./components/Tag";
import { atMoment } from "./lib/format";
import { paths } from "./lib/paths";
import { useSingleKeys } from "./lib/preferences";
import type { AppState } from "./lib/shell/shell";

type RoomOf = { label: string; icon: IconName; href: string; path: string; key: string };

const rooms: RoomOf[] = [
  { label: "Approvals", icon: "approvals", href: paths.approvals({ view: "mine" }), path: "/approvals", key: "a" },
  { label: "Audit", icon: "audit", href: paths.audit(), path: "/audit", key: "l" },
  { label: "Accounts", icon: "accounts", href: paths.accounts(), path: "/accounts", key: "s" },
  { label: "Policies", icon: "policies", href: paths.policies(), path: "/policies", key: "p" },
  { label: "Tasks", icon: "tasks", href: paths.tasks(), path: "/tasks", key: "t" },
  { label: "Roster", icon: "roster", href: paths.roster(), path: "/roster", key: "r" },
  { label: "Connections", icon: "connections", href: paths.connections(), path: "/connections", key: "c" },
];

type Props = {
  state: AppState;
  /** Where the person is, for example `/audit`. */
  path: string;
  /** How many tickets wait for them. */
  mine: number;
  banners: ReactNode;
  children: ReactNode;
};

export function House({ state, path, mine, banners, children }: Props) {
  const [open, setOpen] = useState<"palette" | "keys" | null>(null);
  const [singleKeys, setSingleKeys] = useSingleKeys();
  const close = () => setOpen(null);

  useCommands([
    ...rooms.map((room) => ({
      group: "Go to",
      label: room.label,
      keys: `g ${room.key}`,
      run: () => window.location.assign(room.href),
    })),
    { group: "Window", label: "Command palette", keys: "mod+k", run: () => setOpen("palette"), keysOnly: true },
    { group: "Window", label: "Keyboard shortcuts", keys: "?", run: () => setOpen("keys") },
  ]);

  return (
    <Frame
      rooms={rooms.map((room) => ({
        href: room.href,
        label: room.label,
        icon: room.icon,
        here: path.startsWith(room.path),
        count: room.path === "/approvals" ? mine : undefined,
        hint: `G then ${room.key.toUpperCase()}`,
      }))}
      onSearch={() => setOpen("palette")}
      foot={<Foot state={state} />}
      banners={
        <>
          {state.offline_since && <Offline since={state.offline_since} />}
          {banners}
          {!state.keyring.usable && (
            <Note banner tone="warning" icon="lock" title="The session is held in memory only.">
              {state.keyring.problem}
            </Note>
          )}
        </>
      }
    >
      {children}
      {open === "palette" && <Palette onClose={close} />}
      {open === "keys" && <KeyHelp singleKeys={singleKeys} onSingleKeys={setSingleKeys} onClose={close} />}
    </Frame>
  );
}

function Offline({ since }: { since: string }) {
  return (
    <Note banner tone="danger" icon="offline" title={`Offline since ${atMoment(since)}.`}>
      What you see is what was last known. Nothing can be decided until the control plane answers.
    </Note>
  );
}

function Foot({ state: { connection, session } }: { state: AppState }) {
  return (
    <>
      {connection && (
        <p className="frame-where" title={connection.url}>
          {connection.name} {connection.embedded && <Tag tone="calm">Samples</Tag>}
        </p>
      )}
      {session && (
        <p className="frame-who" title={session.who.principal}>
          {session.who.name}
          <span>{session.who.email}</span>
        </p>
      )}
    </>
  );
}
