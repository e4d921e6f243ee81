// Whom a change meets, most first: a bar for each name, with what widens in red.
import { visible } from "../../../lib/format";
import type { Share } from "../../../lib/shell/shell";

export function Shares({ label, shares }: { label: string; shares: Share[] }) {
  if (shares.length === 0) return <p className="muted">Nothing flips.</p>;
  const most = Math.max(1, ...shares.map(({ flips }) => flips));
  return (
    <ul className="shares" aria-label={label}>
      {shares.map(({ name, flips, widening, decisions }) => (
        <li key={name}>
          <span className="share-name">
            <bdi>{visible(name)}</bdi>
          </span>
          <svg className="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
            <rect className="bar-flips" width={(flips / most) * 100} height="8" />
            <rect className="bar-widening" width={(widening / most) * 100} height="8" />
          </svg>
          <span className="share-count">
            {flips.toLocaleString("en")} <span className="muted">of {decisions.toLocaleString("en")}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
