// Whether an open draft's tests come out as they should. They are run on this device, once for each change of the draft.
import { useQuery } from "@tanstack/react-query";
import { Tag } from "../../components/Tag";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { PolicyDraftSummary, Shell } from "../../lib/shell/shell";

export function DraftTests({ draft: { id, changed_at } }: { draft: PolicyDraftSummary }) {
  const shell = useShell();
  const tests = useQuery({
    queryKey: [...keys.policyDraft(id), "tests", changed_at],
    queryFn: () => run(shell, id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (tests.error) {
    return (
      <Tag tone="warning" title={tests.error.message}>
        tests cannot run
      </Tag>
    );
  }
  if (!tests.data) return <span className="muted">running tests…</span>;
  const { passed, failed } = tests.data;
  if (failed > 0) return <Tag tone="danger">{failed === 1 ? "1 test fails" : `${failed} tests fail`}</Tag>;
  return passed === 0 ? (
    <span className="muted">no tests</span>
  ) : (
    <Tag tone="success">{passed === 1 ? "1 test passes" : `${passed} tests pass`}</Tag>
  );
}

async function run(shell: Shell, id: string) {
  const { draft } = await shell.policyDraft(id);
  const { passed, failed } = await shell.testPolicies(draft.texts, draft.cases);
  return { passed, failed };
}
