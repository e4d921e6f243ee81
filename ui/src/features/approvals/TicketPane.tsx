// Gets one ticket's page, and says so if it cannot be had.
import { Failed, Loading } from "../../components/Blank";
import { Icon } from "../../components/Icon";
import { useTicketPage } from "./queries";
import { TicketPage } from "./TicketPage";

/** `keysHere`: whether the keys of the list act on this ticket. */
export function TicketPane({ id, back, keysHere }: { id: string; back: string; keysHere: boolean }) {
  const page = useTicketPage(id);
  return (
    <>
      <a className="approvals-back" href={back}>
        <Icon name="back" /> All tickets
      </a>
      {page.isPending && <Loading what="the ticket" />}
      {page.error && !page.data && (
        <Failed title="The ticket cannot be read." problem={page.error} onRetry={() => page.refetch()} />
      )}
      {page.data && <TicketPage page={page.data} keysHere={keysHere} />}
    </>
  );
}
