// What replays a narrower grant over recorded decisions, as far as this room knows it.
import type { ComponentType } from "react";
import type { NarrowerGrant, Replay, ReplayReport, UsagePage } from "../../../lib/shell/shell";

export type GrantReplayer = ComponentType<{
  /** Names the grant and all that it is replayed on; `null` until it is asked for. */
  of: string | null;
  request: Replay;
  /** Hears what was found, and of what. */
  onFound: (of: string, report: ReplayReport) => void;
}>;

/** What a replay was a result of. */
export type Found = { of: string; report: ReplayReport };

/** Names a grant with the account as it is, the policies in force and the time that is looked at. */
export const nameOf = ({ tag }: UsagePage, grant: NarrowerGrant, days: number, policySet: string) =>
  JSON.stringify([tag, policySet, days, grant]);

/** How many recorded decisions would have been denied, and how many could not be asked again. */
export function harmOf({ flips, coverage }: ReplayReport): { denied: number; missed: number } {
  const denied = flips.filter(({ flip }) => flip.to === "deny").reduce((sum, { count }) => sum + count, 0);
  return { denied, missed: Math.max(0, coverage.recorded - coverage.replayed) };
}
