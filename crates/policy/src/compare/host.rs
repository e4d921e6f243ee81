//! What the host sends, as a condition: without it a solver finds requests that never are.
//!
//! Invariant: it holds for every request that the host can send between 1970 and 2200, with any approval that it can grant.
//! So what is proved under it is proved of all of them.

use std::collections::BTreeSet;

use cedar_policy::EntityUid;

use super::kind::Kind;

/// Which requests, by their approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Approved {
    /// Those without one.
    No,
    /// Those with one.
    Yes,
    /// All.
    Either,
}

const ABSENT: &str = "!(context has approval)";
/// No control plane counts more people, and none grants in the past of computers or in a far future.
const PRESENT: &str = r#"(context has approval &&
  context.approval has approvers && context.approval.approvers >= 1 && context.approval.approvers <= 1000 &&
  context.approval has requester && principal has ref && context.approval.requester == principal.ref &&
  context.approval has target && resource has ref && context.approval.target == resource.ref &&
  context.approval has grantedAt && context.approval.grantedAt >= datetime("1970-01-01") &&
  context has now && context.approval.grantedAt <= context.now &&
  context.approval has expiresAt && context.now < context.approval.expiresAt &&
  context.approval.expiresAt < datetime("2200-01-01"))"#;

/// The condition, in Cedar. `named` are entities that policies name: an id and a `ref` are two texts of one name.
pub(crate) fn sends(kind: &Kind, approved: Approved, named: &BTreeSet<EntityUid>) -> String {
    let scope = literal(kind.scope());
    let (who, what) = (kind.principal_kind.name(), &kind.word);
    let mut parts = vec![
        format!("context has scope && context.scope == {scope}"),
        r#"context has now && context.now >= datetime("1970-01-01") && context.now < datetime("2200-01-01")"#.to_owned(),
        format!("principal has ref && principal.ref like \"{who}:*\" && principal.ref != \"{who}:\""),
        format!("resource has ref && resource.ref like \"{what}:*\" && resource.ref != \"{what}:\""),
    ];
    for uid in named {
        let id = uid.id().unescaped();
        if *uid.type_name() == kind.principal {
            parts.push(format!("(principal == {uid}) == (principal.ref == {})", literal(&format!("{who}:{id}"))));
        }
        if *uid.type_name() == kind.resource {
            parts.push(format!("(resource == {uid}) == (resource.ref == {})", literal(&format!("{what}:{id}"))));
        }
    }
    if kind.is_review() {
        let asks = r#"(resource.requester like "user:*" || resource.requester like "service_account:*")"#;
        parts.push(format!("resource has requester && {asks}"));
    } else {
        // What has a path has a workspace: the first part of it, unless the host knows another.
        parts.push(format!("(resource has workspace || !(resource.ref like \"{what}:*/*\"))"));
        parts.extend(match approved {
            Approved::No => Some(ABSENT.to_owned()),
            Approved::Yes => Some(PRESENT.to_owned()),
            Approved::Either => Some(format!("({ABSENT} || {PRESENT})")),
        });
    }
    parts.join(" && ")
}

/// A text as Cedar writes it.
pub(crate) fn literal(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}
