// What a ticket would bring into force, for whoever decides about it: the texts and tests whose digests are signed, held
// against the version that they follow.
import { useQuery } from "@tanstack/react-query";
import { Failed, Loading } from "../../../components/Blank";
import { Note } from "../../../components/Note";
import { Tag, type TagTone } from "../../../components/Tag";
import { counted, visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import { useShell } from "../../../lib/shell/context";
import { keys } from "../../../lib/shell/freshness";
import type { ToPublish as Proposed, Ticket } from "../../../lib/shell/shell";
import { TextsDiff } from "../versions/TextsDiff";
import { Line } from "./Summary";
import "../policies.css";

export function ToPublish({ ticket }: { ticket: Ticket }) {
  const shell = useShell();
  const proposed = useQuery({ queryKey: keys.policyTicket(ticket.id), queryFn: () => shell.toPublish(ticket.id) });
  return (
    <section aria-label="What would come into force" className="stack">
      <h3>What would come into force</h3>
      {proposed.isPending && <Loading what="the policies" />}
      {proposed.error && !proposed.data && (
        <Failed title="The policies cannot be shown." problem={proposed.error} onRetry={() => proposed.refetch()} />
      )}
      {proposed.data && !proposed.data.is_bound && <Another proposed={proposed.data} state={ticket.state.name} />}
      {proposed.data?.is_bound && <Bound proposed={proposed.data} />}
    </section>
  );
}

function Another({ proposed, state }: { proposed: Proposed; state: Ticket["state"]["name"] }) {
  const isOpen = state === "pending" || state === "approved";
  return (
    <Note
      tone={isOpen ? "danger" : "info"}
      title="This is not what the ticket is about."
      action={<a href={paths.policyDraft(proposed.draft)}>Open the draft</a>}
    >
      It does not have the digests that this ticket binds, or version {proposed.base} is not what it was held against.
      What the ticket is about cannot be shown.
    </Note>
  );
}

function Bound({ proposed }: { proposed: Proposed }) {
  const { base, added, changed, removed, tests, tests_added, tests_dropped } = proposed;
  const isSame = added.length + changed.length + removed.length === 0;
  return (
    <>
      <dl className="summary-lines">
        <Line name="Policies">
          <Each word="adds" tone="accent" names={added} />
          <Each word="changes" tone="calm" names={changed} />
          <Each word="removes" tone="warning" names={removed} />
          {isSame && <span className="muted">none changes</span>}
        </Line>
        <Line name="Tests">
          <span className="muted">{counted(tests, "test")}</span>
          <Each word="adds" tone="accent" names={tests_added} />
          <Each word="without" tone="warning" names={tests_dropped} />
        </Line>
        <Line name="Follows">
          <a href={paths.policyVersion(base)}>Version {base}</a>
          <a href={paths.policyDraft(proposed.draft)}>Open the draft</a>
        </Line>
      </dl>
      <TextsDiff before={proposed.before} after={proposed.after} heading="h4" />
      <p className="muted">These texts and tests have the digests that are signed: that was computed on this device.</p>
    </>
  );
}

function Each({ word, tone, names }: { word: string; tone: TagTone; names: string[] }) {
  return names.map((name) => (
    <Tag key={name} tone={tone}>
      {word} {visible(name)}
    </Tag>
  ));
}
