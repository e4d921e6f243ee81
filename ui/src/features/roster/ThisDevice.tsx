// This device's own key: how it stands, and the one thing to do about it.
import { useState } from "react";
import { Button } from "../../components/Button";
import { Note } from "../../components/Note";
import type { DeviceKey } from "../../lib/shell/shell";
import { EnrolDialog } from "./EnrolDialog";
import { FoundDialog } from "./FoundDialog";

export function ThisDevice({ deviceKey }: { deviceKey: DeviceKey }) {
  const [asking, setAsking] = useState<"found" | "enrol" | null>(null);
  return (
    <div className="this-device">
      <Standing deviceKey={deviceKey} onFound={() => setAsking("found")} onEnrol={() => setAsking("enrol")} />
      {asking === "found" && <FoundDialog device={deviceKey.device} onClose={() => setAsking(null)} />}
      {asking === "enrol" && <EnrolDialog device={deviceKey.device} onClose={() => setAsking(null)} />}
    </div>
  );
}

type StandingProps = { deviceKey: DeviceKey; onFound: () => void; onEnrol: () => void };

function Standing({ deviceKey: { state, key_id, device }, onFound, onEnrol }: StandingProps) {
  switch (state) {
    case "can_found":
      return (
        <Note
          tone="info"
          icon="key"
          title="Nobody can approve yet."
          action={
            <Button tone="primary" onClick={onFound}>
              Found the roster
            </Button>
          }
        >
          Make this device’s key the first on the roster. The key stays in this computer’s keyring.
        </Note>
      );
    case "none":
      return (
        <Note
          tone="info"
          icon="key"
          title="This device has no key."
          action={
            <Button tone="primary" onClick={onEnrol}>
              Enrol this device
            </Button>
          }
        >
          You cannot approve from here until its key is on the roster.
        </Note>
      );
    case "waiting":
      return (
        <Note tone="info" icon="clock" title="This device waits to be on the roster.">
          Read this to whoever signs it; both screens must show the same: <code>{key_id}</code>
        </Note>
      );
    case "on_roster":
      return (
        <Note tone="success" icon="key" title={`This device, ${device}, is on the roster.`}>
          Its key is <code>{key_id}</code>
        </Note>
      );
  }
}
