// What became of a publication.

import { Note } from "../../../components/Note";
import { Sentence } from "../../../components/Sentence";
import { counted, visible } from "../../../lib/format";
import { paths } from "../../../lib/paths";
import type { Publication } from "../../../lib/shell/shell";

export function Published({ done }: { done: Publication }) {
  if (done.state === "published") {
    return (
      <Note
        tone="success"
        title={`Published as version ${done.version}.`}
        action={<a href={paths.policyVersion(done.version)}>See what changed</a>}
      >
        It is in force from this moment. <code className="policy-digest">{done.digest}</code>
      </Note>
    );
  }
  const { quorum, groups } = done.requirement;
  return (
    <div className="stack">
      <Note
        tone="info"
        icon="clock"
        title="It waits for approval."
        action={<a href={paths.approvals({ view: "pending", ticket: done.ticket })}>Open the ticket</a>}
      >
        It takes {counted(quorum, "approver")}
        {groups.length > 0 && `, ${groups.map(visible).join(" and ")} among them`}. Once it is approved, this draft
        offers to publish it.
      </Note>
      <ul>
        {done.reasons.map((reason) => (
          <li key={reason.policy}>
            <strong>{visible(reason.title)}</strong>: <Sentence text={reason.sentence} />
          </li>
        ))}
      </ul>
    </div>
  );
}
