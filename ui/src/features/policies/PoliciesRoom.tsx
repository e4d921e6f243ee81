// The policies: what is in force, what may be next, what was before.
import { useState } from "react";
import { Failed, Loading } from "../../components/Blank";
import { Button } from "../../components/Button";
import { useCommands } from "../../components/commands/commands";
import { Room } from "../../components/Room";
import { Tabs } from "../../components/Tabs";
import { Tag } from "../../components/Tag";
import { Ago } from "../../components/Time";
import { visible } from "../../lib/format";
import { useMissingScope } from "../../lib/shell/app-state";
import type { Policies } from "../../lib/shell/shell";
import { Drafts } from "./Drafts";
import { InForce } from "./InForce";
import { NewDraftDialog } from "./NewDraftDialog";
import { useDrafts, usePolicySet, useVersion, useVersions } from "./queries";
import { SimulateDrawer } from "./simulate/SimulateDrawer";
import { useNames, Versions } from "./versions/Versions";
import { shortDigest } from "./words";
import "./policies.css";

/** `chosen` is the policy that a link led to. */
export function PoliciesRoom({ chosen }: { chosen: string | null }) {
  const policies = usePolicySet();
  const set = policies.data;
  const drafts = useDrafts();
  const live = useVersion(set?.version ?? null);
  const missing = useMissingScope("policies:write");
  const [open, setOpen] = useState<"draft" | "simulate" | null>(null);
  useCommands(
    set
      ? [
          ...(missing ? [] : [{ group: "Policies", label: "Begin a draft", keys: "n", run: () => setOpen("draft") }]),
          { group: "Policies", label: "Ask the set in force", keys: "s", run: () => setOpen("simulate") },
        ]
      : [],
  );
  const count = drafts.data?.filter(({ state }) => state.name === "open").length;
  return (
    <Room
      title="Policies"
      lead={set && <Version set={set} />}
      actions={
        set && (
          <>
            <Button onClick={() => setOpen("simulate")}>Simulate…</Button>
            {missing ? (
              <span className="muted">{missing}</span>
            ) : (
              <Button tone="primary" onClick={() => setOpen("draft")}>
                Begin a draft…
              </Button>
            )}
          </>
        )
      }
    >
      {policies.isPending && <Loading what="policies" />}
      {policies.error && !set && (
        <Failed title="The policies cannot be read." problem={policies.error} onRetry={() => policies.refetch()} />
      )}
      {set && (
        <Tabs
          label="Policy sets"
          tabs={[
            { id: "live", label: "In force", content: <InForce set={set} chosen={chosen} /> },
            { id: "drafts", label: count ? `Drafts (${count})` : "Drafts", content: <Drafts /> },
            { id: "versions", label: "Versions", content: <Versions /> },
          ]}
        />
      )}
      {set && open === "draft" && <NewDraftDialog version={set.version} onClose={() => setOpen(null)} />}
      {set && open === "simulate" && (
        <SimulateDrawer
          version={set.version}
          digest={set.digest}
          texts={live.data?.texts}
          onClose={() => setOpen(null)}
        />
      )}
    </Room>
  );
}

function Version({ set }: { set: Policies }) {
  const versions = useVersions();
  const nameOf = useNames();
  const here = versions.data?.find(({ version }) => version === set.version);
  return (
    <span className="policies-version">
      <span>
        <strong>Version {set.version}</strong> is in force
        {here && (
          <>
            {" since "}
            <Ago at={here.published_at} />
            {here.published_by && <>, by {nameOf(here.published_by)}</>}: <bdi>{visible(here.title)}</bdi>
          </>
        )}
      </span>
      {set.sample && <Tag tone="calm">Sample</Tag>}
      <code title={set.digest}>{shortDigest(set.digest)}</code>
    </span>
  );
}
