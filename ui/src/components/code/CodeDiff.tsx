// Two versions of a text in one column: what went is struck, what came is marked, what stayed is folded.
import { syntaxHighlighting } from "@codemirror/language";
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { useEffect, useRef } from "react";
import { withAdoptedStyles } from "./adopted-styles";
import "./code.css";

type Props = { label: string; before: string; after: string; language: Extension };

export function CodeDiff({ label, before, after, language }: Props) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!place.current || before === after) return;
    const parent = place.current;
    const state = EditorState.create({
      doc: after,
      extensions: [
        lineNumbers(),
        language,
        syntaxHighlighting(classHighlighter),
        EditorState.readOnly.of(true),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, "aria-readonly": "true" }),
        unifiedMergeView({
          original: before,
          mergeControls: false,
          collapseUnchanged: { margin: 3, minSize: 6 },
          diffConfig: { scanLimit: 2_000, timeout: 1_000 },
        }),
      ],
    });
    const view = withAdoptedStyles(() => new EditorView({ state, parent }));
    return () => view.destroy();
  }, [label, before, after, language]);

  if (before === after) return <p className="muted">{label}: no difference.</p>;
  return <div ref={place} className="code code-diff" />;
}
