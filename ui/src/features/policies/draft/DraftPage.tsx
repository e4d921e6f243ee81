// A draft, once it is there.
import { Failed, Loading } from "../../../components/Blank";
import { Room } from "../../../components/Room";
import { paths } from "../../../lib/paths";
import { useDraft, usePolicySet, useVersion } from "../queries";
import { DraftDesk } from "./DraftDesk";
import "../policies.css";
import "./draft.css";

export function DraftPage({ id }: { id: string }) {
  const draft = useDraft(id);
  const set = usePolicySet();
  const live = useVersion(set.data?.version ?? null);
  if (draft.data && set.data) return <DraftDesk key={id} tagged={draft.data} set={set.data} live={live.data ?? null} />;
  const problem = draft.error ?? set.error;
  const again = () => {
    void draft.refetch();
    void set.refetch();
  };
  return (
    <Room title="Draft" actions={<a href={paths.policies()}>All policies</a>}>
      {problem ? (
        <Failed title="The draft cannot be read." problem={problem} onRetry={again} />
      ) : (
        <Loading what="the draft" />
      )}
    </Room>
  );
}
