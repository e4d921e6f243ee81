// Beside the ticket: who can still approve, what came of it, and its particulars.
import type { ReactNode } from "react";
import { Facts } from "../../components/Facts";
import { Tag } from "../../components/Tag";
import { At } from "../../components/Time";
import { lasting, visible } from "../../lib/format";
import { paths } from "../../lib/paths";
import type { Budget, CastReview, Ticket, Use } from "../../lib/shell/shell";
import { often } from "./states";

export function TicketRail({ ticket }: { ticket: Ticket }) {
  return (
    <aside className="ticket-rail" aria-label="About the ticket">
      {ticket.reviews.length > 0 && <Reviews reviews={ticket.reviews} />}
      {ticket.state.name === "pending" && <Candidates candidates={ticket.candidates} />}
      {ticket.binding.budget && <Uses budget={ticket.binding.budget} uses={ticket.uses ?? []} />}
      {ticket.task && <TaskOf task={ticket.task} />}
      <Part title="Particulars">
        <Facts
          stacked
          facts={[
            ["Requester", <Who key="who" name={ticket.requester_name} id={ticket.binding.subject_id} />],
            ["Opened", <At key="at" at={ticket.opened_at} day />],
            ticket.binding.budget
              ? ["Once approved, may run", often(ticket.binding.budget)]
              : ["Once approved, may wait", lasting(ticket.requirement.execution_ttl_seconds)],
            [
              "May run for",
              ticket.requirement.max_duration_seconds === null
                ? "as long as it takes"
                : lasting(ticket.requirement.max_duration_seconds),
            ],
            ["Decision", <code key="decision">{ticket.decision}</code>],
            ["Policy set", <code key="set">{ticket.policy_set}</code>],
          ]}
        />
      </Part>
    </aside>
  );
}

function Reviews({ reviews }: { reviews: CastReview[] }) {
  return (
    <Part title="Reviews">
      <ul className="people">
        {reviews.map((review) => (
          <li key={`${review.approver} ${review.at}`}>
            <span>{review.name}</span>
            <Tag tone={review.verdict === "approve" ? "success" : "danger"}>
              {review.verdict === "approve" ? "Approved" : "Denied"}
            </Tag>
            <span className="people-more">
              <At at={review.at} /> UTC{review.groups.length > 0 && ` · for ${review.groups.join(", ")}`}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Candidates({ candidates }: Pick<Ticket, "candidates">) {
  return (
    <Part title="Who can still approve">
      {candidates.length === 0 && <p className="muted">Nobody is left who could.</p>}
      <ul className="people">
        {candidates.map((candidate) => (
          <li key={candidate.user} title={candidate.user}>
            <span>{candidate.name}</span>
            {candidate.groups.length > 0 && <span className="people-more">{candidate.groups.join(", ")}</span>}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** Each use of a standing approval, and how many are left. */
function Uses({ budget, uses }: { budget: Budget; uses: Use[] }) {
  return (
    <Part title="Uses">
      <p>
        {uses.length} of {budget.uses} used
      </p>
      <ol className="people">
        {uses.map((use) => (
          <li key={use.task}>
            <At at={use.at} />
            <code className="people-more">{use.task}</code>
          </li>
        ))}
      </ol>
    </Part>
  );
}

function TaskOf({ task }: { task: NonNullable<Ticket["task"]> }) {
  return (
    <Part title={task.use ? `Task of use ${task.use.number}` : "Task"}>
      <p>
        <a href={paths.tasks()}>{task.state}</a>
        {task.exit_code !== null && `, exit code ${task.exit_code}`}
        {task.signal !== null && `, ended by signal ${task.signal}`}
      </p>
      <code>{task.id}</code>
    </Part>
  );
}

function Who({ name, id }: { name: string; id: string }) {
  return (
    <>
      <bdi>{visible(name)}</bdi>
      <br />
      <code>{id}</code>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}
