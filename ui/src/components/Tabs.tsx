// Tabs after the ARIA pattern: one stop for Tab, arrows move and select.
import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import "./tabs.css";

export type Tab = {
  id: string;
  label: ReactNode;
  content: ReactNode;
  /** What is in it stays as it was left while another tab is open. */
  kept?: boolean;
};

type Props = {
  label: string;
  tabs: Tab[];
  aside?: ReactNode;
  /** Which is open, where something else than a tab can say so. */
  open?: string;
  onOpen?: (id: string) => void;
};

/** `label` names the set. The first tab is open at the start. */
export function Tabs({ label, tabs, aside, open: said, onOpen }: Props) {
  const base = useId();
  const [chosen, setChosen] = useState(tabs[0]?.id);
  const open = tabs.find((tab) => tab.id === (said ?? chosen)) ?? tabs[0];
  const choose = (id: string) => {
    setChosen(id);
    onOpen?.(id);
  };

  const move = (event: KeyboardEvent<HTMLButtonElement>, at: number) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    choose(next.id);
    document.getElementById(`${base}-${next.id}`)?.focus();
  };

  return (
    <div className="tabs">
      <div className="tabs-bar">
        <div role="tablist" aria-label={label} className="tabs-list">
          {tabs.map((tab, at) => (
            <button
              key={tab.id}
              id={`${base}-${tab.id}`}
              type="button"
              role="tab"
              className="tab"
              aria-selected={tab.id === open?.id}
              aria-controls={tab.id === open?.id || tab.kept ? `${base}-${tab.id}-panel` : undefined}
              tabIndex={tab.id === open?.id ? 0 : -1}
              onClick={() => choose(tab.id)}
              onKeyDown={(event) => move(event, at)}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {aside}
      </div>
      {tabs
        .filter((tab) => tab.kept || tab.id === open?.id)
        .map((tab) => (
          <div
            key={tab.id}
            id={`${base}-${tab.id}-panel`}
            role="tabpanel"
            className="tabs-panel"
            hidden={tab.id !== open?.id}
            aria-labelledby={`${base}-${tab.id}`}
          >
            {tab.content}
          </div>
        ))}
    </div>
  );
}
