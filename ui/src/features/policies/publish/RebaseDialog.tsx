// A version came between: what changed in it, and what publishing this draft would do to it. Only whoever has looked
// holds the draft against the newer version.
import { useState } from "react";
import { Failed, Loading } from "../../../components/Blank";
import { Button } from "../../../components/Button";
import { Dialog } from "../../../components/Dialog";
import { Note } from "../../../components/Note";
import { Tabs } from "../../../components/Tabs";
import type { Policies, PolicyVersion } from "../../../lib/shell/shell";
import type { DraftWork } from "../draft/use-draft-work";
import { useVersion } from "../queries";
import { TextsDiff } from "../versions/TextsDiff";

type Props = { work: DraftWork; set: Policies; live: PolicyVersion | null; onClose: () => void };

export function RebaseDialog({ work, set, live, onClose }: Props) {
  const base = useVersion(work.saved.base_version);
  const [busy, setBusy] = useState(false);
  const rebase = async () => {
    setBusy(true);
    const saved = await work.save(set.version);
    setBusy(false);
    if (saved) onClose();
  };
  return (
    <Dialog
      title={`Version ${set.version} came between`}
      shape="broad"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Not now</Button>
          <Button tone="primary" busy={busy} disabled={!base.data || !live} onClick={rebase}>
            I have looked: hold it against version {set.version}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>
          This draft was made from version {work.saved.base_version}. What came since is not in it: publishing takes
          that back, unless you write it into the draft.
        </p>
        {work.problem && (
          <Note tone="danger" title="The draft was not saved.">
            {work.problem.message}
          </Note>
        )}
        {base.error && !base.data && (
          <Failed title="The base cannot be read." problem={base.error} onRetry={() => base.refetch()} />
        )}
        {base.data && live ? (
          <Tabs
            label="Differences"
            tabs={[
              {
                id: "between",
                label: "What came between",
                content: <TextsDiff before={base.data.texts} after={live.texts} />,
              },
              {
                id: "publishing",
                label: "What publishing would change",
                content: <TextsDiff before={live.texts} after={work.texts} />,
              },
            ]}
          />
        ) : (
          !base.error && <Loading what="the difference" />
        )}
      </div>
    </Dialog>
  );
}
