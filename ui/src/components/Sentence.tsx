// A sentence that the product made: what stands between backticks is code, and what a stranger put into it is visible.
import { visible } from "../lib/format";

export function Sentence({ text }: { text: string }) {
  const parts = visible(text).split("`");
  // Backticks that do not pair are somebody's own.
  if (parts.length % 2 === 0) return visible(text);
  let at = 0;
  return parts.map((part, number) => {
    at += part.length + 1;
    return number % 2 === 1 ? <code key={at}>{part}</code> : part;
  });
}
