//! Tickets as the contract has them.

use contract::approvals::{AfterReviewState, Candidate, Offer, Ticket, TicketSummary, TimelineStep};
use control::tickets::{Summary, TicketView};
use domain::Instant;
use domain::budget::UseNumber;
use domain::review::Verdict;
use domain::ticket::State;

pub(super) fn summary(row: Summary) -> TicketSummary {
    let ticket = row.ticket;
    let deadline = match ticket.state {
        State::Approved { execution_expires_at, .. } => execution_expires_at,
        _ => ticket.approval_expires_at,
    };
    let used = ticket.used();
    TicketSummary {
        id: ticket.id,
        deadline,
        state: ticket.state,
        requester: ticket.binding.subject_id,
        requester_name: ticket.requester_name,
        env: ticket.binding.action.env,
        action: ticket.binding.action.action,
        resources: ticket.binding.action.resources.iter().map(str::to_owned).collect(),
        title: ticket.statement.title,
        opened_at: ticket.opened_at,
        progress: row.progress,
        used,
        mine_to_decide: row.mine,
    }
}

pub(super) fn ticket(view: TicketView) -> Ticket {
    let timeline = timeline(&view);
    let open = view.ticket.awaits_after_review().then_some(AfterReviewState::Open);
    let TicketView { ticket, progress, candidates, task, offers, revoked_by: _ } = view;
    Ticket {
        id: ticket.id,
        digests: ticket.binding.digests(),
        binding: ticket.binding,
        state: ticket.state,
        requester_name: ticket.requester_name,
        statement: ticket.statement,
        found: ticket.found,
        requirement: ticket.requirement,
        reasons: ticket.reasons,
        policy_set: ticket.policy_set,
        decision: ticket.decision,
        opened_at: ticket.opened_at,
        approval_expires_at: ticket.approval_expires_at,
        reviews: ticket.reviews,
        progress,
        candidates: candidates.into_iter().map(|(user, name, groups)| Candidate { user, name, groups }).collect(),
        timeline,
        uses: ticket.uses,
        task,
        after_review: open.or(ticket.after_review.map(AfterReviewState::Signed)),
        actions: offers
            .into_iter()
            .map(|offer| Offer { name: offer.name.into(), allowed: offer.refusal.is_none(), reason: offer.refusal })
            .collect(),
    }
}

fn timeline(view: &TicketView) -> Vec<TimelineStep> {
    let ticket = &view.ticket;
    let step = |at: Instant, kind: &str, sentence: String| TimelineStep { at, kind: kind.into(), sentence };
    let mut steps =
        vec![step(ticket.opened_at, "ticket.opened", format!("{} opened the ticket", ticket.requester_name))];
    for cast in &ticket.reviews {
        let verb = if cast.verdict == Verdict::Approve { "approved" } else { "denied" };
        let why = cast.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        steps.push(step(cast.at, "ticket.reviewed", format!("{} {verb}{why}", cast.name)));
    }
    match &ticket.state {
        State::Approved { at, .. } => steps.push(step(*at, "ticket.approved", "enough people approved".into())),
        State::Cancelled { at, reason, by: None } => {
            steps.push(step(*at, "ticket.cancelled", format!("cancelled: {reason}")));
        }
        State::Cancelled { at, reason, by: Some(by) } => {
            let name = view.revoked_by.clone().unwrap_or_else(|| by.to_string());
            steps.push(step(*at, "ticket.revoked", format!("{name} revoked the approval: {reason}")));
        }
        State::Expired { at } => steps.push(step(*at, "ticket.expired", "its time ran out".into())),
        State::Consumed { at, .. } if ticket.binding.budget.is_none() => {
            steps.push(step(*at, "ticket.consumed", format!("{} spent it and began to run", ticket.requester_name)));
        }
        State::Pending | State::Denied { .. } | State::Consumed { .. } => {}
    }
    for (used, number) in ticket.uses.iter().zip(1..) {
        let of = ticket.binding.budget.map_or(1, |budget| budget.uses);
        let nth = UseNumber { number, of };
        steps.push(step(used.at, "ticket.consumed", format!("{} began to run, use {nth}", ticket.requester_name)));
    }
    if let Some((task, at)) = view.task.as_ref().and_then(|task| task.finished_at.map(|at| (task, at))) {
        let how = match (task.exit_code, task.signal) {
            (Some(code), _) => format!("the command ended with exit code {code}"),
            (None, Some(signal)) => format!("the command was ended by signal {signal}"),
            (None, None) => "the command ended".to_owned(),
        };
        steps.push(step(at, "task.finished", how));
    }
    if let Some(signed) = &ticket.after_review {
        let (name, finding, found) = (&signed.name, signed.finding.name(), &signed.found);
        let looked = format!("{name} looked at it afterwards and found it {finding}: {found}");
        steps.push(step(signed.at, "ticket.after_reviewed", looked));
    }
    steps.sort_by_key(|step| step.at);
    steps
}
