// What recorded decisions would have been if an account held a narrower grant: begun when it is asked for, cancelled when
// it is not wanted any more.
import { useEffect } from "react";
import { useShell } from "../../../lib/shell/context";
import type { Replay, ReplayReport } from "../../../lib/shell/shell";
import { LensBar } from "./LensBar";
import { spanOf } from "./Past";
import { Replayed } from "./Replayed";
import { useLens } from "./use-lens";
import "../policies.css";

type Props = {
  /** Names the grant and all that it is replayed on; `null` until it is asked for. */
  of: string | null;
  request: Replay;
  /** Hears what was found, and of what. */
  onFound: (of: string, report: ReplayReport) => void;
};

export function GrantReplay({ of, request, onFound }: Props) {
  const shell = useShell();
  const lens = useLens(of, (work) => shell.replayPolicies(work, request), 0);
  const { result, isCurrent } = lens;
  useEffect(() => {
    if (of !== null && isCurrent && result) onFound(of, result);
  }, [of, isCurrent, result, onFound]);
  if (of === null && !result) return null;
  return (
    <div className="grant-replay">
      <LensBar
        lens={lens}
        what="The replay"
        basis={result ? spanOf(result) : undefined}
        of="grant"
        movers="The account, the time"
      />
      {result && <Replayed result={result} isCurrent={isCurrent} asked="Narrower grant" />}
    </div>
  );
}
