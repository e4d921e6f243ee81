//! `[tokens]`: what credentials may be made.

use control::TokenConfig;
use serde::{Deserialize, Serialize};

use crate::settings::{ConfigError, Period};

const DAY: u64 = 24 * 3600;
/// The shortest life of a credential, in seconds.
const SHORTEST: u32 = 60;

/// `[tokens]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long a credential lives unless it is said.
    pub default_lifetime: Period,
    /// The longest that may be said.
    pub max_lifetime: Period,
    /// Whether names of scopes may end in `*`, which is spelled out when a credential is made.
    pub wildcards: bool,
}

impl Default for Tokens {
    fn default() -> Self {
        let days = |days| Period::seconds(days * DAY);
        Self { default_lifetime: days(30), max_lifetime: days(366), wildcards: false }
    }
}

impl Tokens {
    /// What the control plane takes.
    pub(crate) fn config(&self) -> Result<TokenConfig, ConfigError> {
        let default_lifetime = self.default_lifetime.whole_seconds("tokens.default_lifetime")?;
        let max_lifetime = self.max_lifetime.whole_seconds("tokens.max_lifetime")?;
        if !(SHORTEST..=max_lifetime).contains(&default_lifetime) {
            let problem = format!("write {SHORTEST}s or more, and no more than `tokens.max_lifetime`");
            return Err(ConfigError::value("`tokens.default_lifetime`", problem));
        }
        Ok(TokenConfig { default_lifetime, max_lifetime, wildcards: self.wildcards })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_the_core_s_own_and_no_longer_than_the_longest() {
        let (config, own) = (Tokens::default().config().unwrap(), TokenConfig::default());
        assert_eq!((config.default_lifetime, config.max_lifetime), (own.default_lifetime, own.max_lifetime));
        let seconds = Period::seconds;
        for (default_lifetime, max_lifetime) in
            [(seconds(59), seconds(100)), (seconds(101), seconds(100)), (Period::millis(60_500), seconds(100))]
        {
            let bad = Tokens { default_lifetime, max_lifetime, wildcards: false };
            assert!(bad.config().is_err(), "{bad:?}");
        }
    }
}
