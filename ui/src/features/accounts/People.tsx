// People: who can sign in, what they may do, and whether their keys count.
import { useState } from "react";
import { Failed, Loading } from "../../components/Blank";
import { Button } from "../../components/Button";
import { Table } from "../../components/Table";
import { Tag } from "../../components/Tag";
import { counted, visible } from "../../lib/format";
import { useMissingScope } from "../../lib/shell/app-state";
import type { User } from "../../lib/shell/shell";
import { AddPersonDialog } from "./AddPersonDialog";
import { usePeople } from "./queries";

export function People() {
  const people = usePeople();
  const missing = useMissingScope("accounts:write");
  const [adding, setAdding] = useState(false);
  if (people.isPending) return <Loading what="people" />;
  if (people.error && !people.data) {
    return <Failed title="The people cannot be read." problem={people.error} onRetry={() => people.refetch()} />;
  }
  return (
    <div className="accounts">
      <div className="accounts-actions">
        {missing ? (
          <span className="muted">{missing}</span>
        ) : (
          <Button onClick={() => setAdding(true)}>Add a person…</Button>
        )}
      </div>
      <PeopleTable people={people.data} />
      {adding && <AddPersonDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function PeopleTable({ people }: { people: User[] }) {
  return (
    <Table
      label="People"
      rows={people}
      keyOf={(person) => person.id}
      columns={[
        {
          head: "Name",
          cell: (person) => (
            <span className="chips" title={person.id}>
              <bdi>{visible(person.name)}</bdi> {!person.active && <Tag tone="danger">Inactive</Tag>}
            </span>
          ),
        },
        { head: "E-mail", cell: (person) => person.email },
        { head: "Teams", cell: (person) => person.teams.join(", ") || <span className="muted">none</span> },
        {
          head: "May",
          cell: (person) => <span title={person.scopes.join("\n")}>{counted(person.scopes.length, "scope")}</span>,
          narrow: true,
        },
        {
          head: "Approver key",
          cell: (person) => (person.on_roster ? <Tag tone="success">On the roster</Tag> : <Tag>None</Tag>),
          narrow: true,
        },
      ]}
    />
  );
}
