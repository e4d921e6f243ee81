//! Webhooks. A fresh secret comes as a [`crate::credentials::FreshSecret`], like every other; after that only its
//! fingerprint is shown.

use domain::Instant;
use domain::id::WebhookId;
use domain::principal::Principal;
use domain::webhook::{DeliveryState, EventPattern};
use serde::{Deserialize, Serialize};

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where messages go.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events it wants.
    pub events: Vec<EventPattern>,
    /// Whether it is told anything.
    pub active: bool,
    /// Why not, if it was switched off.
    pub disabled_reason: Option<String>,
    /// Whose rights it speaks with.
    pub owner: Principal,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// The secrets that it signs with, the newest first.
    pub secrets: Vec<WebhookSecret>,
    /// How many attempts in a row have failed.
    pub failures: u32,
    /// Since when no attempt has succeeded.
    pub failing_since: Option<Instant>,
}

/// What is shown of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct WebhookSecret {
    /// The first 16 digits of its digest.
    pub fingerprint: String,
    /// When it was made.
    pub made_at: Instant,
    /// Until when it signs, if it was replaced.
    pub ends_at: Option<Instant>,
}

/// `POST /api/v1/webhooks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// Where messages go: `https`, on the public internet unless the operator allows more.
    pub url: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Which events it wants: kinds like `ticket.opened`, areas like `ticket.*`, or `*`.
    pub events: Vec<String>,
}

/// `PUT /api/v1/webhooks/{id}`. Whoever changes a webhook becomes its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhook {
    /// Where messages go.
    pub url: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Which events it wants.
    pub events: Vec<String>,
    /// Whether it is told anything.
    pub active: bool,
}

/// `POST /api/v1/webhooks/{id}/disable`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DisableWebhook {
    /// Why.
    pub reason: Option<String>,
}

/// `POST /api/v1/webhooks/{id}/rotate-secret`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RotateWebhookSecret {
    /// How long the old one signs beside it, in seconds; a day, if absent; 0 ends it at once.
    pub overlap_seconds: Option<u32>,
}

/// The query of `GET /api/v1/webhooks/{id}/deliveries`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// The `next` of the page before.
    pub cursor: Option<String>,
}
