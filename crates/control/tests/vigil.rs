//! Alerts and webhooks on a real store, at instants that the test chooses: what comes with time, restarts, retries.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "vigil/alerts.rs"]
mod alerts;
#[path = "vigil/house.rs"]
mod house;
#[path = "vigil/webhooks.rs"]
mod webhooks;
