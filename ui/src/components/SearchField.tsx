// A search box that speaks when the typing pauses, and follows when the text is set from elsewhere.
import { type Ref, useEffect, useRef, useState } from "react";
import { Icon } from "./Icon";
import "./search-field.css";

type Props = { label: string; text: string; onText: (text: string) => void; ref?: Ref<HTMLInputElement> };

export function SearchField({ label, text, onText, ref }: Props) {
  const [typed, setTyped] = useState(text);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => setTyped(text), [text]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const type = (value: string) => {
    setTyped(value);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onText(value.trim()), 180);
  };

  return (
    <div className="search-field">
      <Icon name="search" />
      <input
        ref={ref}
        type="search"
        className="input"
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={({ target }) => type(target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          if (typed) type("");
          else event.currentTarget.blur();
        }}
      />
    </div>
  );
}
