//! What the host sends, as a condition: without it a solver finds requests that never are.
//!
//! Invariant: it holds for every request that the host can send between 1970 and 2200, with any approval that it can grant.
//! So what is proved under it is proved of all of them.

use std::collections::BTreeSet;

use cedar_policy::EntityUid;
use domain::policy::PrincipalKind;

use super::kind::Kind;
use crate::facts::Wanted;

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

/// Of every approval. No control plane counts more people, and none grants in the far past or future.
const OF_APPROVALS: [&str; 4] = [
    "context.approval has approvers && context.approval.approvers >= 1 && context.approval.approvers <= 1000",
    r#"context.approval has grantedAt && context.approval.grantedAt >= datetime("1970-01-01") && context has now && context.approval.grantedAt <= context.now"#,
    r#"context.approval has expiresAt && context.approval.expiresAt < datetime("2200-01-01") && context has now && context.now < context.approval.expiresAt"#,
    "context.approval has requester && principal has ref && context.approval.requester == principal.ref && \
     context.approval has target && resource has ref && context.approval.target == resource.ref",
];
const NOW: &str = r#"context has now && context.now >= datetime("1970-01-01") && context.now < datetime("2200-01-01")"#;

/// Facts of a resource that are sent if they are known, and what is so when they are.
const OF_RESOURCES: [(&str, &str); 6] = [
    ("workspace", "true"),
    ("allowedAccounts", "true"),
    ("maxDuration", "resource.maxDuration >= 0 && resource.maxDuration < 4294967296"),
    ("owner", r#"(resource.owner like "service_account:*" && resource.owner != "service_account:")"#),
    ("trusted", "!resource.trusted.isEmpty()"),
    ("widens", "true"),
];
/// Lists of service accounts: nobody else is on them.
const OF_ACCOUNTS: [&str; 2] = ["allowedAccounts", "trusted"];
const OF_PRINCIPALS: [&str; 1] = ["owner"];
const OF_REQUESTS: [(&str, &str); 2] = [("knownNetwork", "true"), ("breakGlass", r#"context.breakGlass != """#)];

/// Conditions, in Cedar, that hold all together. `named` are entities that policies name: an id and a `ref` are two texts of
/// one name. They are many and short, for the solver's sake: joined by `&&` they grow beyond measure.
pub(crate) fn sends(kind: &Kind, wanted: &Wanted, approved: Approved, named: &BTreeSet<EntityUid>) -> Vec<String> {
    let scope = literal(kind.scope());
    let (who, what) = (kind.who.name(), &kind.word);
    let mut parts = vec![
        format!("context has scope && context.scope == {scope}"),
        NOW.to_owned(),
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
    for fact in OF_PRINCIPALS.iter().filter(|fact| !wanted.of_type_is_sent(&kind.principal, fact)) {
        parts.push(format!("!(principal has {fact})"));
    }
    if kind.is_review() {
        let asks = r#"(resource.requester like "user:*" || resource.requester like "service_account:*")"#;
        parts.push(format!("resource has requester && {asks}"));
    } else {
        parts.extend(resource_facts(kind, wanted));
        for (fact, so) in OF_REQUESTS {
            parts.push(if wanted.of_action_is_sent(kind.action(), fact) {
                format!("if context has {fact} then {so} else true")
            } else {
                format!("!(context has {fact})")
            });
        }
        parts.extend(approvals(approved));
    }
    parts
}

/// Only what is about numbers and instants: what arithmetic can fail on.
pub(crate) fn sends_numbers(kind: &Kind, wanted: &Wanted, approved: Approved) -> Vec<String> {
    let mut parts = vec![NOW.to_owned()];
    if !kind.is_review() {
        let longest = OF_RESOURCES.iter().filter(|(fact, _)| *fact == "maxDuration");
        parts.extend(longest.map(|(fact, so)| fact_of_resource(kind, wanted, fact, so)));
        parts.extend(approvals(approved));
    }
    parts
}

fn approvals(approved: Approved) -> Vec<String> {
    let each = OF_APPROVALS.iter().map(|part| format!("if context has approval then {part} else true"));
    match approved {
        Approved::No => vec!["!(context has approval)".to_owned()],
        Approved::Yes => each.chain(["context has approval".to_owned()]).collect(),
        Approved::Either => each.collect(),
    }
}

fn fact_of_resource(kind: &Kind, wanted: &Wanted, fact: &str, so: &str) -> String {
    if wanted.of_type_is_sent(&kind.resource, fact) {
        format!("if resource has {fact} then {so} else true")
    } else {
        format!("!(resource has {fact})")
    }
}

fn resource_facts(kind: &Kind, wanted: &Wanted) -> Vec<String> {
    let is_sent = |fact| wanted.of_type_is_sent(&kind.resource, fact);
    let mut parts: Vec<_> = OF_RESOURCES.iter().map(|(fact, so)| fact_of_resource(kind, wanted, fact, so)).collect();
    if is_sent("workspace") {
        // What has a path has a workspace: the first part of it, unless it was put into another.
        parts.push(format!("(resource has workspace || !(resource.ref like \"{}:*/*\"))", kind.word));
    }
    if kind.who == PrincipalKind::User {
        let lists = OF_ACCOUNTS.iter().filter(|fact| is_sent(fact));
        parts.extend(lists.map(|fact| format!("!(resource has {fact} && resource.{fact}.contains(principal.ref))")));
    }
    parts
}

/// A text as Cedar writes it.
pub(crate) fn literal(text: &str) -> String {
    format!("\"{}\"", text.escape_debug())
}
