//! Whether things work, and what waits. Tells nothing of what they hold, and of a failure nothing in anybody else's words.

use domain::alert::Severity;
use store::deliveries::Outbox;

use crate::jwt::KeyHealth;
use crate::{AuthMode, Control, Error};

/// How a part stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// There, but not set up yet.
    Placeholder(Vec<String>),
    /// Works.
    Ready,
    /// Works in part.
    Degraded(Vec<String>),
}

/// What waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Messages, for webhooks.
    pub outbox: Outbox,
    /// Alerts that are not resolved, for people; how many there are of each severity, if there are any.
    pub alerts: Vec<(Severity, u64)>,
}

impl Control {
    /// Whether people and programs can authenticate.
    #[must_use]
    pub fn authn_health(&self) -> Health {
        match self.is_founded() {
            Ok(true) => {}
            Ok(false) => return Health::Placeholder(vec!["nobody has founded this control plane yet".into()]),
            Err(error) => return degraded(&error),
        }
        let disabled = self.config().auth.mode == AuthMode::Disabled;
        let asked = disabled.then_some("nobody is asked who they are: the mode is `disabled`");
        let issuers = self.verifier().map(|verifier| verifier.health()).unwrap_or_default();
        let mut reasons: Vec<_> = issuers.iter().filter_map(|(_, keys)| trouble(keys)).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let reasons: Vec<_> = asked.into_iter().chain(reasons).map(str::to_owned).collect();
        if reasons.is_empty() { Health::Ready } else { Health::Degraded(reasons) }
    }

    /// Whether a policy set is in force and somebody can approve.
    #[must_use]
    pub fn authz_health(&self) -> Health {
        let state = self.read(|q| Ok((store::policies::live(q)?.is_some(), !store::rosters::chain(q)?.is_empty())));
        match state {
            Ok((true, true)) => Health::Ready,
            Ok((false, _)) => Health::Placeholder(vec!["no policy set is in force yet".into()]),
            Ok((true, false)) => Health::Degraded(vec!["there is no roster yet, so nothing can be approved".into()]),
            Err(error) => degraded(&error),
        }
    }

    /// What waits for somebody. For operators.
    pub fn backlog(&self) -> Result<Backlog, Error> {
        self.read(|q| {
            Ok(Backlog { outbox: store::deliveries::outbox(q)?, alerts: store::alerts::unresolved_counts(q)? })
        })
    }
}

/// What is wrong with the keys of an issuer. Which issuer, and what its server answered, is in the log alone.
const fn trouble(keys: &KeyHealth) -> Option<&'static str> {
    match keys {
        KeyHealth::Ready { .. } => None,
        KeyHealth::Degraded { .. } => {
            Some("the signing keys of a token issuer cannot be renewed, and old ones are used")
        }
        KeyHealth::Unavailable { .. } => {
            Some("the signing keys of a token issuer cannot be had, and its tokens are refused")
        }
    }
}

fn degraded(error: &Error) -> Health {
    tracing::warn!(%error, "a status surface is degraded");
    Health::Degraded(vec!["the store does not answer".into()])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use domain::Clock;
    use domain::ambient::SystemClock;
    use serde_json::json;

    use super::*;
    use crate::found::Founder;
    use crate::jwt::{FetchError, FetchKeys, Fetched, IssuerSettings, Verifier};
    use crate::password::Password;

    /// An issuer that answers with nothing but an error.
    struct Down;

    impl FetchKeys for Down {
        fn fetch(&self, _: &str, _: Duration) -> Result<Fetched, FetchError> {
            Err(FetchError("hunter2 at 10.0.0.7 refused".to_owned()))
        }
    }

    fn verifier() -> Verifier {
        let settings: IssuerSettings = serde_json::from_value(json!({
            "name": "idp",
            "issuer": "https://idp.example",
            "audiences": ["x"],
            "jwks_url": "https://idp.example/jwks",
        }))
        .unwrap();
        let config = settings.into_config(|_| None, |_| Err(std::io::ErrorKind::NotFound.into())).unwrap();
        let (clock, fetch): (Arc<dyn Clock>, Arc<dyn FetchKeys>) = (Arc::new(SystemClock), Arc::new(Down));
        Verifier::new(vec![config], clock, &fetch).unwrap()
    }

    #[test]
    fn j_13_issuers_whose_keys_cannot_be_had_are_told_of_in_our_words() {
        let (control, _folder) = crate::testing::nobody_there();
        assert!(matches!(control.authn_health(), Health::Placeholder(_)));
        let founder = Founder { name: "Ada".into(), email: "ada@example.com".into() };
        control.found(&founder, &Password::new("correct horse battery staple".into()), true).unwrap();
        assert_eq!(control.authn_health(), Health::Ready);
        let verifier = Arc::new(verifier());
        control.trust_issuers(Arc::clone(&verifier));
        verifier.refresh_due();
        let Health::Degraded(reasons) = control.authn_health() else { panic!("no token of the issuer is taken") };
        assert_eq!(reasons, ["the signing keys of a token issuer cannot be had, and its tokens are refused"]);
    }

    #[test]
    fn j_13_old_keys_that_stand_in_are_told_of() {
        let stale = KeyHealth::Degraded { reason: "hunter2".into(), since: SystemClock.now() };
        assert!(trouble(&stale).is_some_and(|text| text.contains("old ones are used")));
        assert_eq!(trouble(&KeyHealth::Ready { keys: 1 }), None);
    }
}
