// Where things are in a text, as people count and as the editor counts.
import type { Text } from "@codemirror/state";

/** Something to say about a stretch of text. Lines and columns from 1, columns in characters. */
export type CodeMark = {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  severity: "error" | "warning" | "info";
  message: string;
};

/** The editor's offset of a place; the nearest there is, if the text is shorter by now. */
export function offsetOf(text: Text, line: number, column: number): number {
  if (line > text.lines) return text.length;
  const found = text.line(Math.max(1, line));
  let offset = 0;
  let left = column - 1;
  for (const char of found.text) {
    if (left <= 0) break;
    offset += char.length;
    left -= 1;
  }
  return found.from + offset;
}
