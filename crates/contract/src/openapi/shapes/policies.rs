//! `/api/v1/policies` and below.

use domain::id::DraftId;
use domain::policy::{Comparison, ReplayReport};
use serde_json::{Value, json};

use super::sample::{self, AT, DIGEST, DRAFT, TICKET, USER};
use super::{REVISION, TAG};
use crate::Code;
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::policies::{
    CheckPolicies, CheckedPolicies, Compare, CreateDraft, DraftsFilter, Policies, PolicyDraft, PolicyDraftSummary,
    PolicyVersion, PolicyVersionSummary, Publication, PublishDraft, ReplaceDraft, Replay, Step, TestPolicies, Tested,
};

fn policy() -> Value {
    json!({
        "id": "prod-needs-approval",
        "title": "Production needs approval",
        "description": "Somebody of security countersigns what runs in production.",
        "effect": "guard",
        "quorum": 1,
        "line": 12,
        "text": "forbid (principal, action, resource) when { context.env == \"prod\" };",
    })
}

fn texts() -> Value {
    json!({ "schema": "entity User;", "policies": "permit (principal, action, resource);", "invariants": "" })
}

fn case() -> Value {
    json!({
        "name": "a nightly run in production needs two people",
        "principal": "service_account:billing-ci",
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "env": "prod",
        "expect": { "outcome": "require_approval", "approvers": 2 },
    })
}

/// Both objects' members in one.
fn with(mut value: Value, more: Value) -> Value {
    if let (Some(members), Value::Object(more)) = (value.as_object_mut(), more) {
        members.extend(more);
    }
    value
}

fn version_row() -> Value {
    json!({
        "version": 2,
        "digest": DIGEST,
        "published_at": AT,
        "published_by": format!("user:{USER}"),
        "ticket": TICKET,
        "title": "Two approvers in production",
        "restores": null,
        "sample": false,
    })
}

fn draft_row() -> Value {
    json!({
        "id": DRAFT,
        "title": "Two approvers in production",
        "digest": DIGEST,
        "base_version": 1,
        "stale": false,
        "restores": null,
        "created_by": format!("user:{USER}"),
        "created_at": AT,
        "changed_at": AT,
        "state": { "name": "open" },
        "ticket": null,
    })
}

fn draft() -> Value {
    with(draft_row(), json!({ "texts": texts(), "cases": [case()] }))
}

pub(super) fn list() -> Shape {
    Shape::json::<Policies>(json!({ "version": 1, "digest": DIGEST, "sample": true, "policies": [policy()] }))
        .problems(&[Code::NotFound])
}

pub(super) fn versions() -> Shape {
    Shape::json::<Page<PolicyVersionSummary>>(json!({ "items": [version_row()], "next": null }))
}

pub(super) fn version() -> Shape {
    let example = with(version_row(), json!({ "texts": texts(), "cases": [case()] }));
    Shape::json::<PolicyVersion>(example).path::<u32>()
}

pub(super) fn drafts() -> Shape {
    Shape::json::<Page<PolicyDraftSummary>>(json!({ "items": [draft_row()], "next": null }))
        .query::<DraftsFilter>()
        .problems(&[Code::NotFound])
}

pub(super) fn create() -> Shape {
    Shape::json::<PolicyDraft>(draft())
        .header("Location", "Where the draft is.")
        .header(TAG, REVISION)
        .body::<CreateDraft>(json!({ "title": "Two approvers in production", "texts": texts(), "cases": [case()] }))
        .idempotent()
        .problems(&[Code::NotFound])
}

fn one() -> Shape {
    Shape::json::<PolicyDraft>(draft()).header(TAG, REVISION).path::<DraftId>()
}

pub(super) fn get() -> Shape {
    one()
}

pub(super) fn replace() -> Shape {
    let wish = json!({ "title": "Two approvers in production", "texts": texts(), "cases": [case()] });
    one().if_match().body::<ReplaceDraft>(wish).problems(&[Code::DraftSettled])
}

pub(super) fn discard() -> Shape {
    one().if_match().problems(&[Code::DraftSettled])
}

pub(super) fn publish() -> Shape {
    let waits = json!({
        "state": "approval_required",
        "ticket": TICKET,
        "requirement": sample::requirement(),
        "reasons": [sample::reason()],
    });
    Shape::json::<Publication>(json!({ "state": "published", "version": 2, "digest": DIGEST }))
        .meaning("It is in force.")
        .or_json::<Publication>(202, waits)
        .meaning("It waits for an approval: send it again with the ticket once that is approved.")
        .header("Location", "Where the ticket is.")
        .path::<DraftId>()
        .body::<PublishDraft>(json!({ "digest": DIGEST, "ticket": TICKET }))
        .idempotent()
        .problems(&[
            Code::StepUp,
            Code::NotEligible,
            Code::Stale,
            Code::DraftSettled,
            Code::PolicyStale,
            Code::TestsFailed,
            Code::InvariantBroken,
            Code::Unproved,
            Code::GraveFinding,
            Code::LockedOut,
            Code::PolicyDenied,
            Code::PolicyChanged,
            Code::NotApproved,
            Code::Consumed,
            Code::BindingMismatch,
            Code::ApproverIneligible,
            Code::RosterInvalid,
        ])
}

pub(super) fn check() -> Shape {
    let problem = json!({
        "file": "policies",
        "line": 3,
        "column": 7,
        "end_line": 3,
        "end_column": 19,
        "policy": "prod-needs-approval",
        "message": "attribute `teamz` for entity type User not found",
        "help": "did you mean `teams`?",
    });
    let found = json!({ "digest": DIGEST, "problems": [problem], "findings": [], "policies": [], "invariants": [] });
    Shape::json::<CheckedPolicies>(found).body::<CheckPolicies>(json!({ "texts": texts() }))
}

pub(super) fn test() -> Shape {
    let result = json!({
        "name": "a nightly run in production needs two people",
        "passed": false,
        "outcome": "require_approval",
        "because": ["prod-needs-approval"],
        "complaints": ["expected 2 approvers, but it asks for 1"],
    });
    let report = json!({ "results": [result], "passed": 0, "failed": 1, "untouched": ["scopes-permit"] });
    let wish = json!({ "subject": { "draft": DRAFT }, "cases": [case()] });
    Shape::json::<Tested>(report).body::<TestPolicies>(wish).problems(&[Code::NotFound])
}

fn subject() -> Value {
    json!({ "subject": { "draft": DRAFT } })
}

fn basis() -> Value {
    json!({
        "draft": DIGEST,
        "live": DIGEST,
        "engine": "cedar-policy/4.14",
        "first_index": null,
        "last_index": null,
        "from": null,
        "until": null,
    })
}

pub(super) fn compare() -> Shape {
    let proof = json!({
        "aspect": "approvers",
        "direction": "widens",
        "proved": "never",
        "sentence": "the draft takes no fewer approvers for anything",
        "counterexamples": [],
        "kinds": 9,
        "unknown": [],
    });
    let report = json!({
        "basis": basis(),
        "solver": { "name": "cvc5 1.0.3", "problem": null },
        "proofs": [proof],
        "added": [],
        "removed": [],
        "changed": ["prod-needs-approval"],
        "findings": [],
        "took_ms": 412,
    });
    Shape::lines::<Step<Comparison>>(json!({ "report": report })).body::<Compare>(subject()).problems(&[Code::NotFound])
}

pub(super) fn replay() -> Shape {
    let report = json!({
        "basis": with(basis(), json!({ "first_index": 9, "last_index": 4180, "from": AT, "until": AT })),
        "coverage": {
            "recorded": 1204,
            "replayed": 1203,
            "skipped": [{ "reason": "not_in_schema", "count": 1, "example": "`env` is `moon`, which is not there" }],
        },
        "same": 1203,
        "flips": [],
        "principals": [],
        "actions": [],
        "resources": [],
        "environments": [],
        "drift": { "by_older_sets": 0, "unexplained": 0, "examples": [] },
        "timeline": [{ "from": AT, "decisions": 1203, "flips": 0, "widening": 0 }],
    });
    Shape::lines::<Step<ReplayReport>>(json!({ "report": report }))
        .body::<Replay>(with(subject(), json!({ "from": AT })))
        .problems(&[Code::NotFound])
}
