// What the person set for this window. Kept by the webview, and worth nothing to anyone else.
import { useSyncExternalStore } from "react";

type Preference = "single-key-shortcuts" | "first-steps";

const listeners = new Set<() => void>();

/** Whether single letters are shortcuts, and how to change it (WCAG 2.1.4). */
export const useSingleKeys = () => usePreference("single-key-shortcuts");

/** Whether the way to try it from a terminal is shown. */
export const useFirstSteps = () => usePreference("first-steps");

function usePreference(name: Preference): [boolean, (on: boolean) => void] {
  const key = `countersign.${name}`;
  const on = useSyncExternalStore(subscribe, () => localStorage.getItem(key) !== "off");
  const set = (to: boolean) => {
    localStorage.setItem(key, to ? "on" : "off");
    for (const changed of listeners) changed();
  };
  return [on, set];
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}
