// A filter that can be put on, and taken off where it stands.
import { Icon } from "./Icon";
import "./filter-pill.css";

type Props = { label: string; on: boolean; count?: number; onToggle: () => void };

export function FilterPill({ label, on, count, onToggle }: Props) {
  return (
    <button type="button" className="pill" aria-pressed={on} onClick={onToggle}>
      {label}
      {count !== undefined && <span className="pill-count">{count}</span>}
      {on && <Icon name="close" />}
    </button>
  );
}
