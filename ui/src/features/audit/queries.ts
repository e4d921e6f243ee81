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
