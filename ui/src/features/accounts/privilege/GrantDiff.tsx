// A narrower grant as a difference: what goes is marked and struck, what stays stands beside it, and why is said.
import { visible } from "../../../lib/format";
import type { ServiceAccount, UsageProposal } from "../../../lib/shell/shell";

type Line = { name: string; change: "stays" | "goes" | "comes" };

export function GrantDiff({ account, proposal }: { account: ServiceAccount; proposal: UsageProposal }) {
  return (
    <div className="grant-diff">
      <Lines title="Scopes" lines={linesOf(account.scopes, proposal.grant.scopes, null)} />
      {proposal.grant.workspaces && (
        <Lines title="Workspaces" lines={linesOf(account.workspaces, proposal.grant.workspaces, "every workspace")} />
      )}
      <ul className="grant-because" aria-label="Why">
        {proposal.because.map((why) => (
          <li key={why}>{visible(why)}</li>
        ))}
      </ul>
    </div>
  );
}

/** `all` is what an empty list means, if it means everything. */
export function linesOf(before: string[], after: string[], all: string | null): Line[] {
  const had = before.length === 0 && all ? [all] : before;
  const old = had.map((name): Line => ({ name, change: after.includes(name) ? "stays" : "goes" }));
  const fresh = after.filter((name) => !had.includes(name)).map((name): Line => ({ name, change: "comes" }));
  return [...old, ...fresh];
}

const signs = { stays: " ", goes: "−", comes: "+" };

function Lines({ title, lines }: { title: string; lines: Line[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <ul className="diff-lines" aria-label={`${title} before and after`}>
        {lines.map(({ name, change }) => (
          <li key={name} className={`diff-${change}`}>
            <span aria-hidden="true" className="diff-sign">
              {signs[change]}
            </span>
            {change === "goes" ? <del>{visible(name)}</del> : <span>{visible(name)}</span>}
            <span className="visually-hidden"> {change}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
