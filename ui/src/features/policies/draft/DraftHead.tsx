// What the draft is for, how it stands, and what can be done with it.
import { Button } from "../../../components/Button";
import { Tag } from "../../../components/Tag";
import { paths } from "../../../lib/paths";
import { useMissingScope } from "../../../lib/shell/app-state";
import { useNames } from "../versions/Versions";
import type { DraftDialog } from "./DraftDesk";
import type { Checking } from "./use-checked";
import type { DraftWork } from "./use-draft-work";

type Props = {
  work: DraftWork;
  checking: Checking;
  onSave: () => void;
  onFormat: () => void;
  onDialog: (dialog: DraftDialog) => void;
};

export function DraftHead({ work, checking, onSave, onFormat, onDialog }: Props) {
  const missing = useMissingScope("policies:write");
  const nameOf = useNames();
  const { saved } = work;
  const isSettled = saved.state.name !== "open";
  const problems = checking.isCurrent ? (checking.checked?.problems.length ?? 0) : 0;
  return (
    <header className="desk-head">
      <div className="desk-title">
        <h1 className="visually-hidden">Draft: {work.title}</h1>
        <a href={paths.policies()} className="desk-back">
          Policies
        </a>
        <input
          className="input desk-name"
          aria-label="What the draft is for"
          maxLength={200}
          value={work.title}
          onChange={({ target }) => work.write({ title: target.value })}
        />
        <p className="chips muted">
          <span>
            from version {saved.base_version}, by {nameOf(saved.created_by)}
          </span>
          {saved.restores !== null && <Tag tone="calm">brings back version {saved.restores}</Tag>}
          {problems > 0 && <Tag tone="danger">does not compile</Tag>}
          {checking.digest && <Tag tone="success">compiles</Tag>}
          <span role="status">{standing(work, problems)}</span>
        </p>
      </div>
      <div className="desk-actions">
        {!isSettled && !missing && (
          <Button tone="quiet" onClick={() => onDialog("give up")}>
            Give up…
          </Button>
        )}
        <Button onClick={onFormat}>Format</Button>
        {isSettled ? null : missing ? (
          <span className="muted">{missing}</span>
        ) : (
          <>
            <Button
              busy={work.isSaving}
              disabled={!work.isDirty || problems > 0}
              title={problems > 0 ? "The control plane keeps only what compiles" : undefined}
              onClick={onSave}
              aria-keyshortcuts="Control+S"
            >
              Save
            </Button>
            <Button tone="primary" onClick={() => onDialog("publish")}>
              Publish…
            </Button>
          </>
        )}
      </div>
    </header>
  );
}

function standing(work: DraftWork, problems: number): string {
  if (work.isSaving) return "saving…";
  if (!work.isDirty) return "saved";
  return problems > 0 ? "kept on this device until it compiles" : "not saved; kept on this device";
}
