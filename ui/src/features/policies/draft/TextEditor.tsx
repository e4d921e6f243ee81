// One of the three texts of a set: the editor, and what is wrong with the text below it.
import type { CompletionSource } from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import { type Ref, useImperativeHandle, useMemo, useRef } from "react";
import { CodeEditor, type CodeEditorHandle } from "../../../components/code/CodeEditor";
import type { CodeMark } from "../../../components/code/places";
import type { Finding, PolicyProblem } from "../../../lib/shell/shell";
import { Problems } from "./Problems";

type Props = {
  label: string;
  text: string;
  onText: (text: string) => void;
  language: Extension;
  problems: PolicyProblem[];
  findings: Finding[];
  complete: CompletionSource;
  handle: Ref<CodeEditorHandle>;
};

const none: CodeMark[] = [];

export function TextEditor({ label, text, onText, language, problems, findings, complete, handle }: Props) {
  const editor = useRef<CodeEditorHandle>(null);
  useImperativeHandle(handle, () => ({
    goTo: (line, column) => editor.current?.goTo(line, column),
    search: () => editor.current?.search(),
  }));
  const marks = useMemo(() => {
    const all = [...problems.map(ofProblem), ...findings.map(ofFinding)];
    return all.length === 0 ? none : all;
  }, [problems, findings]);
  return (
    <div className="text-editor">
      <CodeEditor
        label={label}
        text={text}
        onText={onText}
        language={language}
        marks={marks}
        handle={editor}
        complete={complete}
      />
      <Problems problems={problems} onGo={({ line, column }) => editor.current?.goTo(line, column)} />
    </div>
  );
}

const ofProblem = (problem: PolicyProblem): CodeMark => ({
  line: problem.line,
  column: problem.column,
  endLine: problem.end_line,
  endColumn: problem.end_column,
  severity: "error",
  message: problem.help ? `${problem.message}\n${problem.help}` : problem.message,
});

const ofFinding = ({ line, sentence, policy }: Finding): CodeMark => ({
  line,
  column: 1,
  endLine: line,
  endColumn: 200,
  severity: "warning",
  message: `${policy}: ${sentence}`,
});
