// A fresh secret, shown once. When this closes it is gone.
import { useState } from "react";
import { Button } from "../../components/Button";
import { Copyable } from "../../components/Copyable";
import { Dialog } from "../../components/Dialog";
import { Check } from "../../components/Field";
import { Note } from "../../components/Note";
import { atMoment } from "../../lib/format";
import type { FreshSecret } from "../../lib/shell/shell";

type Props = { title: string; fresh: FreshSecret; onClose: () => void };

export function SecretDialog({ title, fresh, onClose }: Props) {
  const [kept, setKept] = useState(false);
  return (
    <Dialog
      title={title}
      footer={
        <Button tone="primary" disabled={!kept} onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="stack">
        <Note tone="warning" title="This is shown once.">
          {fresh.message}
        </Note>
        <Copyable text={fresh.secret} what="the secret" />
        {fresh.expires_at && <p className="muted">Works until {atMoment(fresh.expires_at)}.</p>}
        <Check label="I have kept it" on={kept} onChange={setKept} />
      </div>
    </Dialog>
  );
}
