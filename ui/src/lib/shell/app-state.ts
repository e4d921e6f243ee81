// The state of the console as a whole, and the few questions about it that more than one room asks.
import { useQuery } from "@tanstack/react-query";
import { useShell } from "./context";
import { keys } from "./freshness";
import type { AppState, Session } from "./shell";

/** The app state, once it is known. */
export function useAppState() {
  const shell = useShell();
  return useQuery({ queryKey: keys.appState, queryFn: () => shell.appState(), staleTime: Number.POSITIVE_INFINITY });
}

/** Who is signed in, if somebody is. */
export function useSession(): Session | null {
  return useAppState().data?.session ?? null;
}

/** Since when the control plane has not answered. While it does not, nothing can be decided. */
export function useOfflineSince(): AppState["offline_since"] {
  return useAppState().data?.offline_since ?? null;
}

/** Why the person cannot do what needs a scope; nothing if they can. */
export function useMissingScope(scope: string): string | null {
  const session = useSession();
  return session?.who.scopes.includes(scope) ? null : `This needs the scope ${scope}, which you do not have.`;
}
