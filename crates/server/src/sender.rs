//! Sends what waits for webhooks, through the one door that judges every address.
//!
//! A message is sent at least once: it was claimed before, and if this process ends now, it is due again for whoever runs
//! next. No request waits for anything here. Deliberately absent: redirects, which are failures, and what a receiver
//! answers beyond its status, which decides (Standard Webhooks, "Deliverability and reliability").

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use control::Control;
use control::webhooks::{Attempt, Outgoing};
use domain::id::WebhookId;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::outbound::{Limits, Outbound, OutboundError, OutboundRequest};
use crate::settings::Webhooks;

/// How much of an answer is read.
const MOST_BYTES: usize = 64 * 1024;
/// How often the queue is looked at though nobody knows of anything new: retries come due, other processes put things in.
const LOOK: Duration = Duration::from_secs(1);

/// The sender of one process.
#[derive(Clone)]
pub(crate) struct Sender {
    control: Control,
    outbound: Outbound,
    timeout: Duration,
    at_once: u32,
    under_way: Arc<Mutex<BTreeMap<WebhookId, u32>>>,
}

impl Sender {
    pub(crate) fn new(control: Control, outbound: Outbound, settings: &Webhooks) -> Self {
        let (timeout, at_once) = (settings.timeout.duration(), settings.max_concurrent.max(1));
        Self { control, outbound, timeout, at_once, under_way: Arc::default() }
    }

    /// Runs until `stop`. `pulse` tells that there may be something new.
    pub(crate) async fn run(self, pulse: Arc<Notify>, stop: CancellationToken, tasks: TaskTracker) {
        loop {
            let woken = async { drop(tokio::time::timeout(LOOK, pulse.notified()).await) };
            if stop.run_until_cancelled(woken).await.is_none() {
                return;
            }
            for outgoing in self.claim().await {
                let (sender, pulse, stop) = (self.clone(), Arc::clone(&pulse), stop.clone());
                self.count(outgoing.webhook, 1);
                tasks.spawn(async move {
                    let attempt = stop.run_until_cancelled(sender.send(&outgoing)).await;
                    sender.note(outgoing.clone(), attempt).await;
                    sender.count(outgoing.webhook, -1);
                    pulse.notify_one();
                });
            }
        }
    }

    async fn claim(&self) -> Vec<Outgoing> {
        let (under_way, most) = (self.under_way.lock().unwrap_or_else(PoisonError::into_inner).clone(), self.at_once);
        if under_way.values().sum::<u32>() >= most {
            return Vec::new();
        }
        let control = self.control.clone();
        match tokio::task::spawn_blocking(move || control.claim_deliveries(most, &under_way)).await {
            Ok(Ok(claimed)) => claimed,
            Ok(Err(error)) => {
                tracing::warn!(%error, "messages for webhooks could not be claimed; it is tried again");
                Vec::new()
            }
            Err(error) => {
                tracing::error!(%error, "claiming messages for webhooks ended badly");
                Vec::new()
            }
        }
    }

    async fn send(&self, outgoing: &Outgoing) -> Attempt {
        let Ok(headers) = headers(outgoing) else { return Attempt::Failed("headers") };
        let request = OutboundRequest {
            method: Method::POST,
            url: outgoing.url.clone(),
            headers,
            body: outgoing.body.clone().into(),
            limits: Limits { total: self.timeout, most_body_bytes: MOST_BYTES },
        };
        match self.outbound.send_for_status(request).await {
            Ok(status) => Attempt::Answered(status.as_u16()),
            Err(OutboundError::Redirect(status)) => Attempt::Answered(status),
            Err(error) => {
                tracing::debug!(webhook = %outgoing.webhook, %error, "a message was not delivered");
                Attempt::Failed(word(&error))
            }
        }
    }

    /// Writes down what became of a message; one that was cut off by the end of this process is due again at once.
    async fn note(&self, outgoing: Outgoing, attempt: Option<Attempt>) {
        let control = self.control.clone();
        let noted = tokio::task::spawn_blocking(move || match attempt {
            Some(attempt) => control.note_attempt(&outgoing, attempt),
            None => control.release_delivery(&outgoing),
        });
        let noted = noted.await;
        if let Ok(Err(error)) = noted {
            tracing::warn!(%error, "what became of a message could not be written down; it is sent again");
        }
    }

    fn count(&self, webhook: WebhookId, change: i32) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let now = under_way.get(&webhook).copied().unwrap_or(0).saturating_add_signed(change);
        if now == 0 {
            under_way.remove(&webhook)
        } else {
            under_way.insert(webhook, now)
        };
    }
}

/// The headers of Standard Webhooks 1.0.0.
fn headers(outgoing: &Outgoing) -> Result<HeaderMap, http::header::InvalidHeaderValue> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut signature = HeaderValue::from_str(&outgoing.signature)?;
    signature.set_sensitive(true);
    headers.insert(HeaderName::from_static("webhook-id"), HeaderValue::from_str(&outgoing.id.to_string())?);
    headers.insert(HeaderName::from_static("webhook-timestamp"), HeaderValue::from(outgoing.timestamp));
    headers.insert(HeaderName::from_static("webhook-signature"), signature);
    Ok(headers)
}

/// What people are told of a failure: which kind it was, and nothing that the other side could have written.
const fn word(error: &OutboundError) -> &'static str {
    match error {
        OutboundError::Url(_) | OutboundError::Denied(_) | OutboundError::PlainHttp(_) => "address_not_allowed",
        OutboundError::Resolve { .. } => "name_not_found",
        OutboundError::Connect { .. } => "no_connection",
        OutboundError::Tls { .. } => "no_secure_connection",
        OutboundError::Redirect(_) => "redirect",
        OutboundError::TooSlow(_) => "timeout",
        OutboundError::TooLarge(_) => "answer_too_large",
        OutboundError::Protocol(_) => "answer_broken",
    }
}
