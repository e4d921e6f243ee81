// The call to found the roster, for wherever somebody starts. Nothing once it is founded.
import { useState } from "react";
import { Button } from "../../components/Button";
import { Note } from "../../components/Note";
import { useSession } from "../../lib/shell/app-state";
import { FoundDialog } from "./FoundDialog";

export function FoundTheRoster() {
  const session = useSession();
  const [asking, setAsking] = useState(false);
  if (session?.key.state !== "can_found") return null;
  return (
    <>
      <Note
        banner
        tone="info"
        icon="key"
        title="Nobody can approve yet."
        action={
          <Button small tone="primary" onClick={() => setAsking(true)}>
            Found the roster
          </Button>
        }
      >
        Make this device’s key the first on the roster.
      </Note>
      {asking && <FoundDialog device={session.key.device} onClose={() => setAsking(false)} />}
    </>
  );
}
