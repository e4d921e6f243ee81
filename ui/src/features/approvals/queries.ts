// What the room asks: pages of the inbox, and one ticket's page.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useShell } from "../../lib/shell/context";
import { keys } from "../../lib/shell/freshness";
import type { Inbox, InboxQuery, InboxView } from "../../lib/shell/shell";

export function useInbox(query: Omit<InboxQuery, "cursor">) {
  const shell = useShell();
  return useInfiniteQuery({
    queryKey: [...keys.inbox, query],
    queryFn: ({ pageParam }) => shell.inbox({ ...query, cursor: pageParam }),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Inbox) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** How many tickets wait for the reader. */
export function useMineCount(): number {
  const first = useInbox({ view: "mine", env: null, text: null });
  return first.data?.pages[0]?.counts.mine ?? 0;
}

export function useTicketPage(id: string) {
  const shell = useShell();
  return useQuery({ queryKey: keys.ticket(id), queryFn: () => shell.ticketPage(id) });
}

export const views: { view: InboxView; label: string; empty: string; coming: string }[] = [
  {
    view: "mine",
    label: "Mine to decide",
    empty: "Nothing waits for you",
    coming: "Tickets that you may approve or deny appear here the moment they are opened.",
  },
  {
    view: "pending",
    label: "Pending",
    empty: "Nothing is pending",
    coming: "Every open ticket appears here: what needs a review, and what is approved and waits to run.",
  },
  {
    view: "closed",
    label: "Closed",
    empty: "Nothing is closed yet",
    coming: "Denied, expired, cancelled and consumed tickets stay here, with who and when.",
  },
  {
    view: "after_review",
    label: "After-review",
    empty: "No emergency waits to be looked at",
    coming: "What ran as an emergency stays here until somebody who had no part in it signs what they found.",
  },
];
