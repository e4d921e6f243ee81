// How asking for a signature ended. Somebody else's decision is news, not an error.
import { Button } from "../../components/Button";
import { Note } from "../../components/Note";
import type { SigningEnd } from "../../lib/shell/signing";

export function Ending({ end, onClose }: { end: SigningEnd; onClose: () => void }) {
  const close = (
    <Button small tone="quiet" onClick={onClose}>
      Dismiss
    </Button>
  );
  switch (end.outcome) {
    case "signed":
      return <Note tone="success" title="Signed. Your review is recorded." action={close} />;
    case "cancelled":
      return <Note tone="info" title="Nothing was signed." action={close} />;
    case "decided_meanwhile":
      return (
        <Note tone="info" title="Decided meanwhile." action={close}>
          {end.sentence}
        </Note>
      );
    case "failed":
      return (
        <Note tone="danger" title="Nothing was signed." action={close}>
          {end.problem.message}
        </Note>
      );
  }
}
