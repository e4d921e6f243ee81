// Says things to screen readers that others see for themselves, such as a ticket that appeared in a list.
import { createContext, type ReactNode, useCallback, useContext, useRef, useState } from "react";

const AnnounceContext = createContext<(text: string) => void>(() => {});

export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: "", turn: 0 });
  const turn = useRef(0);
  const announce = useCallback((text: string) => {
    turn.current += 1;
    setSaid({ text, turn: turn.current });
  }, []);
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      <div className="visually-hidden" role="log" aria-label="Announcements" aria-live="polite">
        {said.text && <p key={said.turn}>{said.text}</p>}
      </div>
    </AnnounceContext.Provider>
  );
}

/** Gives the function that announces a text. */
export const useAnnounce = () => useContext(AnnounceContext);
