// Service accounts: what each may do, and the tokens it proves itself with.
import { Empty, Failed, Loading } from "../../components/Blank";
import { Tag } from "../../components/Tag";
import { paths } from "../../lib/paths";
import type { ServiceAccount } from "../../lib/shell/shell";
import { Chips } from "./Chips";
import { useServiceAccounts } from "./queries";
import { Tokens } from "./Tokens";

export function ServiceAccounts() {
  const accounts = useServiceAccounts();
  if (accounts.isPending) return <Loading what="accounts" />;
  if (accounts.error && !accounts.data) {
    return <Failed title="The accounts cannot be read." problem={accounts.error} onRetry={() => accounts.refetch()} />;
  }
  if (accounts.data.length === 0) {
    return (
      <Empty icon="accounts" title="There are no service accounts">
        Pipelines, orchestrators and agents appear here, each with what it may ask for.
      </Empty>
    );
  }
  return (
    <div className="accounts">
      {accounts.data.map((account) => (
        <Account key={account.name} account={account} />
      ))}
    </div>
  );
}

function Account({ account }: { account: ServiceAccount }) {
  return (
    <article className="card account" aria-label={account.name}>
      <header>
        <h2>
          <a href={paths.account(account.name)}>{account.name}</a>
        </h2>
        {account.sample && <Tag tone="calm">Sample</Tag>}
        {!account.active && <Tag tone="danger">Inactive</Tag>}
        <span className="muted">team {account.team}</span>
      </header>
      <p>{account.description}</p>
      <div className="account-scopes">
        <Chips label="May" names={account.scopes} none="nothing" />
        <Chips label="In" names={account.workspaces} none="every workspace" />
      </div>
      <a href={paths.account(account.name)} aria-label={`What ${account.name} uses of it`}>
        What it uses of it
      </a>
      <Tokens account={account} />
    </article>
  );
}
