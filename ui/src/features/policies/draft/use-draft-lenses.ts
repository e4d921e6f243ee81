// All that is computed of a draft while it is written. Each result names the texts, the set in force and whatever else
// it is of, so that none is taken for another's.
import { useState } from "react";
import { useShell } from "../../../lib/shell/context";
import type { Comparison, Policies, PolicySuiteReport, ReplayReport, Subject } from "../../../lib/shell/shell";
import { accessChanges } from "../lenses/access-change";
import type { Range } from "../lenses/Past";
import type { Presence } from "../lenses/Present";
import { type Lens, useLens } from "../lenses/use-lens";
import type { Checking } from "./use-checked";
import type { DraftWork } from "./use-draft-work";

const DAY_MS = 24 * 60 * 60 * 1_000;

export type DraftLenses = {
  proved: Lens<Comparison>;
  past: Lens<ReplayReport>;
  present: Lens<Presence>;
  tests: Lens<PolicySuiteReport>;
  range: Range;
  setRange: (range: Range) => void;
};

export function useDraftLenses(work: DraftWork, { digest }: Checking, set: Policies): DraftLenses {
  const shell = useShell();
  const [range, setRange] = useState<Range>(30);
  const subject: Subject = { texts: work.texts };
  const pair = digest && `${set.digest} ${digest}`;

  const proved = useLens(pair, (id) => shell.comparePolicies(id, { subject }));
  const past = useLens(pair && `${pair} ${range}`, (id) => {
    const from = range === 0 ? null : new Date(Date.now() - range * DAY_MS).toISOString();
    return shell.replayPolicies(id, { subject, from, until: null, grant: null });
  });
  const present = useLens(pair, async (): Promise<Presence> => {
    const ask = (of: Subject) =>
      shell.policyAccess({ subject: of, principal: null, action: null, resource: null, env: null });
    const [live, draft] = await Promise.all([ask("live"), ask(subject)]);
    return { changes: accessChanges(live, draft), asked: draft.asked, isCut: live.cut || draft.cut };
  });
  const tests = useLens(
    digest && `${digest} ${JSON.stringify(work.cases)}`,
    () => shell.testPolicies(work.texts, work.cases),
    150,
  );
  return { proved, past, present, tests, range, setRange };
}
