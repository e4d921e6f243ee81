//! The rules by which alerts are raised, each with a default that is on.

use serde::{Deserialize, Serialize};

/// What an alert is raised for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, specta::Type, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Many authentications failed, from one address or about one identity.
    FailedAuthentications,
    /// A credential or a person was used from a network that it was never used from.
    NewNetwork,
    /// One principal was refused many times for want of a right.
    PermissionViolations,
    /// A credential that was meant to last ends soon.
    CredentialExpiring,
    /// A credential that has ended is still presented.
    EndedCredentialPresented,
    /// Requests were turned away by a limit.
    RateLimited,
    /// Entries wait for their place in the ledger.
    LedgerStalled,
    /// The bootstrap token is still accepted though there are other credentials.
    BootstrapEnabled,
    /// A webhook was switched off, or deliveries were dropped.
    WebhookFailing,
}

/// How urgent an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
}

/// How a rule is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSetting {
    /// Which rule.
    pub rule: Rule,
    /// Whether it raises alerts.
    pub enabled: bool,
    /// How urgent its alerts are.
    pub severity: Severity,
    /// How often something happens within the time before it is an alert, 1 to 1000.
    pub threshold: u32,
    /// The time in seconds, 1 to 31 622 400. For a new network: how long a subject's first networks are learned silently.
    /// For a credential that ends: how long before. For a ledger that stands still: how long an entry may wait.
    pub within_seconds: u32,
}

/// A setting that cannot stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSetting {
    /// The threshold.
    #[error("the threshold of `{0}` is 1 to 1000")]
    Threshold(&'static str),
    /// The time.
    #[error("the time of `{0}` is 1 to 31622400 seconds")]
    Within(&'static str),
}

impl Rule {
    /// Every rule.
    pub const ALL: [Self; 9] = [
        Self::FailedAuthentications,
        Self::NewNetwork,
        Self::PermissionViolations,
        Self::CredentialExpiring,
        Self::EndedCredentialPresented,
        Self::RateLimited,
        Self::LedgerStalled,
        Self::BootstrapEnabled,
        Self::WebhookFailing,
    ];

    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailedAuthentications => "failed_authentications",
            Self::NewNetwork => "new_network",
            Self::PermissionViolations => "permission_violations",
            Self::CredentialExpiring => "credential_expiring",
            Self::EndedCredentialPresented => "ended_credential_presented",
            Self::RateLimited => "rate_limited",
            Self::LedgerStalled => "ledger_stalled",
            Self::BootstrapEnabled => "bootstrap_enabled",
            Self::WebhookFailing => "webhook_failing",
        }
    }
}

impl RuleSetting {
    /// How the rule is set unless somebody changed it.
    #[must_use]
    pub const fn default_of(rule: Rule) -> Self {
        const DAY: u32 = 24 * 3600;
        let (severity, threshold, within_seconds) = match rule {
            Rule::FailedAuthentications => (Severity::Warning, 10, 300),
            Rule::NewNetwork => (Severity::Warning, 1, 3 * DAY),
            Rule::PermissionViolations => (Severity::Warning, 10, 600),
            Rule::CredentialExpiring => (Severity::Info, 1, 14 * DAY),
            Rule::RateLimited => (Severity::Warning, 100, 600),
            Rule::LedgerStalled => (Severity::Critical, 1, 60),
            Rule::EndedCredentialPresented | Rule::BootstrapEnabled | Rule::WebhookFailing => {
                (Severity::Warning, 1, DAY)
            }
        };
        Self { rule, enabled: true, severity, threshold, within_seconds }
    }

    /// Whether it can stand.
    pub const fn check(&self) -> Result<(), BadSetting> {
        if self.threshold == 0 || self.threshold > 1000 {
            return Err(BadSetting::Threshold(self.rule.name()));
        }
        if self.within_seconds == 0 || self.within_seconds > 366 * 24 * 3600 {
            return Err(BadSetting::Within(self.rule.name()));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_on_and_its_name_is_the_one_on_the_wire() {
        for rule in Rule::ALL {
            let setting = RuleSetting::default_of(rule);
            assert!(setting.enabled && setting.check().is_ok());
            assert_eq!(serde_json::to_value(rule).unwrap(), rule.name());
        }
    }

    #[test]
    fn a_setting_out_of_range_is_refused() {
        let setting = RuleSetting::default_of(Rule::RateLimited);
        for (threshold, within_seconds) in [(0, 60), (1001, 60), (1, 0), (1, u32::MAX)] {
            assert!(RuleSetting { threshold, within_seconds, ..setting }.check().is_err());
        }
    }
}
