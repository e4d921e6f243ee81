//! `/api/v1/webhooks` and below.

use domain::id::WebhookId;
use domain::webhook::Delivery;
use serde_json::{Value, json};

use super::sample::{AT, DELIVERY, ENTRY, USER, WEBHOOK};
use super::{REVISION, TAG};
use crate::Code;
use crate::credentials::FreshSecret;
use crate::openapi::shape::Shape;
use crate::page::Page;
use crate::webhooks::{ChangeWebhook, CreateWebhook, DeliveryFilter, DisableWebhook, RotateWebhookSecret, Webhook};

fn webhook() -> Value {
    json!({
        "id": WEBHOOK,
        "url": "https://siem.example.com/countersign",
        "description": "the security team's inbox",
        "events": ["alert.*", "authentication.failed"],
        "active": true,
        "disabled_reason": null,
        "owner": format!("user:{USER}"),
        "created_at": AT,
        "changed_at": AT,
        "secrets": [{ "fingerprint": "9f86d081884c7d65", "made_at": AT, "ends_at": null }],
        "failures": 0,
        "failing_since": null,
    })
}

fn delivery() -> Value {
    json!({
        "id": DELIVERY,
        "webhook": WEBHOOK,
        "kind": "authentication.failed",
        "subject": ENTRY,
        "state": "waiting",
        "attempts": 1,
        "next_at": AT,
        "last_status": 500,
        "last_error": "status",
        "created_at": AT,
        "ended_at": null,
    })
}

fn fresh() -> Shape {
    Shape::json::<FreshSecret>(json!({
        "id": WEBHOOK,
        "secret": "whsec_example",
        "message": "Store this secret securely. It will not be shown again.",
        "expires_at": null,
        "credential": null,
        "account": null,
    }))
}

pub(super) fn list() -> Shape {
    Shape::json::<Page<Webhook>>(json!({ "items": [webhook()], "next": null }))
}

pub(super) fn create() -> Shape {
    let wish = json!({
        "url": "https://siem.example.com/countersign",
        "description": "the security team's inbox",
        "events": ["alert.*", "authentication.failed"],
    });
    fresh().body::<CreateWebhook>(wish).idempotent().problems(&[Code::NotEligible, Code::AlreadyDone])
}

pub(super) fn get() -> Shape {
    Shape::json::<Webhook>(webhook()).header(TAG, REVISION).path::<WebhookId>()
}

pub(super) fn change() -> Shape {
    let wish = json!({ "url": "https://siem.example.com/countersign", "events": ["*"], "active": true });
    get().if_match().body::<ChangeWebhook>(wish).problems(&[Code::NotEligible])
}

pub(super) fn disable() -> Shape {
    get().body::<DisableWebhook>(json!({ "reason": "the receiver moved" }))
}

pub(super) fn rotate() -> Shape {
    fresh()
        .path::<WebhookId>()
        .body::<RotateWebhookSecret>(json!({ "overlap_seconds": 86_400 }))
        .idempotent()
        .problems(&[Code::AlreadyDone])
}

pub(super) fn test() -> Shape {
    Shape::json::<Delivery>(delivery()).path::<WebhookId>()
}

pub(super) fn deliveries() -> Shape {
    Shape::json::<Page<Delivery>>(json!({ "items": [delivery()], "next": null }))
        .path::<WebhookId>()
        .query::<DeliveryFilter>()
}

pub(super) fn resend() -> Shape {
    Shape::json::<Delivery>(delivery()).path::<String>()
}
