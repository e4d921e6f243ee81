//! What is counted, and told at `/metrics` in the text form of `OpenMetrics`.
//!
//! Labels are taken from closed sets alone: the route's template, the method, the class of the status, the name of an
//! outcome. Nothing that a client can write becomes a label, so what is kept never grows.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use control::status::Backlog;
use domain::Instant;
use domain::alert::Severity;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

/// The content type of what [`Metrics::render`] writes.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the duration histogram, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    method: &'static str,
    status: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    route: &'static str,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Urgency {
    severity: &'static str,
}

/// The counts of one process. All clones are one.
#[derive(Clone)]
pub(crate) struct Metrics(Arc<Counts>);

struct Counts {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    connections: Gauge,
    refused: Family<Outcome, Counter>,
    received: Counter,
    sent: Counter,
    authentication: Family<Outcome, Counter>,
    ledger_size: Gauge,
    checkpoint_age: Gauge<f64, AtomicU64>,
    messages: Gauge,
    message_age: Gauge<f64, AtomicU64>,
    alerts: Family<Urgency, Gauge>,
}

/// Something that is counted while it lasts.
pub(crate) struct Lasting(Gauge);

impl Drop for Lasting {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn lasting(gauge: &Gauge) -> Lasting {
    gauge.inc();
    Lasting(gauge.clone())
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("countersign");
        let durations: Family<Asked, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(BOUNDS));
        let mut counts = Counts {
            requests: Family::default(),
            durations,
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            refused: Family::default(),
            received: Counter::default(),
            sent: Counter::default(),
            authentication: Family::default(),
            ledger_size: Gauge::default(),
            checkpoint_age: Gauge::default(),
            messages: Gauge::default(),
            message_age: Gauge::default(),
            alerts: Family::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests that were answered", counts.requests.clone());
        let text = "Time to the head of the answer";
        registry.register_with_unit("http_request_duration", text, Unit::Seconds, counts.durations.clone());
        registry.register("http_requests_in_flight", "Requests that wait for an answer", counts.in_flight.clone());
        registry.register("connections", "Open connections", counts.connections.clone());
        registry.register("connections_refused", "Connections closed before a request", counts.refused.clone());
        registry.register_with_unit("received", "Read from clients", Unit::Bytes, counts.received.clone());
        registry.register_with_unit("sent", "Written to clients", Unit::Bytes, counts.sent.clone());
        registry.register("authentications", "Attempts to authenticate a request", counts.authentication.clone());
        registry.register("ledger_entries", "Entries in the ledger's tree", counts.ledger_size.clone());
        let text = "Since the ledger was last brought forward";
        registry.register_with_unit("ledger_pulse_age", text, Unit::Seconds, counts.checkpoint_age.clone());
        registry.register("webhook_messages_waiting", "Messages that wait for webhooks", counts.messages.clone());
        let text = "Since the oldest of them was put there";
        registry.register_with_unit("webhook_message_age", text, Unit::Seconds, counts.message_age.clone());
        registry.register("alerts_unresolved", "Alerts that are not resolved", counts.alerts.clone());
        registry.register("build", "This program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
        counts.registry = registry;
        Self(Arc::new(counts))
    }

    /// A request was answered with this status after so long.
    pub(crate) fn answered(&self, route: &'static str, method: &'static str, status: u16, after: Duration) {
        let class = match status {
            100..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            _ => "5xx",
        };
        self.0.requests.get_or_create(&Answered { route, method, status: class }).inc();
        self.0.durations.get_or_create(&Asked { route, method }).observe(after.as_secs_f64());
    }

    /// A request waits for its answer while the value lives.
    pub(crate) fn in_flight(&self) -> Lasting {
        lasting(&self.0.in_flight)
    }

    /// A connection is open while the value lives.
    pub(crate) fn connection(&self) -> Lasting {
        lasting(&self.0.connections)
    }

    /// A connection was closed before it made a request.
    pub(crate) fn connection_refused(&self, outcome: &'static str) {
        self.0.refused.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn received(&self, bytes: usize) {
        self.0.received.inc_by(bytes as u64);
    }

    pub(crate) fn sent(&self, bytes: usize) {
        self.0.sent.inc_by(bytes as u64);
    }

    /// Somebody was authenticated, or was not: `accepted`, or the name of a refusal. Never a text from a request.
    pub(crate) fn authentication(&self, outcome: &'static str) {
        self.0.authentication.get_or_create(&Outcome { outcome }).inc();
    }

    /// How the ledger stands.
    pub(crate) fn ledger(&self, size: Option<u64>, age: Option<Duration>) {
        if let Some(size) = size.and_then(|size| i64::try_from(size).ok()) {
            self.0.ledger_size.set(size);
        }
        if let Some(age) = age {
            self.0.checkpoint_age.set(age.as_secs_f64());
        }
    }

    /// What waits for somebody at that instant.
    pub(crate) fn backlog(&self, backlog: &Backlog, now: Instant) {
        let Backlog { outbox, alerts } = backlog;
        self.0.messages.set(whole(outbox.waiting));
        self.0.message_age.set(outbox.oldest.map_or(0, |oldest| now.seconds_since(oldest)).into());
        for (severity, name) in
            [(Severity::Info, "info"), (Severity::Warning, "warning"), (Severity::Critical, "critical")]
        {
            let count = alerts.iter().find(|(known, _)| *known == severity).map_or(0, |(_, count)| *count);
            self.0.alerts.get_or_create(&Urgency { severity: name }).set(whole(count));
        }
    }

    /// The text form.
    pub(crate) fn render(&self) -> String {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.0.registry) {
            tracing::error!(%error, "the metrics cannot be written");
            let _ = writeln!(text, "# EOF");
        }
        text
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use store::deliveries::Outbox;

    use super::*;

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::new();
        metrics.answered("/healthz", "GET", 200, Duration::from_millis(3));
        metrics.authentication("accepted");
        metrics.ledger(Some(7), Some(Duration::from_secs(2)));
        let now = Instant::from_seconds(1_800_000_000);
        let outbox = Outbox { waiting: 5, oldest: Some(now.minus(90)) };
        metrics.backlog(&Backlog { outbox, alerts: vec![(Severity::Critical, 2)] }, now);
        let open = metrics.connection();
        let text = metrics.render();
        for line in [
            "countersign_http_requests_total{route=\"/healthz\",method=\"GET\",status=\"2xx\"} 1",
            "countersign_http_request_duration_seconds_bucket{le=\"0.005\",route=\"/healthz\",method=\"GET\"} 1",
            "countersign_authentications_total{outcome=\"accepted\"} 1",
            "countersign_connections 1",
            "countersign_ledger_entries 7",
            "countersign_ledger_pulse_age_seconds 2.0",
            "countersign_webhook_messages_waiting 5",
            "countersign_webhook_message_age_seconds 90.0",
            "countersign_alerts_unresolved{severity=\"critical\"} 2",
            "countersign_alerts_unresolved{severity=\"info\"} 0",
            "# EOF",
        ] {
            assert!(text.contains(line), "`{line}` is not in: {text}");
        }
        drop(open);
        assert!(metrics.render().contains("countersign_connections 0"));
    }
}
