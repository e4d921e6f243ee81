// The tokens of one account: age, expiry, last use; making one and ending one.
import { useState } from "react";
import { Button } from "../../components/Button";
import { Table } from "../../components/Table";
import { Tag } from "../../components/Tag";
import { Ago } from "../../components/Time";
import { visible } from "../../lib/format";
import { useMissingScope } from "../../lib/shell/app-state";
import type { Credential, ServiceAccount } from "../../lib/shell/shell";
import { CreateTokenDialog } from "./CreateTokenDialog";
import { RevokeDialog } from "./RevokeDialog";

export function Tokens({ account }: { account: ServiceAccount }) {
  const missing = useMissingScope("admin:tokens:write");
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Credential | null>(null);
  return (
    <section aria-label={`Tokens of ${account.name}`} className="tokens">
      <header>
        <h3>Tokens</h3>
        {missing ? (
          <span className="muted">{missing}</span>
        ) : (
          <Button small onClick={() => setCreating(true)}>
            Create a token…
          </Button>
        )}
      </header>
      {account.credentials.length === 0 ? (
        <p className="muted">It has none, so it cannot authenticate.</p>
      ) : (
        <Table
          label={`Tokens of ${account.name}`}
          rows={account.credentials}
          keyOf={(token) => token.id}
          columns={[
            {
              head: "For",
              cell: (token) => (
                <span title={token.id}>
                  <bdi>{visible(token.label)}</bdi>
                </span>
              ),
            },
            { head: "Made", cell: (token) => <Ago at={token.created_at} />, narrow: true },
            {
              head: "Last used",
              cell: (token) =>
                token.last_used_at ? <Ago at={token.last_used_at} /> : <span className="muted">never</span>,
              narrow: true,
            },
            { head: "State", cell: (token) => <State token={token} />, narrow: true },
            {
              head: "Actions",
              cell: (token) =>
                !missing &&
                !isEnded(token) && (
                  <Button small tone="danger" onClick={() => setRevoking(token)}>
                    Revoke…
                  </Button>
                ),
              narrow: true,
              end: true,
            },
          ]}
        />
      )}
      {creating && <CreateTokenDialog account={account} onClose={() => setCreating(false)} />}
      {revoking && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </section>
  );
}

const isEnded = (token: Credential) => token.revoked_at !== null || Date.parse(token.expires_at) <= Date.now();

function State({ token }: { token: Credential }) {
  if (token.revoked_at) {
    return (
      <>
        <Tag tone="danger">Revoked</Tag> <Ago at={token.revoked_at} />
      </>
    );
  }
  if (isEnded(token)) {
    return (
      <>
        <Tag>Expired</Tag> <Ago at={token.expires_at} />
      </>
    );
  }
  return (
    <>
      <Tag tone="success">Valid</Tag> ends <Ago at={token.expires_at} />
    </>
  );
}
