// An exact action, three ways, from the bytes that are signed. Nothing is shortened: long text wraps, every value has
// its own line, and spaces are shaded so that none can hide at an end.
import { type ReactNode, useEffect, useRef } from "react";
import { CopyButton } from "./Copyable";
import { Note } from "./Note";
import { marksIn, Revealed, type RevealedSpan } from "./Revealed";
import { Tabs } from "./Tabs";
import "./exact-view.css";

export type ExactParts = {
  readable: { label: string; values: RevealedSpan[][]; changed: boolean }[];
  raw: RevealedSpan[][];
  hashes: { name: string; value: string }[];
  words: string[];
};

type Props = {
  exact: ExactParts;
  /** Called when the end of the whole payload, readable or raw, is on screen. */
  onEndSeen?: () => void;
};

export function ExactView({ exact, onEndSeen }: Props) {
  const end = onEndSeen && <End onSeen={onEndSeen} />;
  return (
    <div className="exact">
      <Marks exact={exact} />
      <Tabs
        label="Views of the exact action"
        aside={<Words words={exact.words} />}
        tabs={[
          { id: "readable", label: "Readable", content: <Readable rows={exact.readable} end={end} /> },
          { id: "raw", label: "Raw", content: <Raw lines={exact.raw} end={end} /> },
          { id: "hashes", label: "Hashes", content: <Hashes hashes={exact.hashes} /> },
        ]}
      />
    </div>
  );
}

function Marks({ exact }: { exact: ExactParts }) {
  const { hidden, look_alike } = marksIn(exact.readable.flatMap((row) => row.values));
  if (hidden + look_alike === 0) return null;
  const found = [
    hidden > 0 && `${hidden} hidden ${hidden === 1 ? "character" : "characters"}`,
    look_alike > 0 && `${look_alike} look-alike ${look_alike === 1 ? "character" : "characters"}`,
  ].filter(Boolean);
  return (
    <Note tone="warning" title={`Contains ${found.join(" and ")}.`}>
      Each is written out below as its code point.
    </Note>
  );
}

function Words({ words }: { words: string[] }) {
  if (words.length === 0) return null;
  return (
    <p className="exact-words" title="The same words must show on a second device">
      <span>Words to compare</span> <strong>{words.join(" ")}</strong>
    </p>
  );
}

function Readable({ rows, end }: { rows: ExactParts["readable"]; end: ReactNode }) {
  return (
    <>
      <dl className="exact-rows">
        {rows.map((row, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the order of rows is their identity
          <div key={place} className={row.changed ? "exact-row exact-row-changed" : "exact-row"}>
            <dt>
              {row.label}
              {row.changed && <em title="Differs from the last approved action of the same kind">changed</em>}
            </dt>
            {row.values.length === 0 && (
              <dd>
                <span className="revealed-empty">none</span>
              </dd>
            )}
            {row.values.map((value, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the order of values is their identity
              <dd key={at}>
                <Revealed spans={value} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
      {end}
    </>
  );
}

function Raw({ lines, end }: { lines: RevealedSpan[][]; end: ReactNode }) {
  return (
    <>
      <ol className="exact-raw">
        {lines.map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
          <li key={at}>
            <Revealed spans={line} />
          </li>
        ))}
      </ol>
      {end}
    </>
  );
}

function Hashes({ hashes }: { hashes: ExactParts["hashes"] }) {
  return (
    <dl className="exact-rows">
      {hashes.map((hash) => (
        <div key={hash.name} className="exact-row exact-row-hash">
          <dt>{hash.name}</dt>
          <dd>
            <span>{hash.value}</span>
            {hash.value !== "–" && <CopyButton text={hash.value} what={hash.name} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function End({ onSeen }: { onSeen: () => void }) {
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) onSeen();
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [onSeen]);
  return <div ref={end} className="exact-end" />;
}
