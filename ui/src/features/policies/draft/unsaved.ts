// What was typed and not saved, kept on this device until it is saved or thrown away, so that leaving the room, a reload
// or a crash loses nothing. Texts too large for the webview's storage are kept for as long as the window lives.
import type { PolicyCase, PolicyDraft, PolicyTexts } from "../../../lib/shell/shell";

export type Written = { title: string; texts: Required<PolicyTexts>; cases: PolicyCase[] };
/** `base` is the tag of the revision that was written on. */
export type Unsaved = Written & { base: string };

const PREFIX = "countersign.policy-draft.";
const held = new Map<string, Unsaved>();

/** What was not saved of a draft, if there is anything. */
export function unsavedOf(id: string): Unsaved | null {
  const here = held.get(id);
  if (here) return here;
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PREFIX + id) ?? "null");
    return isUnsaved(kept) ? kept : null;
  } catch {
    return null;
  }
}

export function keepUnsaved(id: string, unsaved: Unsaved): void {
  held.set(id, unsaved);
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify(unsaved));
  } catch {
    localStorage.removeItem(PREFIX + id);
  }
}

export function forgetUnsaved(id: string): void {
  held.delete(id);
  localStorage.removeItem(PREFIX + id);
}

/** Whether it is what the control plane has. */
export function isSaved(written: Written, draft: PolicyDraft): boolean {
  return (
    written.title === draft.title &&
    written.texts.schema === draft.texts.schema &&
    written.texts.policies === draft.texts.policies &&
    written.texts.invariants === (draft.texts.invariants ?? "") &&
    JSON.stringify(written.cases) === JSON.stringify(draft.cases)
  );
}

function isUnsaved(value: unknown): value is Unsaved {
  if (typeof value !== "object" || value === null) return false;
  const { title, texts, cases, base } = value as Record<string, unknown>;
  const { schema, policies, invariants } = (texts ?? {}) as Record<string, unknown>;
  const strings = [title, base, schema, policies, invariants].every((one) => typeof one === "string");
  return strings && Array.isArray(cases);
}
