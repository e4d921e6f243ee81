// The left side of the desk: policies, schema, invariants, tests. An editor keeps its cursor and what can be undone
// while another tab is open.
import { type RefObject, useMemo, useRef, useState } from "react";
import type { CodeEditorHandle } from "../../../components/code/CodeEditor";
import { Tabs } from "../../../components/Tabs";
import type { Finding, PolicyOutline, PolicyProblem, PolicySuiteReport, SourceFile } from "../../../lib/shell/shell";
import { CasesTab } from "../cases/CasesTab";
import { completePolicies, completeSchema } from "../cedar/completion";
import { cedarPolicies, cedarSchema } from "../cedar/tokens";
import type { Lens } from "../lenses/use-lens";
import { TextEditor } from "./TextEditor";
import type { Checking } from "./use-checked";
import type { DraftWork } from "./use-draft-work";

const files = [
  { file: "policies", name: "Policies", language: cedarPolicies },
  { file: "schema", name: "Schema", language: cedarSchema },
  { file: "invariants", name: "Invariants", language: cedarPolicies },
] as const;

export type TextHandles = {
  tab: string;
  open: (tab: string) => void;
  goTo: (file: SourceFile, line: number) => void;
  search: () => void;
  refs: Record<SourceFile, RefObject<CodeEditorHandle | null>>;
};

/** How the rest of the desk reaches into the texts. */
export function useTextHandles(): TextHandles {
  const [tab, open] = useState("policies");
  const policies = useRef<CodeEditorHandle>(null);
  const schema = useRef<CodeEditorHandle>(null);
  const invariants = useRef<CodeEditorHandle>(null);
  const refs = { policies, schema, invariants };
  return {
    tab,
    open,
    refs,
    goTo: (file, line) => {
      open(file);
      refs[file].current?.goTo(line);
    },
    search: () => (tab in refs ? refs[tab as SourceFile].current?.search() : undefined),
  };
}

type Props = {
  work: DraftWork;
  checking: Checking;
  outline: PolicyOutline | undefined;
  tests: Lens<PolicySuiteReport>;
  handles: TextHandles;
};

const noProblems: PolicyProblem[] = [];
const noFindings: Finding[] = [];

export function DraftTexts({ work, checking, outline, tests, handles }: Props) {
  const known = useRef(outline);
  known.current = outline;
  const complete = useMemo(() => {
    const policies = completePolicies(() => known.current);
    return { policies, invariants: policies, schema: completeSchema(() => known.current) };
  }, []);
  const { checked } = checking;
  const problemsIn = useMemo(() => {
    const all = checked?.problems ?? noProblems;
    const of = (file: SourceFile) => all.filter((problem) => problem.file === file);
    return { policies: of("policies"), schema: of("schema"), invariants: of("invariants") };
  }, [checked]);
  const failing = tests.isCurrent ? (tests.result?.failed ?? 0) : 0;

  return (
    <section className="desk-texts" aria-label="The draft">
      <Tabs
        label="Texts and tests"
        open={handles.tab}
        onOpen={handles.open}
        aside={<Tally checking={checking} />}
        tabs={[
          ...files.map(({ file, name, language }) => ({
            id: file,
            kept: true,
            label: <Named name={name} count={problemsIn[file].length} of="problem" />,
            content: (
              <TextEditor
                label={name}
                text={work.texts[file]}
                onText={(text) => work.write({ texts: { ...work.texts, [file]: text } })}
                language={language}
                problems={problemsIn[file]}
                findings={file === "policies" ? (checked?.findings ?? noFindings) : noFindings}
                handle={handles.refs[file]}
                complete={complete[file]}
              />
            ),
          })),
          {
            id: "tests",
            label: <Named name={`Tests (${work.cases.length})`} count={failing} of="failing" />,
            content: (
              <CasesTab cases={work.cases} onCases={(cases) => work.write({ cases })} lens={tests} outline={outline} />
            ),
          },
        ]}
      />
    </section>
  );
}

function Named({ name, count, of }: { name: string; count: number; of: string }) {
  return (
    <>
      {name}
      {count > 0 && (
        <span className="tab-count">
          {count}
          <span className="visually-hidden"> {of}</span>
        </span>
      )}
    </>
  );
}

function Tally({ checking }: { checking: Checking }) {
  const count = checking.checked?.problems.length ?? 0;
  return (
    <p className="muted desk-tally" role="status">
      {!checking.isCurrent
        ? "checking…"
        : count === 0
          ? "no problems"
          : count === 1
            ? "1 problem"
            : `${count} problems`}
    </p>
  );
}
