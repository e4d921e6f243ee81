//! `[telemetry]`: metrics and traces.

use serde::{Deserialize, Serialize};

/// `[telemetry]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telemetry {
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// Where traces are sent by OTLP over HTTP, for example `http://127.0.0.1:4318`; not sent if absent.
    /// `OTEL_EXPORTER_OTLP_ENDPOINT` is asked when this is absent.
    pub otlp_endpoint: Option<String>,
    /// The name of this service in traces.
    pub service_name: String,
}

/// Who may read `/metrics`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MetricsAccess {
    /// Anyone.
    Public,
    /// Who asks from this computer, and through no proxy.
    #[default]
    Loopback,
    /// Nobody.
    Off,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { metrics: MetricsAccess::default(), otlp_endpoint: None, service_name: "countersign".into() }
    }
}
