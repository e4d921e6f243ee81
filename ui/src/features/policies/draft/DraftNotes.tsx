// What the person should know before anything else: a change by somebody else, a version that came between, a ticket.
import { Button } from "../../../components/Button";
import { Note } from "../../../components/Note";
import { paths } from "../../../lib/paths";
import type { Problem } from "../../../lib/problem";
import type { DraftState, Policies } from "../../../lib/shell/shell";
import { TicketNote } from "../publish/TicketNote";
import type { DraftDialog } from "./DraftDesk";
import type { Checking } from "./use-checked";
import type { DraftWork } from "./use-draft-work";

type Props = {
  work: DraftWork;
  live: Policies;
  checking: Checking;
  formatProblem: Problem | null;
  onDialog: (dialog: DraftDialog) => void;
};

export function DraftNotes({ work, live, checking, formatProblem, onDialog }: Props) {
  const { saved } = work;
  const { state } = saved;
  if (state.name !== "open") return <Settled state={state} />;
  const isStale = saved.stale || saved.base_version < live.version;
  return (
    <div className="desk-notes">
      {work.isElsewhere && (
        <Note
          tone="danger"
          title="Somebody else changed this draft meanwhile."
          action={
            <>
              <Button small onClick={work.discard}>
                Take theirs
              </Button>
              <Button small tone="danger" onClick={work.insist}>
                Keep mine
              </Button>
            </>
          }
        >
          What you wrote is kept on this device. Keeping yours replaces theirs when you save.
        </Note>
      )}
      {work.problem && !work.isElsewhere && (
        <Note tone="danger" title="The draft was not saved.">
          {work.problem.message} What you wrote is kept on this device.
        </Note>
      )}
      {isStale && (
        <Note
          tone="warning"
          title={`Version ${live.version} came into force since.`}
          action={
            <Button small onClick={() => onDialog("rebase")}>
              Look at the difference…
            </Button>
          }
        >
          This draft was made from version {saved.base_version}. It cannot be published before somebody looked at what
          changed.
        </Note>
      )}
      {saved.ticket && (
        <TicketNote ticket={saved.ticket} isDirty={work.isDirty} onPublish={() => onDialog("publish")} />
      )}
      {checking.problem && (
        <Note tone="danger" title="The texts could not be checked.">
          {checking.problem.message}
        </Note>
      )}
      {formatProblem && (
        <Note tone="warning" title="The texts could not be formatted.">
          {formatProblem.message}
        </Note>
      )}
    </div>
  );
}

function Settled({ state }: { state: Exclude<DraftState, { name: "open" }> }) {
  const isPublished = state.name === "published";
  return (
    <div className="desk-notes">
      <Note
        tone={isPublished ? "success" : "info"}
        title={isPublished ? `Published as version ${state.version}.` : "This draft was given up."}
        action={isPublished && <a href={paths.policyVersion(state.version)}>See what changed</a>}
      >
        It stays as it is. Whatever you change here is not kept by the control plane.
      </Note>
    </div>
  );
}
