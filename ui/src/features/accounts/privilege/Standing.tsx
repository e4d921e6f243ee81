// Whether something was used, by shape and word as well as by colour.
import type { UseStanding } from "../../../lib/shell/shell";

export const standingWord: Record<UseStanding, string> = {
  used: "used",
  unused: "not used",
  unknown: "cannot be told",
};

export function Standing({ of }: { of: UseStanding }) {
  return (
    <span className={`standing standing-${of}`}>
      <Mark of={of} />
      {standingWord[of]}
    </span>
  );
}

/** Full, empty with a stroke through it, or a question. */
export function Mark({ of }: { of: UseStanding }) {
  return (
    <svg className={`use-mark use-mark-${of}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
      <circle cx="6" cy="6" r="4.5" />
      {of === "unused" && <path d="M2.8 9.2 9.2 2.8" />}
      {of === "unknown" && <path d="M4.6 4.8a1.4 1.4 0 1 1 1.9 1.3c-.4.2-.5.4-.5.8M6 8.4v.2" />}
    </svg>
  );
}
