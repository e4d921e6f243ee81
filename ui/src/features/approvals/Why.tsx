// Why the action needs approval: the policies that say so, and what they ask for.
import { Sentence } from "../../components/Sentence";
import { lasting } from "../../lib/format";
import { paths } from "../../lib/paths";
import type { Reason, Requirement } from "../../lib/shell/shell";

export function Why({ reasons, requirement }: { reasons: Reason[]; requirement: Requirement }) {
  return (
    <section aria-label="Why approval is needed">
      <h3>Why approval is needed</h3>
      <ul className="ticket-reasons">
        {reasons.map((reason) => (
          <li key={reason.policy}>
            <a href={paths.policies(reason.policy)}>{reason.title}</a>
            <span>
              <Sentence text={reason.sentence} />
            </span>
          </li>
        ))}
      </ul>
      <p className="muted">{asks(requirement)}</p>
    </section>
  );
}

function asks({ quorum, groups, step_up_seconds }: Requirement): string {
  const who = `${quorum} distinct ${quorum === 1 ? "person" : "people"}`;
  const from = groups.length > 0 ? `, with ${groups.join(" and ")} among them` : "";
  return `It takes ${who}${from}, each signed in within the last ${lasting(step_up_seconds)}. The requester never counts.`;
}
