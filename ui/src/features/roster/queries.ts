// What the room asks: the roster with its versions and who waits to be on it.
import { useQuery } from "@tanstack/react-query";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";

export function useRoster() {
  const shell = useShell();
  return useQuery({ queryKey: keys.roster, queryFn: () => shell.rosterPage() });
}
