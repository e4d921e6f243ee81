//! `/api/v1/approvals` and below.

use domain::grant::Grant;
use domain::id::TicketId;
use serde_json::{Value, json};

use super::sample::{self, ACCOUNT, AT, DECISION, DIGEST, JWS, LATER, NONCE, TASK, TICKET, USER};
use crate::Code;
use crate::approvals::{
    AfterReviewRequest, Cancel, CastReviewRequest, Consume, Consumed, Inbox, InboxFilter, OpenTicket, Revoke, Ticket,
    WaitFor,
};
use crate::openapi::shape::Shape;

fn ticket() -> Value {
    json!({
        "id": TICKET,
        "state": { "name": "pending" },
        "binding": { "subject_id": ACCOUNT, "action": sample::action(), "nonce": NONCE },
        "digests": { "resource_hash": DIGEST, "command_hash": DIGEST, "context_hash": DIGEST, "binding_digest": DIGEST },
        "requester_name": "billing-ci",
        "statement": { "title": "Nightly run", "description": null },
        "requirement": sample::requirement(),
        "reasons": [sample::reason()],
        "policy_set": DIGEST,
        "decision": DECISION,
        "opened_at": AT,
        "approval_expires_at": LATER,
        "reviews": [],
        "progress": progress(),
        "candidates": [{ "user": USER, "name": "Ada", "groups": ["security"] }],
        "timeline": [{ "at": AT, "kind": "ticket.opened", "sentence": "billing-ci opened the ticket" }],
        "uses": [],
        "task": null,
        "actions": [{ "name": "approve", "allowed": true, "reason": null }],
    })
}

fn progress() -> Value {
    json!({ "approved": 0, "quorum": 1, "groups": [{ "group": "security", "met": false }], "met": false })
}

fn one() -> Shape {
    Shape::json::<Ticket>(ticket()).path::<TicketId>()
}

pub(super) fn open() -> Shape {
    let statement = json!({ "title": "Nightly run" });
    let budget = json!({ "uses": 5, "window_seconds": 900 });
    Shape::json::<Ticket>(ticket())
        .header("Location", "Where the ticket is.")
        .body::<OpenTicket>(json!({ "action": sample::action(), "statement": statement, "budget": budget }))
        .idempotent()
        .problems(&[Code::PolicyDenied, Code::ApprovalNotNeeded, Code::DigestMismatch, Code::NotFound])
}

pub(super) fn list() -> Shape {
    let row = json!({
        "id": TICKET,
        "state": { "name": "pending" },
        "requester": ACCOUNT,
        "requester_name": "billing-ci",
        "env": "prod",
        "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"],
        "title": "Nightly run",
        "opened_at": AT,
        "deadline": LATER,
        "progress": progress(),
        "mine_to_decide": true,
    });
    let counts = json!({ "pending": 1, "mine": 1, "closed": 0, "after_review": 0 });
    Shape::json::<Inbox>(json!({ "items": [row], "next": null, "counts": counts })).query::<InboxFilter>()
}

pub(super) fn get() -> Shape {
    one()
}

pub(super) fn wait() -> Shape {
    one().query::<WaitFor>()
}

pub(super) fn review() -> Shape {
    one().body::<CastReviewRequest>(json!({ "jws": JWS })).problems(&[
        Code::StepUp,
        Code::OwnTicket,
        Code::NotEligible,
        Code::AlreadyReviewed,
        Code::Settled,
        Code::ReviewInvalid,
        Code::RosterInvalid,
    ])
}

pub(super) fn cancel() -> Shape {
    one().body::<Cancel>(json!({ "reason": "no longer needed" })).problems(&[Code::Settled])
}

pub(super) fn revoke() -> Shape {
    one().body::<Revoke>(json!({ "reason": "the release is withdrawn" })).problems(&[Code::Settled, Code::NotApproved])
}

pub(super) fn after_review() -> Shape {
    one().body::<AfterReviewRequest>(json!({ "jws": JWS })).problems(&[
        Code::NoAfterReview,
        Code::StepUp,
        Code::OwnTicket,
        Code::NotEligible,
        Code::Settled,
        Code::ReviewInvalid,
        Code::RosterInvalid,
    ])
}

pub(super) fn grant() -> Shape {
    let roster = json!([{ "payload": "e30", "signatures": [{ "protected": "e30", "signature": "c2ln" }] }]);
    let grant = json!({
        "ticket": TICKET,
        "nonce": NONCE,
        "requirement": sample::requirement(),
        "policy_set": DIGEST,
        "execution_expires_at": LATER,
        "reviews": [JWS],
        "roster": roster,
    });
    Shape::json::<Grant>(grant).path::<TicketId>().problems(&[Code::NotApproved])
}

pub(super) fn consume() -> Shape {
    let used = json!({ "number": 2, "of": 5 });
    Shape::json::<Consumed>(json!({ "task": TASK, "deadline": LATER, "max_duration_seconds": 3600, "use": used }))
        .path::<TicketId>()
        .body::<Consume>(json!({ "action": sample::action() }))
        .idempotent()
        .problems(&[
            Code::NotApproved,
            Code::Consumed,
            Code::BindingMismatch,
            Code::PolicyChanged,
            Code::ApproverIneligible,
            Code::RosterInvalid,
        ])
}
