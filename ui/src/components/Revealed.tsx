// Text as it really is. What a screen would hide or disguise was written out by the host; here it is made to stand out.
import "./revealed.css";

export type RevealedSpan = { mark: "plain" | "hidden" | "look_alike"; text: string };

const meaning = { hidden: "Hidden character", look_alike: "Look-alike character" };

/** One text. An empty one is said to be empty. */
export function Revealed({ spans }: { spans: RevealedSpan[] }) {
  if (spans.every((span) => span.text === "")) return <span className="revealed-empty">empty</span>;
  return (
    <span className="revealed">
      {spans.map((span, at) =>
        span.mark === "plain" ? (
          span.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
          <mark key={at} className={`revealed-${span.mark}`} title={meaning[span.mark]}>
            {span.text}
          </mark>
        ),
      )}
    </span>
  );
}

/** How many marked pieces there are in some texts. */
export function marksIn(texts: RevealedSpan[][]): { hidden: number; look_alike: number } {
  const spans = texts.flat();
  const count = (mark: RevealedSpan["mark"]) =>
    spans
      .filter((span) => span.mark === mark)
      .reduce((sum, span) => sum + (span.text.match(/‹U\+[0-9A-F]+›/g)?.length ?? 1), 0);
  return { hidden: count("hidden"), look_alike: count("look_alike") };
}
