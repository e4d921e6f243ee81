//! What a served control plane tells of itself: its log.

use std::io::IsTerminal as _;

use server::{LogFormat, Settings};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::exit::{Exit, Failure};

/// What must be ended in good order.
pub(crate) struct Telemetry;

impl Telemetry {
    /// Logs to standard error from now on.
    pub(crate) fn begin(settings: &Settings) -> Result<Self, Failure> {
        let filter = match EnvFilter::try_from_default_env() {
            Ok(filter) => filter,
            Err(_) => EnvFilter::try_new(&settings.log.filter)
                .map_err(|error| Failure::new(Exit::Config, format!("`log.filter`: {error}")))?,
        };
        tracing_subscriber::registry().with(filter).with(lines(settings.log.format)).init();
        Ok(Self)
    }

    /// Sends what has not been sent.
    pub(crate) async fn end(self) {}
}

fn lines(format: LogFormat) -> Box<dyn Layer<Layered> + Send + Sync> {
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

type Layered = tracing_subscriber::layer::Layered<EnvFilter, Registry>;
