//! The issuers whose JWTs are taken: those of the settings, and the one that Orcheo's variables describe.

use std::path::Path;
use std::sync::Arc;

use control::jwt::{FetchKeys, IssuerConfig, Verifier};
use domain::Clock;
use tokio::runtime::Handle;

use crate::jwks::JwksFetcher;
use crate::outbound::Outbound;
use crate::settings::Settings;
use crate::start::StartError;

/// A verifier over all of them; there may be none. To be called on the runtime that fetches their keys.
pub(crate) fn verifier(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    outbound: Outbound,
) -> Result<Arc<Verifier>, StartError> {
    let wrong = |error: &dyn std::fmt::Display| StartError::Config { problem: error.to_string() };
    let read = |path: &Path| std::fs::read(path);
    let fetch: Arc<dyn FetchKeys> = Arc::new(JwksFetcher::new(outbound, Handle::current()));
    let variable = |name: &str| settings.environment.get(name);
    let mut configs = Vec::new();
    for issuer in settings.jwt.issuers.clone() {
        configs.push(issuer.into_config(variable, read).map_err(|error| wrong(&error))?);
    }
    configs.extend(IssuerConfig::from_orcheo(variable).map_err(|error| wrong(&error))?);
    Verifier::new(configs, clock, &fetch).map(Arc::new).map_err(|error| wrong(&error))
}

/// The way out, as the operator's settings have it.
pub(crate) fn outbound(settings: &Settings) -> Result<Outbound, StartError> {
    let wrong = |error: crate::outbound::BadPolicy| StartError::Config { problem: error.to_string() };
    let policy = settings.outbound.clone().into_policy(|path: &Path| std::fs::read(path)).map_err(wrong)?;
    Outbound::new(policy).map_err(wrong)
}
