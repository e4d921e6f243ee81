// Gets one ticket's page, and says so if it cannot be had.
import { Failed, Loading } from "../../components/Blank";
import { Icon } from "../../components/Icon";
import { useTicketPage } from "./queries";
import { type Publisher, TicketPage } from "./TicketPage";

type Props = { id: string; back: string; keysHere: boolean; ToPublish: Publisher };

export function TicketPane({ id, back, keysHere, ToPublish }: Props) {
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
      {page.data && <TicketPage page={page.data} keysHere={keysHere} ToPublish={ToPublish} />}
    </>
  );
}
