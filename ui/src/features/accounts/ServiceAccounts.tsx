// Service accounts: what each may do, and the tokens it proves itself with.
import { Empty, Failed, Loading } from "../../components/Blank";
import { Tag } from "../../components/Tag";
import type { ServiceAccount } from "../../lib/shell/shell";
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
        <h2>{account.name}</h2>
        {account.sample && <Tag tone="calm">Sample</Tag>}
        {!account.active && <Tag tone="danger">Inactive</Tag>}
        <span className="muted">team {account.team}</span>
      </header>
      <p>{account.description}</p>
      <div className="account-scopes">
        <Chips label="May" names={account.scopes} none="nothing" />
        <Chips label="In" names={account.workspaces} none="every workspace" />
      </div>
      <Tokens account={account} />
    </article>
  );
}

function Chips({ label, names, none }: { label: string; names: string[]; none: string }) {
  return (
    <p className="chips">
      <span className="muted">{label}</span>
      {names.length === 0 && none}
      {names.map((name) => (
        <code key={name} className="chip">
          {name}
        </code>
      ))}
    </p>
  );
}
