// What the room asks: the set in force, its versions, drafts of the next, and who could be meant in a question.
import { useQueries, useQuery } from "@tanstack/react-query";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";

export function usePolicySet() {
  const shell = useShell();
  return useQuery({ queryKey: keys.policySet, queryFn: () => shell.policies() });
}

export function useVersions() {
  const shell = useShell();
  return useQuery({ queryKey: keys.policyVersions, queryFn: () => shell.policyVersions() });
}

/** A version never changes once it is published. */
export function useVersion(version: number | null) {
  const shell = useShell();
  return useQuery({
    queryKey: keys.policyVersion(String(version)),
    queryFn: () => shell.policyVersion(version ?? 0),
    enabled: version !== null && version > 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function useDrafts() {
  const shell = useShell();
  return useQuery({ queryKey: keys.policyDrafts, queryFn: () => shell.policyDrafts() });
}

export function useDraft(id: string) {
  const shell = useShell();
  return useQuery({ queryKey: keys.policyDraft(id), queryFn: () => shell.policyDraft(id) });
}

/** A ticket under which a draft waits to be published. */
export function useTicket(id: string | null) {
  const shell = useShell();
  return useQuery({
    queryKey: keys.ticket(id ?? ""),
    queryFn: () => shell.ticketPage(id ?? ""),
    enabled: id !== null,
    select: (page) => page.ticket,
  });
}

/** Everybody that is known here, as questions name them. Whoever may not see them types the name. */
export function useKnownPrincipals(): { value: string; name: string }[] {
  const shell = useShell();
  const [users, accounts] = useQueries({
    queries: [
      { queryKey: keys.users, queryFn: () => shell.users() },
      { queryKey: keys.accounts, queryFn: () => shell.accounts() },
    ],
  });
  return [
    ...(accounts.data ?? []).map(({ name }) => ({ value: `service_account:${name}`, name })),
    ...(users.data ?? []).map(({ id, name }) => ({ value: `user:${id}`, name })),
  ];
}
