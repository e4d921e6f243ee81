// A text editor for code: highlighting, marks with their help, completion, search, undo. It reports what is typed and
// never waits for an answer. Tab indents; Escape and then Tab leaves it, so that the keyboard is not trapped.
import { autocompletion, type CompletionSource, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { withAdoptedStyles } from "./adopted-styles";
import { type CodeMark, offsetOf } from "./places";
import "./code.css";

/** What can be done with an editor from outside. */
export type CodeEditorHandle = {
  /** Puts the cursor there and the focus into the text. */
  goTo: (line: number, column?: number) => void;
  search: () => void;
};

type Props = {
  label: string;
  text: string;
  /** Hears each change; without it the text can only be read. */
  onText?: (text: string) => void;
  language: Extension;
  marks?: CodeMark[];
  complete?: CompletionSource;
  handle?: Ref<CodeEditorHandle>;
};

export function CodeEditor({ label, text, onText, language, marks, complete, handle }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const known = useRef(text);
  const latest = useRef({ onText, complete });
  latest.current = { onText, complete };
  const readOnly = onText === undefined;

  useEffect(() => {
    if (!place.current) return;
    const parent = place.current;
    const hear = EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      known.current = update.state.doc.toString();
      latest.current.onText?.(known.current);
    });
    const state = EditorState.create({
      doc: known.current,
      extensions: [writing, language, hear, naming(label, readOnly), completing(latest)],
    });
    const made = withAdoptedStyles(() => new EditorView({ state, parent }));
    view.current = made;
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [label, language, readOnly]);

  useEffect(() => {
    if (!view.current || text === known.current) return;
    known.current = text;
    const { doc, selection } = view.current.state;
    const anchor = Math.min(selection.main.head, text.length);
    view.current.dispatch({ changes: { from: 0, to: doc.length, insert: text }, selection: { anchor } });
  }, [text]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new view has no marks yet
  useEffect(() => {
    if (!view.current) return;
    const { doc } = view.current.state;
    const found = (marks ?? []).map(({ line, column, endLine, endColumn, severity, message }) => {
      const from = offsetOf(doc, line, column);
      return { from, to: Math.max(from, offsetOf(doc, endLine, endColumn)), severity, message };
    });
    view.current.dispatch(setDiagnostics(view.current.state, found));
  }, [marks, label, language, readOnly]);

  useImperativeHandle(handle, () => ({
    goTo: (line, column = 1) => {
      if (!view.current) return;
      const anchor = offsetOf(view.current.state.doc, line, column);
      view.current.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "center" }) });
      view.current.focus();
    },
    search: () => void (view.current && openSearchPanel(view.current)),
  }));

  return <div ref={place} className="code" />;
}

const writing: Extension = [
  lineNumbers(),
  lintGutter(),
  history(),
  drawSelection(),
  indentOnInput(),
  indentUnit.of("  "),
  bracketMatching(),
  closeBrackets(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  highlightSelectionMatches(),
  search({ top: true }),
  syntaxHighlighting(classHighlighter),
  EditorView.lineWrapping,
  keymap.of([
    ...closeBracketsKeymap,
    ...defaultKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...lintKeymap,
    indentWithTab,
  ]),
];

const naming = (label: string, readOnly: boolean): Extension => [
  EditorState.readOnly.of(readOnly),
  EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, ...(readOnly && { "aria-readonly": "true" }) }),
];

const completing = (latest: { current: { complete?: CompletionSource | undefined } }): Extension =>
  autocompletion({ override: [(context) => latest.current.complete?.(context) ?? null], icons: false });
