// Every set that was ever in force, newest first: who, when, under which ticket, and the way back to it.
import { useState } from "react";
import { Failed, Loading } from "../../../components/Blank";
import { Button } from "../../../components/Button";
import { Table } from "../../../components/Table";
import { Tag } from "../../../components/Tag";
import { Ago } from "../../../components/Time";
import { visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import { useMissingScope } from "../../../lib/shell/app-state";
import type { PolicyVersionSummary } from "../../../lib/shell/shell";
import { useKnownPrincipals, useVersions } from "../queries";
import { shortDigest, shortName } from "../words";
import { RollBackDialog } from "./RollBackDialog";

export function Versions() {
  const versions = useVersions();
  const missing = useMissingScope("policies:write");
  const [restoring, setRestoring] = useState<PolicyVersionSummary | null>(null);
  const nameOf = useNames();
  if (versions.isPending) return <Loading what="versions" />;
  if (!versions.data) {
    return <Failed title="The versions cannot be read." problem={versions.error} onRetry={() => versions.refetch()} />;
  }
  const newest = versions.data[0]?.version;
  return (
    <div className="versions">
      <Table
        label="Versions, newest first"
        rows={versions.data}
        keyOf={({ version }) => String(version)}
        columns={[
          { head: "Version", cell: (row) => <VersionLink row={row} isLive={row.version === newest} />, narrow: true },
          { head: "What for", cell: (row) => <Title row={row} /> },
          {
            head: "By",
            cell: (row) => (row.published_by ? nameOf(row.published_by) : <span className="muted">the product</span>),
          },
          { head: "When", cell: (row) => <Ago at={row.published_at} />, narrow: true },
          {
            head: "Ticket",
            cell: ({ ticket }) =>
              ticket ? (
                <a href={paths.approvals({ view: "closed", ticket })}>ticket</a>
              ) : (
                <span className="muted">none</span>
              ),
            narrow: true,
          },
          {
            head: "Actions",
            cell: (row) =>
              row.version !== newest &&
              !missing && (
                <Button small aria-label={`Roll back to version ${row.version}`} onClick={() => setRestoring(row)}>
                  Roll back to this…
                </Button>
              ),
            narrow: true,
            end: true,
          },
        ]}
      />
      {missing && <p className="muted">Rolling back: {missing}</p>}
      {restoring && <RollBackDialog version={restoring} onClose={() => setRestoring(null)} />}
    </div>
  );
}

/** How a principal is called, as far as that is known. */
export function useNames(): (principal: string) => string {
  const known = new Map(useKnownPrincipals().map(({ value, name }) => [value, name]));
  return (principal) => visible(known.get(principal) ?? shortName(principal));
}

function VersionLink({ row, isLive }: { row: PolicyVersionSummary; isLive: boolean }) {
  return (
    <>
      <a href={paths.policyVersion(row.version)}>{row.version}</a> {isLive && <Tag tone="success">in force</Tag>}
    </>
  );
}

function Title({ row }: { row: PolicyVersionSummary }) {
  return (
    <>
      <bdi>{visible(row.title)}</bdi> {row.sample && <Tag tone="calm">Sample</Tag>}{" "}
      {row.restores !== null && <span className="muted">brought back version {row.restores}</span>}
      <span className="version-digest">
        <code title={row.digest}>{shortDigest(row.digest)}</code>
      </span>
    </>
  );
}
