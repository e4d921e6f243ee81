// Where a draft is written: its texts and tests on the left, what it changes on the right, both alive while somebody
// types.
import { useCallback, useState } from "react";
import { useCommands } from "../../../components/commands/commands";
import { type Problem, problemFrom } from "../../../lib/problem";
import { useShell } from "../../../lib/shell/context";
import type { Policies, PolicyVersion, TaggedDraft } from "../../../lib/shell/shell";
import { caseFrom, type Difference } from "../cases/case-from";
import { PinDialog } from "../cases/PinDialog";
import { PublishDialog } from "../publish/PublishDialog";
import { RebaseDialog } from "../publish/RebaseDialog";
import { DraftHead } from "./DraftHead";
import { DraftLenses } from "./DraftLenses";
import { DraftNotes } from "./DraftNotes";
import { DraftTexts, useTextHandles } from "./DraftTexts";
import { GiveUpDialog } from "./GiveUpDialog";
import { useChecked, useOutline } from "./use-checked";
import { useDraftLenses } from "./use-draft-lenses";
import { useDraftWork } from "./use-draft-work";

type Props = { tagged: TaggedDraft; set: Policies; live: PolicyVersion | null };

export type DraftDialog = "publish" | "rebase" | "give up";

export function DraftDesk({ tagged, set, live }: Props) {
  const shell = useShell();
  const work = useDraftWork(tagged);
  const checking = useChecked(work.texts);
  const outline = useOutline(work.texts);
  const lenses = useDraftLenses(work, checking, set);
  const handles = useTextHandles();
  const [dialog, setDialog] = useState<DraftDialog | null>(null);
  const [pinning, setPinning] = useState<Difference | null>(null);
  const [formatProblem, setFormatProblem] = useState<Problem | null>(null);
  const { write, texts } = work;

  const format = useCallback(async () => {
    setFormatProblem(null);
    try {
      const { schema, policies, invariants } = await shell.formatPolicies(texts);
      write({ texts: { schema, policies, invariants: invariants ?? "" } });
    } catch (thrown) {
      setFormatProblem(problemFrom(thrown));
    }
  }, [shell, write, texts]);
  const save = () => void (work.isDirty && !work.isSaving && work.save());
  const close = () => setDialog(null);

  useCommands([
    { group: "Draft", label: "Save the draft", keys: "mod+s", run: save },
    { group: "Draft", label: "Format the texts", run: () => void format() },
    { group: "Draft", label: "Publish the draft…", run: () => setDialog("publish") },
    { group: "Editor", label: "Search in the text", keys: "mod+f", run: () => handles.search(), keysOnly: true },
    { group: "Editor", label: "Complete a name", keys: "mod+Space", run: () => {}, toldOnly: true },
    { group: "Editor", label: "Next problem", keys: "F8", run: () => {}, toldOnly: true },
    { group: "Editor", label: "Leave the editor", keys: "Escape Tab", run: () => {}, toldOnly: true },
  ]);

  return (
    <div className="desk">
      <DraftHead work={work} checking={checking} onSave={save} onFormat={() => void format()} onDialog={setDialog} />
      <DraftNotes work={work} live={set} formatProblem={formatProblem} checking={checking} onDialog={setDialog} />
      <div className="desk-body">
        <DraftTexts work={work} checking={checking} outline={outline} tests={lenses.tests} handles={handles} />
        <DraftLenses
          lenses={lenses}
          texts={work.texts}
          digest={checking.digest}
          outline={outline}
          onTest={setPinning}
          onLine={(line) => handles.goTo("policies", line)}
        />
      </div>
      {pinning && (
        <PinDialog
          difference={pinning}
          onClose={() => setPinning(null)}
          onPin={(pinned) => {
            const taken = work.cases.map(({ name }) => name);
            work.write({ cases: [...work.cases, caseFrom(pinning, pinned, taken)] });
            setPinning(null);
            handles.open("tests");
          }}
        />
      )}
      {dialog === "publish" && (
        <PublishDialog
          work={work}
          checking={checking}
          lenses={lenses}
          set={set}
          live={live}
          onRebase={() => setDialog("rebase")}
          onClose={close}
        />
      )}
      {dialog === "rebase" && <RebaseDialog work={work} set={set} live={live} onClose={close} />}
      {dialog === "give up" && <GiveUpDialog tagged={tagged} onClose={close} />}
    </div>
  );
}
