// What is kept of the host's answers, and what an event makes stale. Nothing here polls: an answer lives until the
// control plane says that something changed, or until the window is looked at again.
import { QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useShell } from "./context";
import type { Changed } from "./shell";

/** The name of every kept answer. */
export const keys = {
  appState: ["app-state"],
  gettingStarted: ["getting-started"],
  inbox: ["inbox"],
  tickets: ["ticket"],
  ticket: (id: string) => ["ticket", id],
  roster: ["roster"],
  audit: ["audit"],
  integrity: ["integrity"],
  accounts: ["accounts"],
  accountUsage: (of: string) => ["accounts", "usage", of],
  users: ["users"],
  policies: ["policies"],
  policySet: ["policies", "in force"],
  policyVersions: ["policies", "versions"],
  policyVersion: (version: string) => ["policies", "versions", version],
  policyDrafts: ["policies", "drafts"],
  policyDraft: (id: string) => ["policies", "drafts", id],
  policyTicket: (ticket: string) => ["policies", "drafts", "ticket", ticket],
  policyAccess: ["policies", "access"],
  policyVocabulary: ["policies", "vocabulary"],
  tasks: ["tasks"],
} satisfies Record<string, QueryKey | ((id: string) => QueryKey)>;

const everything: QueryKey = [];

/** What has to be asked again after a change. After a gap in hearing that is everything. Every change is an audit entry, so the audit trail always is. */
export function staleAfter({ kind, about }: Changed): QueryKey[] {
  const always = [keys.audit, keys.integrity];
  switch (kind.split(".")[0]) {
    case "connected":
      return [everything];
    case "ticket":
      return [...always, keys.inbox, keys.policyDrafts, about ? keys.ticket(about) : keys.tickets];
    case "task":
      return [...always, keys.tasks, keys.tickets];
    case "roster":
      return [...always, keys.roster, keys.appState, keys.users, keys.inbox, keys.tickets, keys.gettingStarted];
    case "policy":
      return [...always, kind.startsWith("policy.draft_") ? keys.policyDrafts : keys.policies];
    case "user":
    case "account":
    case "credential":
      return [...always, keys.users, keys.accounts];
    default:
      return always;
  }
}

/** Asks again for what became stale. Changes within one moment are taken together. */
export function useFreshness(): void {
  const shell = useShell();
  const queries = useQueryClient();
  useEffect(() => {
    const stale = new Map<string, QueryKey>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const flush = () => {
      timer = undefined;
      for (const queryKey of stale.values()) void queries.invalidateQueries({ queryKey });
      stale.clear();
    };
    const stopState = shell.listen("app-state", () => void queries.invalidateQueries({ queryKey: keys.appState }));
    const stopChanges = shell.listen("changed", (changed) => {
      for (const key of staleAfter(changed)) stale.set(JSON.stringify(key), key);
      timer ??= setTimeout(flush, 40);
    });
    return () => {
      stopState();
      stopChanges();
      clearTimeout(timer);
    };
  }, [shell, queries]);
}

/** The store of kept answers. The control plane may run on this machine, so "no network" means nothing here. */
export function newQueryClient(): QueryClient {
  const everywhere = { networkMode: "always", retry: false } as const;
  return new QueryClient({ defaultOptions: { queries: { ...everywhere, staleTime: 2_000 }, mutations: everywhere } });
}
