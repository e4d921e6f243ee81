// Text to take along: shown whole, with a button that copies exactly it.
import { useEffect, useRef, useState } from "react";
import { copyText } from "./clipboard";
import { Icon } from "./Icon";
import "./copyable.css";

/** A button that copies `text`. `what` names it, as in "Copy the command". */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const copy = async (button: Element) => {
    setCopied(await copyText(text, button));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setCopied(null), 2_000);
  };

  return (
    <button
      type="button"
      className="copy-button"
      aria-label={`Copy ${what}`}
      title={`Copy ${what}`}
      onClick={({ currentTarget }) => copy(currentTarget)}
    >
      <Icon name={copied ? "done" : "copy"} />
      <span className="visually-hidden" role="status">
        {copied === true && "Copied"}
        {copied === false && "The clipboard is not available: select the text instead"}
      </span>
    </button>
  );
}

/** A block of text with its copy button. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <div className="copyable">
      <pre>{text}</pre>
      <CopyButton text={text} what={what} />
    </div>
  );
}
