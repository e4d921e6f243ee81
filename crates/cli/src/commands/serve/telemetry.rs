//! What a served control plane tells of itself: its log, and traces where a collector is named.
//!
//! The endpoint is `telemetry.otlp_endpoint`, or what the standard variables of OpenTelemetry say. Traces are sent by
//! OTLP over HTTP in the background; a collector that does not answer costs traces and nothing else.

mod sender;

use std::io::IsTerminal as _;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use server::{LogFormat, Settings};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::commands::serve::telemetry::sender::Sender;
use crate::exit::{Exit, Failure};

/// The variables that name a collector (OpenTelemetry Protocol Exporter, Endpoint).
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// What must be ended in good order.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Telemetry {
    /// Logs to standard error from now on, and sends traces.
    pub(crate) fn begin(settings: &Settings) -> Result<Self, Failure> {
        let filter = match EnvFilter::try_from_default_env() {
            Ok(filter) => filter,
            Err(_) => EnvFilter::try_new(&settings.log.filter)
                .map_err(|error| Failure::new(Exit::Config, format!("`log.filter`: {error}")))?,
        };
        let provider = provider(settings)?;
        let traces = provider.as_ref().map(|provider| {
            let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("countersign"));
            // What the exporter itself does is not traced again.
            let ours = |metadata: &Metadata<'_>| {
                metadata.target().starts_with("countersign") && *metadata.level() <= Level::INFO
            };
            layer.with_location(false).with_threads(false).with_filter(filter_fn(ours))
        });
        tracing_subscriber::registry().with(lines(settings.log.format).with_filter(filter)).with(traces).init();
        Ok(Self(provider))
    }

    /// Sends what has not been sent.
    pub(crate) async fn end(self) {
        let Some(provider) = self.0 else { return };
        let ended = tokio::task::spawn_blocking(move || provider.shutdown()).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn provider(settings: &Settings) -> Result<Option<SdkTracerProvider>, Failure> {
    let named = settings.telemetry.otlp_endpoint.as_deref();
    if named.is_none() && ENDPOINTS.iter().all(|name| std::env::var_os(name).is_none_or(|value| value.is_empty())) {
        return Ok(None);
    }
    let wrong = |error: String| Failure::new(Exit::Config, format!("`telemetry.otlp_endpoint`: {error}"));
    let sender = Sender::new().map_err(|error| wrong(error.to_string()))?;
    let mut exporter = SpanExporter::builder().with_http().with_http_client(sender).with_protocol(Protocol::HttpBinary);
    if let Some(base) = named {
        exporter = exporter.with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')));
    }
    let exporter = exporter.build().map_err(|error| wrong(error.to_string()))?;
    let name = settings.telemetry.service_name.clone();
    let resource = Resource::builder().with_service_name(name).build();
    Ok(Some(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build()))
}

fn lines(format: LogFormat) -> Box<dyn Layer<Registry> + Send + Sync> {
    let terminal = std::io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(std::io::stderr);
    let json = match format {
        LogFormat::Text => false,
        LogFormat::Json => true,
        LogFormat::Auto => !terminal,
    };
    if json {
        return layer.json().flatten_event(true).with_span_list(false).boxed();
    }
    layer.with_ansi(terminal && std::env::var_os("NO_COLOR").is_none()).boxed()
}
