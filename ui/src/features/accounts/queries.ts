// What the room asks: service accounts with their credentials and their usage, and people.
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

/** What an account used in so many days; asked only of who may know. */
export function useUsage(name: string, days: number, isAllowed: boolean) {
  const shell = useShell();
  return useQuery({
    queryKey: keys.accountUsage(`${name} ${days}`),
    queryFn: () => shell.accountUsage(name, days),
    enabled: isAllowed,
  });
}

/** The policies in force: a replay is stale once others are. */
export function useLivePolicies() {
  const shell = useShell();
  return useQuery({ queryKey: keys.policySet, queryFn: () => shell.policies() });
}
