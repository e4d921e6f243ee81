//! Webhooks: addresses that are told what happens, and the messages that wait for them.
//!
//! A webhook speaks with its owner's rights: what the owner may not read now is not sent. Deliberately absent: the secret,
//! which is in [`signature`] and nowhere among these values; of it, only a fingerprint is ever shown.

pub mod retry;
pub mod signature;

use serde::{Deserialize, Serialize};

use crate::event::Kind;
use crate::id::{DeliveryId, WebhookId};
use crate::principal::Principal;
use crate::time::Instant;

/// The most patterns that one webhook has.
const MOST_PATTERNS: usize = 50;
/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 500;
/// The type of a test message. No entry has it.
pub const TEST: &str = "webhook.test";

/// Which events a webhook wants: one kind like `ticket.opened`, an area like `ticket.*`, or `*`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(transparent)]
pub struct EventPattern(String);

/// An address that is told what happens.
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
}

/// A message for a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Delivery {
    /// Its id: the `webhook-id` of every attempt.
    pub id: DeliveryId,
    /// For whom.
    pub webhook: WebhookId,
    /// The type of the message, for example `alert.raised`.
    pub kind: String,
    /// What it is about: the id of an entry or of an alert.
    pub subject: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was tried to the end. An attempt that is under way, or that ended with its process, does not count.
    pub attempts: u32,
    /// When it is tried next, while it waits; while it is under way, when somebody else may try it.
    pub next_at: Option<Instant>,
    /// The status of the last answer.
    pub last_status: Option<u16>,
    /// What went wrong last: `refused`, `timeout`, `redirect` and the like. Never what the other side wrote.
    pub last_error: Option<String>,
    /// When it was put into the queue.
    pub created_at: Instant,
    /// When it was delivered or given up.
    pub ended_at: Option<Instant>,
}

impl Delivery {
    /// A message that is to be sent as soon as somebody has time.
    #[must_use]
    pub fn new(
        id: DeliveryId,
        webhook: WebhookId,
        kind: impl Into<String>,
        subject: impl Into<String>,
        now: Instant,
    ) -> Self {
        Self {
            id,
            webhook,
            kind: kind.into(),
            subject: subject.into(),
            state: DeliveryState::Waiting,
            attempts: 0,
            next_at: Some(now),
            last_status: None,
            last_error: None,
            created_at: now,
            ended_at: None,
        }
    }
}

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried, now or later.
    Waiting,
    /// It was answered with success.
    Delivered,
    /// It was given up.
    Failed,
    /// It was never or no longer sent: the queue was full, the webhook was switched off, or its owner lost the right.
    Dropped,
}

/// A field of a webhook that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadWebhook {
    /// No event would ever match.
    #[error("`{0}` is no kind of event; use one like `ticket.opened`, an area like `ticket.*`, or `*`")]
    Pattern(String),
    /// None or too many.
    #[error("name 1 to {MOST_PATTERNS} kinds of events")]
    Patterns,
    /// Too long.
    #[error("at most {DESCRIPTION_MAX} characters")]
    Description,
}

impl EventPattern {
    /// Reads a pattern that some event can match.
    pub fn parse(text: &str) -> Result<Self, BadWebhook> {
        let known = match text.strip_suffix(".*") {
            Some(area) => areas().iter().any(|known| known == area),
            None => text == "*" || serde_json::from_value::<Kind>(text.into()).is_ok(),
        };
        if known { Ok(Self(text.to_owned())) } else { Err(BadWebhook::Pattern(text.chars().take(64).collect())) }
    }

    /// Whether it wants events of this kind.
    #[must_use]
    pub fn matches(&self, kind: &str) -> bool {
        match self.0.strip_suffix(".*") {
            Some(area) => kind.split_once('.').is_some_and(|(of, _)| of == area),
            None => self.0 == "*" || self.0 == kind,
        }
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The first parts of the names of all kinds.
fn areas() -> Vec<String> {
    let schema = serde_json::to_value(schemars::schema_for!(Kind)).unwrap_or_default();
    let one_of = schema["oneOf"].as_array().into_iter().flatten().filter_map(|one| one["const"].as_str());
    let plain = schema["enum"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    one_of.chain(plain).filter_map(|name| Some(name.split_once('.')?.0.to_owned())).collect()
}

/// Reads the patterns of a webhook.
pub fn patterns<S: AsRef<str>>(texts: &[S]) -> Result<Vec<EventPattern>, BadWebhook> {
    if !(1..=MOST_PATTERNS).contains(&texts.len()) {
        return Err(BadWebhook::Patterns);
    }
    texts.iter().map(|text| EventPattern::parse(text.as_ref())).collect()
}

/// Reads the description of a webhook.
pub fn description(text: &str) -> Result<String, BadWebhook> {
    let text = text.trim();
    if text.chars().count() > DESCRIPTION_MAX { Err(BadWebhook::Description) } else { Ok(text.to_owned()) }
}

/// The scope that whoever is told of this kind must hold.
#[must_use]
pub fn needed_scope(kind: &str) -> &'static str {
    if kind == TEST || kind.starts_with("alert.") { "alerts:read" } else { "audit:read" }
}

impl Webhook {
    /// Whether it is told of events of this kind. Nobody is told that somebody was told.
    #[must_use]
    pub fn wants(&self, kind: Kind) -> bool {
        let about_deliveries = matches!(kind, Kind::WebhookTested | Kind::WebhookResent);
        let name = kind.name();
        self.active && !about_deliveries && self.events.iter().any(|pattern| pattern.matches(&name))
    }
}

impl DeliveryState {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_wants_what_it_says_and_one_that_wants_nothing_is_refused() {
        let ticket = EventPattern::parse("ticket.*").unwrap();
        assert!(ticket.matches("ticket.opened") && !ticket.matches("task.started") && !ticket.matches("ticket"));
        assert!(EventPattern::parse("*").unwrap().matches("alert.raised"));
        assert!(!EventPattern::parse("alert.raised").unwrap().matches("alert.resolved"));
        for bad in ["", "tickets.*", "ticket.open", ".*", "**", "ticket*", "Ticket.*", "authentification.*"] {
            assert!(EventPattern::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(patterns::<&str>(&[]).unwrap_err(), BadWebhook::Patterns);
    }

    #[test]
    fn every_area_of_events_can_be_named() {
        for area in ["authentication", "credential", "ticket", "alert", "webhook", "policy", "roster"] {
            assert!(EventPattern::parse(&format!("{area}.*")).is_ok(), "{area}");
        }
    }

    #[test]
    fn what_is_told_needs_the_right_to_read_it() {
        assert_eq!(needed_scope("alert.raised"), "alerts:read");
        assert_eq!(needed_scope("ticket.opened"), "audit:read");
    }
}
