// Reads and writes the code editor as a test says. jsdom has no layout, so that typing into it goes through the view.
import { EditorView } from "@codemirror/view";
import { act, screen } from "@testing-library/react";

/** The editor of that name. */
export async function codeEditor(name: string): Promise<EditorView> {
  const view = EditorView.findFromDOM(await screen.findByRole("textbox", { name }));
  if (!view) throw new Error(`there is no editor ${name}`);
  return view;
}

/** Replaces a stretch of its text, as one edit. */
export function retype(view: EditorView, before: string, after: string): void {
  const from = view.state.doc.toString().indexOf(before);
  if (from < 0) throw new Error(`the text has no ${before}`);
  act(() => view.dispatch({ changes: { from, to: from + before.length, insert: after } }));
}
