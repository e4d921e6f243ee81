//! Tickets as text: one sentence while it waits, why it will not run, and the whole of it.

use contract::approvals::{AfterReviewState, Ticket, TicketSummary};
use domain::binding::Command;
use domain::outcome::{Reason, Requirement};
use domain::reveal::reveal_text;
use domain::review::Verdict;
use domain::ticket::State;

use crate::exit::{Exit, Failure};
use crate::output::{fields, prose, table};
use crate::standing::{offered, used};

/// What it waits for.
pub(crate) fn waits(ticket: &Ticket) -> String {
    let needed = approvals(&ticket.requirement);
    let (reasons, until) = (sentences(&ticket.reasons), ticket.approval_expires_at);
    let often = offered(ticket.binding.budget);
    format!("ticket {} waits for {needed} ({reasons}) until {until}{often}; open it in the console", ticket.id)
}

fn approvals(requirement: &Requirement) -> String {
    let quorum = requirement.quorum;
    let number = if quorum == 1 { "1 approval".to_owned() } else { format!("{quorum} approvals") };
    if requirement.groups.is_empty() { number } else { format!("{number}, of {}", requirement.groups.join(" and ")) }
}

/// The sentences of reasons, one after the other.
pub(crate) fn sentences(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return "no policy permits it".to_owned();
    }
    reasons.iter().map(|reason| prose(&reason.sentence)).collect::<Vec<_>>().join("; ")
}

/// Why a ticket in this state is not to be used, if it is not: an open one, or one that was approved, is.
pub(crate) fn refusal(ticket: &Ticket) -> Option<Failure> {
    let id = ticket.id;
    let failure = match &ticket.state {
        State::Pending | State::Approved { .. } => return None,
        State::Denied { by, reason, .. } => {
            let name = ticket.reviews.iter().find(|cast| cast.approver == *by).map(|cast| cast.name.as_str());
            let name = name.map_or_else(|| by.to_string(), str::to_owned);
            Failure::new(Exit::ApprovalDenied, format!("{name} denied ticket {id}: {reason}"))
        }
        State::Cancelled { reason, by, .. } => {
            let how = if by.is_some() { "revoked by a reviewer" } else { "cancelled" };
            Failure::new(Exit::NotApproved, format!("ticket {id} was {how}: {reason}"))
        }
        State::Expired { at } => Failure::new(Exit::NotApproved, format!("ticket {id} expired at {at}"))
            .hint("run the command again to open a new ticket"),
        State::Consumed { at, .. } if ticket.binding.budget.is_some() => {
            let times = ticket.uses.len();
            Failure::new(Exit::Conflict, format!("all {times} uses of ticket {id} are spent, the last at {at}"))
                .hint("open a new ticket to run it again")
        }
        State::Consumed { at, task } => {
            Failure::new(Exit::Conflict, format!("ticket {id} was consumed at {at} by task {task}; it works once"))
                .hint("open a new ticket to run it again")
        }
    };
    Some(failure)
}

/// One line of a list.
pub(crate) fn list(tickets: &[TicketSummary]) -> String {
    let row = |ticket: &TicketSummary| {
        let progress = format!("{}/{}", ticket.progress.approved, ticket.progress.quorum);
        let what = format!("{} on {}", reveal_text(&ticket.action), shortened(&ticket.resources));
        let deadline = ticket.deadline.to_string();
        let name = prose(&ticket.requester_name);
        [ticket.id.to_string(), ticket.state.name().into(), progress, reveal_text(&ticket.env), name, what, deadline]
    };
    let rows: Vec<_> = tickets.iter().map(row).collect();
    table(["TICKET", "STATE", "APPROVED", "ENV", "REQUESTER", "WHAT", "UNTIL"], &rows, "no tickets")
}

fn shortened(resources: &[String]) -> String {
    let first = resources.first().map(|name| reveal_text(name)).unwrap_or_default();
    if resources.len() > 1 { format!("{first} and {} more", resources.len() - 1) } else { first }
}

/// The whole of it. What would run is shown with look-alikes marked, nothing cut.
pub(crate) fn whole(ticket: &Ticket) -> String {
    let action = &ticket.binding.action;
    let resources = action.resources.iter().map(reveal_text).collect::<Vec<_>>().join("\n");
    let context = action.context.iter().map(|(name, value)| format!("{}={}", reveal_text(name), reveal_text(value)));
    let mut rows = vec![
        ("ticket", ticket.id.to_string()),
        ("state", state(&ticket.state)),
        ("requester", format!("{} ({})", prose(&ticket.requester_name), ticket.binding.subject_id)),
        ("env", reveal_text(&action.env)),
        ("action", reveal_text(&action.action)),
        ("resources", resources),
        ("context", context.collect::<Vec<_>>().join(", ")),
    ];
    rows.extend(action.command.iter().flat_map(command));
    let said = [("title", &ticket.statement.title), ("description", &ticket.statement.description)];
    rows.extend(said.into_iter().filter_map(|(label, text)| text.as_ref().map(|text| (label, prose(text)))));
    rows.extend(ticket.found.iter().map(|sentence| ("found", prose(sentence))));
    rows.push(("why", sentences(&ticket.reasons)));
    let budget = ticket.binding.budget;
    rows.extend(budget.map(|budget| ("standing", budget.in_words())));
    rows.extend(used(ticket).map(|used| ("used", used)));
    rows.push(("needs", format!("{}; {} so far", approvals(&ticket.requirement), ticket.progress.approved)));
    for cast in &ticket.reviews {
        let verdict = if cast.verdict == Verdict::Approve { "approve" } else { "deny" };
        let reason = cast.reason.as_ref().map(|reason| format!(": {}", prose(reason))).unwrap_or_default();
        rows.push((verdict, format!("{} at {}{reason}", prose(&cast.name), cast.at)));
    }
    if ticket.state == State::Pending {
        let names = ticket.candidates.iter().map(|person| prose(&person.name)).collect::<Vec<_>>().join(", ");
        rows.push(("can approve", if names.is_empty() { "nobody yet".into() } else { names }));
        rows.push(("until", ticket.approval_expires_at.to_string()));
    }
    rows.push(("opened", ticket.opened_at.to_string()));
    rows.push(("binding", ticket.digests.binding_digest.to_string()));
    if let Some(task) = &ticket.task {
        let ended = task.exit_code.map(|code| format!(", exit code {code}"));
        let ended = ended.or_else(|| task.signal.map(|signal| format!(", signal {signal}"))).unwrap_or_default();
        rows.push(("task", format!("{} began at {}{ended}", task.id, task.started_at)));
    }
    rows.extend(ticket.after_review.as_ref().map(|state| ("after-review", afterwards(state))));
    fields(&rows)
}

fn afterwards(state: &AfterReviewState) -> String {
    match state {
        AfterReviewState::Open => "open: nobody has looked at this emergency yet; sign it in the console".to_owned(),
        AfterReviewState::Signed(signed) => {
            let (finding, found) = (signed.finding.name(), prose(&signed.found));
            format!("{finding}, by {} at {}: {found}", prose(&signed.name), signed.at)
        }
    }
}

fn state(state: &State) -> String {
    match state {
        State::Approved { execution_expires_at, .. } => format!("approved, to be run before {execution_expires_at}"),
        State::Cancelled { by: Some(by), reason, .. } => format!("cancelled: revoked by {by}: {}", prose(reason)),
        other => other.name().to_owned(),
    }
}

fn command(command: &Command) -> Vec<(&'static str, String)> {
    let argument = |(index, text): (usize, &String)| format!("[{index}] {}", reveal_text(text));
    let argv = command.argv.iter().enumerate().map(argument).collect::<Vec<_>>().join("\n");
    let digest = command.executable_digest.map_or_else(|| "not readable".to_owned(), |digest| digest.to_string());
    let mut rows = vec![("command", argv), ("program", digest), ("directory", reveal_text(&command.working_directory))];
    let variable =
        |(name, value): (&String, &String)| ("variable", format!("{}={}", reveal_text(name), reveal_text(value)));
    rows.extend(command.environment.iter().map(variable));
    rows
}
