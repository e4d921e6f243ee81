//! `[auth]`: whether callers must be authenticated.

use control::{AuthConfig, AuthMode};
use domain::limit::Limit;
use serde::{Deserialize, Serialize};

use crate::settings::{ConfigError, RateLimit};

/// `[auth]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// `required`, `optional` or `disabled`.
    pub mode: Mode,
    /// Whether programs may log in with e-mail address and password.
    pub password_login: PasswordLogin,
}

/// Whether programs may log in with e-mail address and password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordLogin {
    /// Where only the programs of this computer can come.
    #[default]
    Auto,
    /// Everywhere.
    On,
    /// Nowhere.
    Off,
}

impl PasswordLogin {
    /// Whether they may, where nobody else can come or somebody can.
    pub(crate) const fn is_on(self, here_alone: bool) -> bool {
        match self {
            Self::Auto => here_alone,
            Self::On => true,
            Self::Off => false,
        }
    }
}

/// A mode, as it is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mode(pub AuthMode);

/// A text that is no mode.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a mode of authentication; write `required`, `optional` or `disabled`")]
pub struct BadMode(String);

impl TryFrom<String> for Mode {
    type Error = BadMode;

    fn try_from(text: String) -> Result<Self, BadMode> {
        AuthMode::parse(&text).map(Self).ok_or_else(|| BadMode(text.chars().take(40).collect()))
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        match mode.0 {
            AuthMode::Disabled => "disabled",
            AuthMode::Optional => "optional",
            AuthMode::Required => "required",
        }
        .to_owned()
    }
}

/// What the control plane takes, without the bootstrap token.
pub(crate) fn config(auth: &Auth, limits: &RateLimit) -> Result<AuthConfig, ConfigError> {
    if !(48..=128).contains(&limits.ipv6_prefix) {
        return Err(ConfigError::value("`rate_limit.ipv6_prefix`", "write a number of bits from 48 to 128"));
    }
    let interval = limits.interval.whole_seconds("rate_limit.interval")?;
    Ok(AuthConfig {
        mode: auth.mode.0,
        address_limit: Limit { failures: limits.address, interval },
        identity_limit: Limit { failures: limits.identity, interval },
        ipv6_prefix: limits.ipv6_prefix,
        ..AuthConfig::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Period;

    #[test]
    fn a_mode_is_read_in_any_case_and_anything_else_is_refused() {
        for (text, mode) in [("required", AuthMode::Required), ("DISABLED", AuthMode::Disabled)] {
            assert_eq!(Mode::try_from(text.to_owned()).unwrap().0, mode);
        }
        for bad in ["", "off", "none", "require"] {
            assert!(Mode::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn programs_log_in_with_a_password_where_nobody_else_can_come_unless_it_is_said() {
        let on = [PasswordLogin::Auto, PasswordLogin::On, PasswordLogin::Off]
            .map(|set| [true, false].map(|here| set.is_on(here)));
        assert_eq!(on, [[true, false], [true, true], [false, false]]);
    }

    #[test]
    fn limits_are_taken_over_and_must_make_sense() {
        let limits = RateLimit { address: 3, identity: 0, interval: Period::seconds(90), ipv6_prefix: 56 };
        let config = config(&Auth::default(), &limits).unwrap();
        assert_eq!((config.address_limit, config.ipv6_prefix), (Limit { failures: 3, interval: 90 }, 56));
        assert!(!config.identity_limit.is_on());
        for bad in [RateLimit { interval: Period::millis(1500), ..limits }, RateLimit { ipv6_prefix: 129, ..limits }] {
            assert!(super::config(&Auth::default(), &bad).is_err(), "{bad:?}");
        }
    }
}
