//! Whether things work. Tells nothing of what they hold.

use crate::Control;

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

impl Control {
    /// Whether people and programs can authenticate.
    #[must_use]
    pub fn authn_health(&self) -> Health {
        match self.is_founded() {
            Ok(true) => Health::Ready,
            Ok(false) => Health::Placeholder(vec!["nobody has founded this control plane yet".into()]),
            Err(error) => degraded(&error),
        }
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
}

fn degraded(error: &crate::Error) -> Health {
    tracing::warn!(%error, "a status surface is degraded");
    Health::Degraded(vec!["the store does not answer".into()])
}
