//! How callers are authenticated, as the environment says it: under our names, or under Orcheo's for who comes from there.
//!
//! Invariant: what is said twice and differently, or cannot be read, keeps the control plane from starting; nothing is
//! ever taken for "no limit", "no end" or "no authentication". docs/ORCHEO.md has the names.

use server::{AuthMode, BootstrapToken, Period, Settings};
use zeroize::Zeroizing;

use crate::exit::{Exit, Failure};

/// The variable with the bootstrap token.
const TOKEN: &str = "COUNTERSIGN_BOOTSTRAP_TOKEN";
const INTERVAL: &str = "COUNTERSIGN_RATE_LIMIT_INTERVAL";

/// Our names and Orcheo's for the same.
const NAMES: &[(&str, &str)] = &[
    ("COUNTERSIGN_AUTH_MODE", "ORCHEO_AUTH_MODE"),
    (TOKEN, "ORCHEO_AUTH_BOOTSTRAP_SERVICE_TOKEN"),
    ("COUNTERSIGN_BOOTSTRAP_TOKEN_SCOPES", "ORCHEO_AUTH_BOOTSTRAP_TOKEN_SCOPES"),
    ("COUNTERSIGN_BOOTSTRAP_TOKEN_EXPIRES_AT", "ORCHEO_AUTH_BOOTSTRAP_TOKEN_EXPIRES_AT"),
    ("COUNTERSIGN_RATE_LIMIT_ADDRESS", "ORCHEO_AUTH_RATE_LIMIT_IP"),
    ("COUNTERSIGN_RATE_LIMIT_IDENTITY", "ORCHEO_AUTH_RATE_LIMIT_IDENTITY"),
    (INTERVAL, "ORCHEO_AUTH_RATE_LIMIT_INTERVAL"),
];

/// The environment in our names, with the bootstrap token apart: it is in no configuration that could be shown.
pub(crate) struct Variables {
    /// Every other variable.
    pub(crate) ours: Vec<(String, String)>,
    /// The bootstrap token, if there is one.
    pub(crate) bootstrap: Option<Zeroizing<String>>,
}

impl Variables {
    /// Translates Orcheo's names. What both say must be the same.
    pub(crate) fn of(all: impl IntoIterator<Item = (String, String)>) -> Result<Self, Failure> {
        let mut ours: Vec<_> = all.into_iter().collect();
        for (name, theirs) in NAMES {
            let Some(value) = take(&mut ours, theirs).filter(|value| !value.trim().is_empty()) else { continue };
            let value = if *name == INTERVAL { in_seconds(value) } else { value };
            match ours.iter().find(|(known, _)| known == name) {
                Some((_, other)) if !same(name, other, &value) => {
                    let failure = Failure::new(Exit::Config, format!("`{name}` and `{theirs}` say different things"));
                    return Err(failure.hint("leave one of them"));
                }
                Some(_) => {}
                None => ours.push(((*name).to_owned(), value)),
            }
        }
        let bootstrap = take(&mut ours, TOKEN).filter(|token| !token.trim().is_empty()).map(Zeroizing::new);
        Ok(Self { ours, bootstrap })
    }
}

/// Orcheo writes a bare number of seconds; a length of time has its unit here.
fn in_seconds(value: String) -> String {
    let number = value.trim().bytes().all(|byte| byte.is_ascii_digit());
    if number { format!("{}s", value.trim()) } else { value }
}

fn same(name: &str, one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    match (one.parse::<Period>(), other.parse::<Period>()) {
        (Ok(one), Ok(other)) if name == INTERVAL => one == other,
        _ => one == other || (name == "COUNTERSIGN_AUTH_MODE" && one.eq_ignore_ascii_case(other)),
    }
}

fn take(variables: &mut Vec<(String, String)>, name: &str) -> Option<String> {
    let place = variables.iter().position(|(known, _)| known == name)?;
    Some(variables.swap_remove(place).1)
}

/// Adds the bootstrap token to what the control plane is told, and refuses to serve everyone by mistake.
pub(crate) fn complete(
    settings: &mut Settings,
    section: &BootstrapToken,
    token: Option<&str>,
    insecure_no_auth: bool,
) -> Result<(), Failure> {
    if let Some(token) = token {
        settings.auth.bootstrap = Some(section.of(token)?);
    }
    if settings.auth.mode != AuthMode::Disabled {
        return Ok(());
    }
    if !insecure_no_auth {
        let why = "the mode `disabled` serves everyone who comes, so it must be asked for twice";
        return Err(Failure::new(Exit::Config, why).hint("add `--insecure-no-auth`, or set the mode `required`"));
    }
    Ok(settings.check()?)
}

/// Says at each start what should not stay.
pub(crate) fn warn(settings: &Settings) {
    if settings.auth.mode == AuthMode::Disabled {
        tracing::warn!("nobody is asked who they are: every program of this computer can do everything here");
    }
}

#[cfg(test)]
mod tests;
