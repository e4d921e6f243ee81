//! Proofs and requests in words.

use domain::outcome::Outcome;
use domain::policy::question::scope_of;
use domain::policy::{Asked, Aspect, Direction, KnownResource, Principal, Proved, Question};

use super::asked::Told;

/// What the draft and the set in force say of a request, for example: `service_account:some-account` does
/// `pipelines:execute` to `pipeline:some/thing` in `prod`, approved by 1: live asks for 2 approvers, the draft allows it.
pub(crate) fn difference(asked: &Asked, live: &Told, draft: &Told) -> String {
    format!("{}: live {}, the draft {}", request(asked), said(live), said(draft))
}

/// A request, as the beginning of a sentence.
pub(crate) fn request(asked: &Asked) -> String {
    match asked {
        Asked::Question(question) => asks(question),
        Asked::Review(reviewer, ticket) => {
            let who = reference(&reviewer.principal);
            let whose = if ticket.requester == reviewer.principal.reference() {
                "its own ticket".to_owned()
            } else {
                format!("a ticket of `{}`", ticket.requester)
            };
            let others = match list(&ticket.on_behalf_of) {
                others if others.is_empty() => String::new(),
                others => format!(", asked for {others},"),
            };
            format!("{who} reviews {whose}{others} in `{}`{}", ticket.env, rights(&reviewer.principal))
        }
    }
}

fn asks(question: &Question) -> String {
    let who = reference(&question.principal);
    let mut text = format!("{who} does `{}` to {} in `{}`", question.action, list(&question.resources), question.env);
    text.push_str(&rights(&question.principal));
    if question.principal.scopes != [scope_of(&question.action)] {
        let scopes = list(&question.principal.scopes);
        text.push_str(if scopes.is_empty() { ", without any scope" } else { ", with the scope " });
        text.push_str(&scopes);
    }
    let said = [
        question.context.ip.as_ref().map(|ip| format!("from `{ip}`")),
        question.context.execution_mode.map(|mode| format!("running `{}`", mode.name())),
        question.context.execution_context.map(|started| format!("started by `{}`", started.name())),
        question.context.known_network.map(|known| {
            if known { "from a network it names".to_owned() } else { "from no network it names".to_owned() }
        }),
        question.context.break_glass.as_ref().map(|_| "as an emergency".to_owned()),
    ];
    for part in said.into_iter().flatten() {
        text.push_str(", ");
        text.push_str(&part);
    }
    for known in question.known.values() {
        text.push_str(&what_is_known(known));
    }
    if let Some(approval) = &question.approval {
        let among = match list(&approval.groups) {
            groups if groups.is_empty() => String::new(),
            groups => format!(" of {groups}"),
        };
        let lasts = approval.expires_at.seconds().saturating_sub(approval.granted_at.seconds());
        let long = if lasts > 900 { format!(" for {}", duration(lasts)) } else { String::new() };
        text = format!("{text}, approved by {}{among}{long}", approval.approvers);
    }
    text
}

/// What the control plane would have to know of the resource.
fn what_is_known(known: &KnownResource) -> String {
    let accounts = known.allowed_accounts.as_ref().map(|names| match list(names) {
        names if names.is_empty() => "lists no account".to_owned(),
        names => format!("lists {names}"),
    });
    let facts = [
        known.workspace.as_ref().map(|workspace| format!("is in the workspace `{workspace}`")),
        accounts,
        known.owner.as_ref().map(|owner| format!("belongs to `{owner}`")),
        Some(list(&known.trusted)).filter(|names| !names.is_empty()).map(|names| format!("trusts {names}")),
        known.max_duration_seconds.map(|seconds| format!("may run {}", duration(i64::from(seconds)))),
        known.widens.map(|widens| (if widens { "widens what is allowed" } else { "widens nothing" }).to_owned()),
    ];
    let facts = facts.into_iter().flatten().collect::<Vec<_>>().join(" and ");
    if facts.is_empty() { facts } else { format!(", which {facts}") }
}

fn rights(principal: &Principal) -> String {
    let teams = match list(&principal.teams) {
        teams if teams.is_empty() => String::new(),
        teams => format!(", as one of {teams}"),
    };
    let places = match list(&principal.workspaces) {
        places if places.is_empty() => String::new(),
        places => format!(", kept to {places}"),
    };
    teams + &places
}

/// What a set says, as a verb.
pub(crate) fn said(told: &Told) -> String {
    if told.refused.is_some() {
        return "does not know of such a request".to_owned();
    }
    match (told.outcome, &told.requirement) {
        (Outcome::Allow, _) => "allows it".to_owned(),
        (Outcome::Deny, _) => "denies it".to_owned(),
        (Outcome::RequireApproval, None) => "asks for an approval".to_owned(),
        (Outcome::RequireApproval, Some(requirement)) => {
            let among = match list(&requirement.groups) {
                groups if groups.is_empty() => String::new(),
                groups => format!(", with somebody from {groups} among them"),
            };
            format!("asks for {}{among}", people(requirement.quorum))
        }
    }
}

/// What was found of an aspect, over how many kinds of request.
pub(crate) fn proof(
    aspect: Aspect,
    direction: Direction,
    proved: Proved,
    found: usize,
    unknown: &[String],
    kinds: u32,
) -> String {
    let (from, to) = match direction {
        Direction::Widens => ("the draft", "live"),
        Direction::Narrows => ("live", "the draft"),
    };
    let claim = |something: &str| match aspect {
        Aspect::Ceiling => format!("{from} allows {something} that {to} denies"),
        Aspect::Unattended => format!("{from} allows {something} without an approval that {to} does not"),
        Aspect::Approvers => format!("{from} allows {something} with an approval that is not enough for {to}"),
    };
    match (proved, unknown.first()) {
        (Proved::Never, _) => format!("{}: proved for every possible request", claim("nothing")),
        (Proved::Sometimes, _) => {
            let more = match unknown.len() {
                0 => String::new(),
                unknown => format!("; {unknown} more are not known"),
            };
            format!("{}, for {found} of {kinds} kinds of request{more}", claim("something"))
        }
        (Proved::Unknown, first) => format!(
            "whether {} is not known for {} of {kinds} kinds of request: {}",
            claim("something"),
            unknown.len(),
            first.map_or("nothing was asked", String::as_str)
        ),
    }
}

/// `1 approver`, `2 approvers`.
pub(crate) fn people(number: u32) -> String {
    if number == 1 { "1 approver".to_owned() } else { format!("{number} approvers") }
}

fn reference(principal: &Principal) -> String {
    format!("`{}`", principal.reference())
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}

fn duration(seconds: i64) -> String {
    match seconds {
        seconds if seconds % 86_400 == 0 => format!("{} days", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} hours", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        seconds => format!("{seconds} seconds"),
    }
}
