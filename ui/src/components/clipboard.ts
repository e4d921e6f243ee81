// Putting text on the clipboard, in webviews of any temper.

/** Copies a text; `beside` is where a helper may stand for a moment. Gives whether it worked. */
export async function copyText(text: string, beside: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, beside);
  }
}

// The older way, for where the clipboard may only be filled from a selection.
function copySelected(text: string, beside: Element): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.readOnly = true;
  area.className = "visually-hidden";
  const focused = document.activeElement;
  beside.after(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return copied;
}
