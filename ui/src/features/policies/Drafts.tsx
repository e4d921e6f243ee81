// What may come into force next: who writes it, and what stands in its way.
import { Empty, Failed, Loading } from "../../components/Blank";
import { Table } from "../../components/Table";
import { Tag } from "../../components/Tag";
import { Ago } from "../../components/Time";
import { counted, visible } from "../../lib/format";
import { paths } from "../../lib/paths";
import type { PolicyDraftSummary } from "../../lib/shell/shell";
import { DraftTests } from "./DraftTests";
import { unsavedOf } from "./draft/unsaved";
import { useDrafts } from "./queries";
import { useNames } from "./versions/Versions";

export function Drafts() {
  const drafts = useDrafts();
  if (drafts.isPending) return <Loading what="drafts" />;
  if (!drafts.data) {
    return <Failed title="The drafts cannot be read." problem={drafts.error} onRetry={() => drafts.refetch()} />;
  }
  if (drafts.data.length === 0) {
    return (
      <Empty icon="policies" title="There are no drafts">
        A draft is a change that is not in force: edit it, see what it would change, test it, publish it.
      </Empty>
    );
  }
  const isOpen = ({ state }: PolicyDraftSummary) => state.name === "open";
  const settled = drafts.data.filter((draft) => !isOpen(draft));
  return (
    <>
      <DraftTable label="Drafts" drafts={drafts.data.filter(isOpen)} areOpen />
      {settled.length > 0 && (
        <details className="settled">
          <summary>{counted(settled.length, "settled draft")}</summary>
          <DraftTable label="Settled drafts" drafts={settled} />
        </details>
      )}
    </>
  );
}

function DraftTable({ label, drafts, areOpen }: { label: string; drafts: PolicyDraftSummary[]; areOpen?: boolean }) {
  const nameOf = useNames();
  if (drafts.length === 0) return <p className="muted settled">None is being written.</p>;
  return (
    <Table
      label={label}
      rows={drafts}
      keyOf={({ id }) => id}
      columns={[
        {
          head: "What for",
          cell: ({ id, title }) => (
            <a href={paths.policyDraft(id)}>
              <bdi>{visible(title) || "no title"}</bdi>
            </a>
          ),
        },
        { head: "State", cell: (draft) => <DraftState draft={draft} /> },
        ...(areOpen
          ? [{ head: "Tests", cell: (draft: PolicyDraftSummary) => <DraftTests draft={draft} />, narrow: true }]
          : []),
        { head: "By", cell: (draft) => nameOf(draft.created_by), narrow: true },
        { head: "Changed", cell: (draft) => <Ago at={draft.changed_at} />, narrow: true },
      ]}
    />
  );
}

/** What stands in a draft's way. */
export function DraftState({ draft }: { draft: PolicyDraftSummary }) {
  return (
    <span className="chips">
      <span className="muted">from version {draft.base_version}</span>
      {draft.state.name === "published" && <Tag tone="success">published as version {draft.state.version}</Tag>}
      {draft.state.name === "discarded" && <Tag>given up</Tag>}
      {draft.restores !== null && <Tag tone="calm">brings back version {draft.restores}</Tag>}
      {draft.stale && draft.state.name === "open" && (
        <Tag tone="danger" title="Another version came into force since">
          base is stale
        </Tag>
      )}
      {draft.ticket && <Tag tone="warning">waits for approval</Tag>}
      {unsavedOf(draft.id) && (
        <Tag tone="warning" title="Kept on this device">
          not saved
        </Tag>
      )}
    </span>
  );
}
