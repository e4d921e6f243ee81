// Makes a draft that brings a version back. Nothing changes until that draft is published, like any other.
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Note } from "../../../components/Note";
import { visible } from "../../../lib/format";
import type { PolicyVersionSummary } from "../../../lib/shell/shell";
import { useNewDraft } from "../use-new-draft";

export function RollBackDialog({ version, onClose }: { version: PolicyVersionSummary; onClose: () => void }) {
  const { make, busy, problem } = useNewDraft(onClose);
  const number = version.version;
  const restore = () => make({ title: `Back to version ${number}`, restores: number });

  return (
    <Dialog
      title={`Roll back to version ${number}`}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" busy={busy} onClick={restore}>
            Make the draft
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          A draft is made with the texts and tests of version {number}, <strong>{visible(version.title)}</strong>. You
          see what it changes against what is in force now, and publish it like any other: it becomes a new version.
        </p>
        {problem && (
          <Note tone="danger" title="The draft was not made.">
            {problem.message}
          </Note>
        )}
      </div>
    </Dialog>
  );
}
