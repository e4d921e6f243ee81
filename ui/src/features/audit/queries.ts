// What the room asks: pages of entries, newest first, and how the ledger stands.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import type { AuditPlace } from "../../lib/paths";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { AuditRow, Page } from "../../lib/shell/shell";

export function useEntries({ kind = "", about = "", text = "" }: AuditPlace) {
  const shell = useShell();
  return useInfiniteQuery({
    queryKey: [...keys.audit, { kind, about, text }],
    queryFn: ({ pageParam }) =>
      shell.auditPage({ kind: kind || null, about: about || null, text: text || null, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page<AuditRow>) => page.next,
    placeholderData: keepPreviousData,
  });
}

export function useIntegrity() {
  const shell = useShell();
  return useQuery({ queryKey: keys.integrity, queryFn: () => shell.integrity() });
}

/** What an entry can be about. Names are added, never changed. */
export const kinds = [
  "system.founded",
  "authentication.succeeded",
  "authentication.failed",
  "session.refreshed",
  "session.ended",
  "authorization.refused",
  "decision.made",
  "ticket.opened",
  "ticket.reviewed",
  "ticket.review_refused",
  "ticket.cancelled",
  "ticket.revoked",
  "ticket.expired",
  "ticket.consumed",
  "ticket.consume_refused",
  "ticket.after_reviewed",
  "task.started",
  "task.finished",
  "user.created",
  "account.created",
  "credential.created",
  "credential.revoked",
  "roster.enrolment_requested",
  "roster.changed",
  "policy.draft_created",
  "policy.draft_changed",
  "policy.draft_discarded",
  "policy.published",
];
