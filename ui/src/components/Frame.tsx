// The house around the rooms: the way to each of them on the left (above, where it is narrow), banners on top.
import { type ReactNode, useRef } from "react";
import { Icon, type IconName } from "./Icon";
import "./frame.css";

export type RoomLink = { href: string; label: string; icon: IconName; here: boolean; count?: number; hint?: string };

type Props = {
  rooms: RoomLink[];
  onSearch: () => void;
  banners: ReactNode;
  /** Who and where, below the rooms. */
  foot: ReactNode;
  children: ReactNode;
};

export function Frame({ rooms, onSearch, banners, foot, children }: Props) {
  const main = useRef<HTMLElement>(null);
  return (
    <div className="frame">
      <button type="button" className="frame-skip" onClick={() => main.current?.focus()}>
        Skip to the room
      </button>
      <header className="frame-side">
        <div className="frame-brand">
          <Mark />
          <span>Countersign</span>
        </div>
        <button type="button" className="frame-search" onClick={onSearch} aria-keyshortcuts="Control+K">
          <Icon name="search" />
          <span>Go to…</span>
          <kbd>Ctrl K</kbd>
        </button>
        <nav className="frame-rooms" aria-label="Rooms">
          {rooms.map((room) => (
            <a key={room.href} href={room.href} aria-current={room.here ? "page" : undefined} title={room.hint}>
              <Icon name={room.icon} />
              <span>{room.label}</span>
              {Boolean(room.count) && (
                <span className="frame-count">
                  {room.count}
                  <span className="visually-hidden"> waiting for you</span>
                </span>
              )}
            </a>
          ))}
        </nav>
        <div className="frame-foot">{foot}</div>
      </header>
      <div className="frame-main">
        <section className="frame-banners" aria-label="Notices">
          {banners}
        </section>
        <main ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

/** Two signatures, one on top of the other. */
export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 20 20" aria-hidden="true">
      <path className="mark-first" d="M2.5 10.5 6.5 14.5 13.5 5" />
      <path className="mark-second" d="M8 13.5 9.5 15 17.5 5" />
    </svg>
  );
}
