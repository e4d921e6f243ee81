// One service account: what it is, what it proves itself with, and what of its rights it uses.
import { Empty, Failed, Loading } from "../../components/Blank";
import { Facts } from "../../components/Facts";
import { Room, Section } from "../../components/Room";
import { Tag } from "../../components/Tag";
import { Ago } from "../../components/Time";
import { visible } from "../../lib/format";
import { paths } from "../../lib/paths";
import type { ServiceAccount } from "../../lib/shell/shell";
import { Chips } from "./Chips";
import { LeastPrivilege } from "./privilege/LeastPrivilege";
import type { GrantReplayer } from "./privilege/replayer";
import { useServiceAccounts } from "./queries";
import { Tokens } from "./Tokens";
import "./accounts.css";

type Props = {
  name: string;
  /** Replays a narrower grant; another feature knows how. */
  Replayer: GrantReplayer;
};

export function AccountPage({ name, Replayer }: Props) {
  const accounts = useServiceAccounts();
  const account = accounts.data?.find((known) => known.name === name);
  const problem = accounts.data ? null : accounts.error;
  return (
    <Room
      title={visible(account?.title || name)}
      {...(account && { lead: visible(account.description) })}
      actions={<a href={paths.accounts()}>All accounts</a>}
    >
      {account ? (
        <Account key={name} account={account} Replayer={Replayer} />
      ) : problem ? (
        <Failed title="The account cannot be read." problem={problem} onRetry={() => accounts.refetch()} />
      ) : accounts.isPending ? (
        <Loading what="the account" />
      ) : (
        <Empty icon="accounts" title="There is no such account">
          It may have another name, or it may not be for you to see.
        </Empty>
      )}
    </Room>
  );
}

function Account({ account, Replayer }: { account: ServiceAccount; Replayer: GrantReplayer }) {
  return (
    <>
      <Section title="The account">
        <div className="card account">
          <Facts
            facts={[
              ["State", <State key="state" isActive={account.active} />],
              ["Name", <code key="name">{account.name}</code>],
              ["Team", visible(account.team)],
              ["May", <Chips key="scopes" names={account.scopes} none="nothing" />],
              ["In", <Chips key="workspaces" names={account.workspaces} none="every workspace" />],
              ["From", <Chips key="networks" names={account.networks} none="any address" />],
              ["Ends", account.expires_at ? <Ago key="end" at={account.expires_at} /> : "never"],
            ]}
          />
          <Tokens account={account} />
        </div>
      </Section>
      <LeastPrivilege account={account} Replayer={Replayer} />
    </>
  );
}

function State({ isActive }: { isActive: boolean }) {
  return isActive ? <Tag tone="success">Active</Tag> : <Tag tone="danger">Disabled</Tag>;
}
