// Ends a token now.
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Note } from "../../components/Note";
import { type Problem, problemFrom } from "../../lib/problem";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Credential } from "../../lib/shell/shell";

export function RevokeDialog({ token, onClose }: { token: Credential; onClose: () => void }) {
  const shell = useShell();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  const revoke = async () => {
    setBusy(true);
    try {
      await shell.revokeServiceToken(token.id);
      onClose();
      await queries.invalidateQueries({ queryKey: keys.accounts });
    } catch (thrown) {
      setProblem(problemFrom(thrown));
      setBusy(false);
    }
  };

  const holder = token.holder.slice(token.holder.indexOf(":") + 1);
  return (
    <Dialog
      title="Revoke a token"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="danger" busy={busy} onClick={revoke}>
            Revoke it now
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          <strong>{token.label || token.identifier}</strong> of {holder} stops working at once. What uses it fails from
          then on, and it cannot be brought back.
        </p>
        <code>{token.id}</code>
        {problem && (
          <Note tone="danger" title="The token was not revoked.">
            {problem.message}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
