// Hands the host to the tree, so that tests and development can hand in another.
import { createContext, useContext } from "react";
import type { Shell } from "./shell";

const ShellContext = createContext<Shell | null>(null);

export const ShellProvider = ShellContext.Provider;

/** The host. */
export function useShell(): Shell {
  const shell = useContext(ShellContext);
  if (!shell) throw new Error("there is no shell above this component");
  return shell;
}
