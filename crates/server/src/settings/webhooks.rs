//! `[webhooks]`: how patient the sender is. Where it may go is `[outbound]`'s affair, and the operator's alone.

use control::WebhookConfig;
use control::webhooks::SealingKey;
use domain::webhook::retry::Patience;
use serde::{Deserialize, Serialize};

use crate::settings::Period;

/// `[webhooks]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Webhooks {
    /// How long one attempt may take, from finding the address to the end of the answer.
    pub timeout: Period,
    /// How long to wait after each failed attempt; a message is given up after one more attempt than these. Each is spread
    /// by a fifth.
    pub retries: Vec<Period>,
    /// After how many failures in a row an address rests, up to a quarter of an hour.
    pub rest_after: u32,
    /// For how long an address may fail without one success before its webhook is switched off.
    pub give_up_after: Period,
    /// The most messages that wait for one webhook; then the oldest are dropped.
    pub max_queue: u32,
    /// The most messages under way at once.
    pub max_concurrent: u32,
    /// Whether this process's key takes the place of the one that secrets were sealed with, which is lost.
    pub replace_key: bool,
}

impl Default for Webhooks {
    fn default() -> Self {
        let Patience { delays, rest_after, give_up_after, .. } = Patience::default();
        Self {
            timeout: Period::seconds(10),
            retries: delays.into_iter().map(|delay| Period::seconds(delay.into())).collect(),
            rest_after,
            give_up_after: Period::seconds(give_up_after.into()),
            max_queue: 1000,
            max_concurrent: 16,
            replace_key: false,
        }
    }
}

impl Webhooks {
    /// What the use cases are told.
    pub(crate) fn config(&self, key: SealingKey) -> WebhookConfig {
        let seconds = |period: &Period| u32::try_from(period.duration().as_secs()).unwrap_or(u32::MAX);
        let patience = Patience {
            delays: self.retries.iter().map(seconds).collect(),
            rest_after: self.rest_after.max(1),
            give_up_after: seconds(&self.give_up_after),
            ..Patience::default()
        };
        // A claim outlives its attempt by far, so that a message is not sent twice by a slow address alone.
        let lease = seconds(&self.timeout).saturating_mul(2).saturating_add(5);
        WebhookConfig { key: Some(key), patience, queue: self.max_queue.max(1), lease }
    }
}
