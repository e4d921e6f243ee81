// What the room asks: service accounts with their credentials, and people.
import { useQuery } from "@tanstack/react-query";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";

export function useServiceAccounts() {
  const shell = useShell();
  return useQuery({ queryKey: keys.accounts, queryFn: () => shell.accounts() });
}

export function usePeople() {
  const shell = useShell();
  return useQuery({ queryKey: keys.users, queryFn: () => shell.users() });
}
