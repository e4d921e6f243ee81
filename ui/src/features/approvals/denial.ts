// Why a request is denied, word for word as the requester will get it.

export const presets = ["Unauthorized scope", "Suspicious arguments", "Wrong environment"];

/** Puts a preset into the text: in the place of another preset, or before what was typed. */
export function withPreset(text: string, preset: string): string {
  const other = presets.find((known) => text === known || text.startsWith(`${known}: `));
  const rest = other ? text.slice(other.length).replace(/^: /, "") : text.trim();
  return rest ? `${preset}: ${rest}` : preset;
}

const drafts = new Map<string, string>();

/** What was typed for a ticket and not sent. It survives going elsewhere, not closing the window. */
export const draftFor = (ticket: string) => drafts.get(ticket) ?? "";

export function keepDraft(ticket: string, text: string): void {
  if (text) drafts.set(ticket, text);
  else drafts.delete(ticket);
}
