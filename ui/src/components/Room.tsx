// The frame of a room with one column: its name, what acts on all of it, and the content.
import type { ReactNode } from "react";
import "./room.css";

type Props = { title: string; lead?: ReactNode; actions?: ReactNode; children: ReactNode };

export function Room({ title, lead, actions, children }: Props) {
  return (
    <div className="room">
      <header className="room-head">
        <div>
          <h1>{title}</h1>
          {lead && <p className="room-lead">{lead}</p>}
        </div>
        {actions && <div className="room-actions">{actions}</div>}
      </header>
      <div className="room-body">{children}</div>
    </div>
  );
}

/** A titled part of a room. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="section" aria-label={title}>
      <header className="section-head">
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
