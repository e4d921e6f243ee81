//! Reasons in words.

use domain::outcome::{Reason, Requirement};

use crate::compile::Entry;
use crate::guard::Kind;
use domain::policy::question::Question;

/// Why a policy led to an answer. `error` says that it could not be evaluated.
pub(crate) fn reason(entry: &Entry, error: Option<&str>, question: Option<&Question>) -> Reason {
    let id = &entry.info.id;
    let sentence = match (&entry.kind, error) {
        (Kind::Guard(_), Some(error)) => format!("`{id}` cannot be evaluated, so it stands: {error}"),
        (_, Some(error)) => format!("`{id}` cannot be evaluated, so it counts as forbidding: {error}"),
        (Kind::Guard(requirement), None) => missing(id, requirement, question),
        (Kind::Permit, None) => entry.info.description.clone().unwrap_or_else(|| format!("`{id}` permits it")),
        (Kind::Forbid, None) => entry.info.description.clone().unwrap_or_else(|| format!("`{id}` forbids it")),
    };
    Reason { policy: id.clone(), title: entry.info.title.clone(), sentence }
}

fn missing(id: &str, requirement: &Requirement, question: Option<&Question>) -> String {
    let Requirement { quorum, groups, .. } = requirement;
    let people = if *quorum == 1 { "approver" } else { "approvers" };
    let among = match groups.as_slice() {
        [] => String::new(),
        groups => format!(", with somebody from {} among them", list(groups)),
    };
    let found = match question.and_then(|question| Some((question, question.approval.as_ref()?))) {
        None => "this request has 0".to_owned(),
        Some((_, approval)) if approval.approvers < *quorum => format!("this request has {}", approval.approvers),
        Some((question, approval)) if !question.now.is_before(approval.expires_at) => {
            format!("the approval of this request expired at {}", approval.expires_at)
        }
        Some((_, approval)) => {
            let absent: Vec<_> = groups.iter().filter(|group| !approval.groups.contains(group)).cloned().collect();
            match absent.as_slice() {
                [] => "the approval of this request does not meet its condition".to_owned(),
                absent => format!("nobody from {} approved this request", list(absent)),
            }
        }
    };
    format!("`{id}` requires {quorum} {people}{among}; {found}")
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}
