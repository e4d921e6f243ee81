//! One sentence for a ticket, and one for an audit entry: what a person reads first. Whatever somebody else chose
//! stands in it revealed, so that no name can hide, reorder or imitate.

use contract::approvals::{AfterReviewState, Ticket};
use domain::Instant;
use domain::binding::Action;
use domain::event::{Entry, Kind};
use domain::policy::PublishCommand;
use domain::reveal::reveal_text;
use domain::ticket::State;

/// State, who, what, where, how long, until when.
pub(crate) fn of_ticket(ticket: &Ticket) -> String {
    reveal_text(&told(ticket))
}

fn told(ticket: &Ticket) -> String {
    let (deed, done) = deed(&ticket.binding.action);
    let clock = |at: Instant| clock(at, ticket.opened_at);
    let who = &ticket.requester_name;
    let limit = ticket.requirement.max_duration_seconds.map(|seconds| format!(", for at most {}", duration(seconds)));
    let limit = limit.unwrap_or_default();
    let asks = format!("{who} asks to {deed}{limit}");
    match &ticket.state {
        State::Pending => format!("{asks}{}; waits until {}", often(ticket), clock(ticket.approval_expires_at)),
        State::Approved { execution_expires_at, .. } if ticket.binding.budget.is_some() => {
            let until = clock(*execution_expires_at);
            format!("{who} may {deed}{limit}; approved, {} until {until}", uses(ticket))
        }
        State::Approved { execution_expires_at, .. } => {
            format!("{who} may {deed}{limit}; approved, to be started by {}", clock(*execution_expires_at))
        }
        State::Denied { reason, .. } => format!("{asks}; denied: {reason}"),
        State::Cancelled { reason, by: Some(_), .. } => format!("{asks}; its approval was revoked: {reason}"),
        State::Cancelled { reason, .. } => format!("{asks}; cancelled: {reason}"),
        State::Expired { at } if ticket.binding.budget.is_some() => {
            format!("{asks}; ran out at {}, {}", clock(*at), uses(ticket))
        }
        State::Expired { at } => format!("{asks}; ran out at {}", clock(*at)),
        State::Consumed { at, .. } if ticket.binding.budget.is_some() => {
            format!("{who} {done}, {}; the last time at {}", uses(ticket), clock(*at))
        }
        State::Consumed { at, .. } => {
            format!("{who} {done}{}; started at {}", afterwards(ticket), clock(*at))
        }
    }
}

/// What an action does, and what was done once it ran: to be revealed by whoever shows it.
pub(crate) fn deed(action: &Action) -> (String, String) {
    if let Some(PublishCommand { draft, base, .. }) = PublishCommand::of(action) {
        let what = format!("policy draft {draft} into force after version {base}");
        return (format!("bring {what}"), format!("brought {what}"));
    }
    let resources: Vec<_> = action.resources.iter().collect();
    let what = match resources.as_slice() {
        [one] => format!("{} on {one} in {}", action.action, action.env),
        many => format!("{} on {} resources in {}", action.action, many.len(), action.env),
    };
    (format!("run {what}"), format!("ran {what}"))
}

/// How often it may run, of a standing approval that is asked for.
fn often(ticket: &Ticket) -> String {
    ticket.binding.budget.map(|budget| format!(", {} of the approval", budget.in_words())).unwrap_or_default()
}

/// `used 2 of 5 times`, of a standing approval.
fn uses(ticket: &Ticket) -> String {
    let of = ticket.binding.budget.map_or(1, |budget| budget.uses);
    format!("used {} of {of} times", ticket.uses.len())
}

/// That it ran as an emergency, and whether anybody has looked since.
fn afterwards(ticket: &Ticket) -> &'static str {
    match ticket.after_review {
        None => "",
        Some(AfterReviewState::Open) => " as an emergency that nobody has looked at since",
        Some(AfterReviewState::Signed(_)) => " as an emergency",
    }
}

/// What happened, in words.
pub(crate) fn of_entry(entry: &Entry) -> String {
    reveal_text(&happened(entry))
}

fn happened(entry: &Entry) -> String {
    let text = |name: &str| entry.data.get(name).and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
    let inner = |path: &str| entry.data.pointer(path).and_then(serde_json::Value::as_str).unwrap_or("").to_owned();
    match entry.kind {
        Kind::SystemFounded => format!("{} founded this control plane", text("name")),
        Kind::AuthenticationSucceeded => "signed in".to_owned(),
        Kind::AuthenticationFailed => "a sign-in or credential was refused".to_owned(),
        Kind::SessionRefreshed => "a session got fresh tokens".to_owned(),
        Kind::SessionEnded => format!("a session ended: {}", text("reason")),
        Kind::AuthorizationRefused => format!("refused for want of {}", text("scope")),
        Kind::DecisionMade => format!(
            "{} for {} in {}",
            inner("/answer/outcome").replace('_', " "),
            inner("/question/action"),
            inner("/question/env")
        ),
        Kind::TicketOpened => {
            format!("opened a ticket for {} in {}", inner("/binding/action/action"), inner("/binding/action/env"))
        }
        Kind::TicketReviewed => format!("reviewed the ticket: {}", text("verdict")),
        Kind::TicketReviewRefused => format!("a review was refused: {}", text("reason")),
        Kind::TicketCancelled => format!("the ticket was cancelled: {}", text("reason")),
        Kind::TicketExpired => "the ticket's time ran out".to_owned(),
        Kind::TicketRevoked => format!("revoked the approval: {}", text("reason")),
        Kind::TicketConsumed => match (entry.data.pointer("/use/number"), entry.data.pointer("/use/of")) {
            (Some(number), Some(of)) => format!("spent use {number} of {of} of the ticket"),
            _ => "spent the ticket".to_owned(),
        },
        Kind::TicketAfterReviewed => {
            format!("looked at the emergency afterwards: {}, {}", text("finding"), text("found"))
        }
        Kind::TicketConsumeRefused => format!("the ticket was not spent: {}", text("reason")),
        Kind::TaskStarted => "execution began".to_owned(),
        Kind::TaskFinished => format!("execution ended: {}", text("state")),
        Kind::UserCreated => format!("added {}", text("name")),
        Kind::AccountCreated => "a service account was added".to_owned(),
        Kind::CredentialCreated => format!("made the credential {} for {}", text("identifier"), holder(entry)),
        Kind::CredentialRotated => format!("replaced the credential {}", text("identifier")),
        Kind::AccountChanged => "changed a service account".to_owned(),
        Kind::AuthenticationThrottled => {
            format!("{} attempts were turned away from {}", number(entry, "times"), text("key").replace("address:", ""))
        }
        Kind::BootstrapEnabled => "started with a bootstrap token".to_owned(),
        Kind::ScopeAdded => "added a scope to the catalogue".to_owned(),
        Kind::ScopesExtended => "the catalogue of scopes grew with this version".to_owned(),
        Kind::StreamTicketIssued => "asked for a connection to the event stream".to_owned(),
        Kind::UserChanged => "changed a person".to_owned(),
        Kind::PasswordChanged => "chose another password".to_owned(),
        Kind::PipelineChanged => "changed a pipeline".to_owned(),
        Kind::CredentialRevoked => "a credential was revoked".to_owned(),
        Kind::EnrolmentRequested => format!("asks to enrol the key of {}", text("device")),
        Kind::RosterChanged => format!("roster version {} is in force", number(entry, "version")),
        Kind::PolicyPublished => format!("policy version {} is in force", number(entry, "version")),
        Kind::DraftCreated => format!("began a policy draft: {}", text("title")),
        Kind::DraftChanged => format!("changed the policy draft: {}", text("title")),
        Kind::DraftDiscarded => format!("gave up the policy draft: {}", text("title")),
        Kind::AlertRaised => format!("an alert: {}", text("sentence")),
        Kind::AlertAcknowledged => "took an alert on".to_owned(),
        Kind::AlertResolved => "settled an alert".to_owned(),
        Kind::AlertRulesChanged => "set the rules of alerts".to_owned(),
        Kind::WebhookCreated => format!("made a webhook to {}", text("origin")),
        Kind::WebhookChanged => format!("changed the webhook to {}", text("origin")),
        Kind::WebhookDisabled => format!("a webhook was switched off: {}", text("reason")),
        Kind::WebhookSecretRotated => "gave a webhook a fresh secret".to_owned(),
        Kind::WebhookTested => "tried a webhook out".to_owned(),
        Kind::WebhookResent => "had a message sent again".to_owned(),
    }
}

/// Whose a credential is, without what kind of principal that is.
fn holder(entry: &Entry) -> String {
    let holder = entry.data.get("holder").and_then(serde_json::Value::as_str).unwrap_or("");
    holder.split_once(':').map_or(holder, |(_, name)| name).to_owned()
}

fn number(entry: &Entry, name: &str) -> String {
    entry.data.get(name).map(ToString::to_string).unwrap_or_default()
}

/// Hours and minutes, UTC; with the day if that is another than the one of `since`.
fn clock(at: Instant, since: Instant) -> String {
    let (text, since) = (at.to_string(), since.to_string());
    let (day, time) = (text.get(..10).unwrap_or(&text), text.get(11..16).unwrap_or_default());
    if since.starts_with(day) { format!("{time} UTC") } else { format!("{time} UTC on {day}") }
}

fn duration(seconds: u32) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (hours, 0, 0) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_day_is_named() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let opened = at("2026-11-26T06:45:00Z");
        assert_eq!(clock(at("2026-11-26T07:45:00Z"), opened), "07:45 UTC");
        assert_eq!(clock(at("2026-11-27T06:45:00Z"), opened), "06:45 UTC on 2026-11-27");
    }
}
