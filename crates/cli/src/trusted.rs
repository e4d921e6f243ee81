//! What this executor trusts and demands, whatever the control plane says: a roster version and a number of people.

use std::str::FromStr;

use client::trust::{TrustError, Trusted};
use domain::ambient::SystemClock;
use domain::binding::Action;
use domain::digest::Digest;
use domain::grant::{Demand, Grant, Verified};
use domain::outcome::Requirement;
use domain::principal::Principal;
use domain::roster::{Chain, Pin, SignedRoster};
use domain::{Clock as _, Instant};

use crate::connection::Connection;
use crate::exit::{Exit, Failure};

/// What the command line says of it.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Trust")]
pub(crate) struct TrustArgs {
    /// The roster version to trust, as VERSION:DIGEST, instead of the one in trust.json
    #[arg(long, value_name = "VERSION:DIGEST", env = "COUNTERSIGN_ROSTER_PIN")]
    roster_pin: Option<PinText>,
    /// The fewest approvals that are accepted, whatever the control plane says; trust.json can only raise it
    #[arg(long, value_name = "N")]
    minimum_approvals: Option<u32>,
}

/// A pin in text: `1:sha256:…`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PinText(pub(crate) Pin);

/// A text that is no pin.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a roster pin; write it as `VERSION:DIGEST`, like `1:sha256:` and 64 hexadecimal digits")]
pub(crate) struct BadPin(String);

impl FromStr for PinText {
    type Err = BadPin;

    fn from_str(text: &str) -> Result<Self, BadPin> {
        let bad = || BadPin(text.chars().take(100).collect());
        let (version, digest) = text.split_once(':').ok_or_else(bad)?;
        let version = version.parse().ok().filter(|version| *version > 0).ok_or_else(bad)?;
        let digest: Digest = digest.parse().map_err(|_| bad())?;
        Ok(Self(Pin { version, digest }))
    }
}

/// What one executor trusts and demands of one control plane.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    issuer: String,
    /// The roster version, if one is trusted.
    pin: Option<Pin>,
    /// Whether that comes from trust.json, which then moves forward.
    kept: bool,
    /// The fewest approvals, if a number was demanded for this environment.
    pub(crate) minimum: Option<u32>,
}

impl TrustArgs {
    /// Joins what the command line says and what trust.json says of a control plane. The larger number counts.
    pub(crate) fn of(&self, trusted: &Trusted, issuer: &str, env: &str) -> Trust {
        let named = self.roster_pin.map(|text| text.0);
        let minimum = self.minimum_approvals.max(trusted.minimum_approvals.get(env).copied());
        Trust {
            issuer: issuer.to_owned(),
            pin: named.or(trusted.roster),
            kept: named.is_none(),
            minimum: minimum.filter(|number| *number > 0),
        }
    }
}

impl Trust {
    /// Checks a roster that the control plane offers against the trusted version.
    pub(crate) fn check_roster(&self, signed: &[SignedRoster]) -> Result<Pin, TrustError> {
        let chain = Chain::verify(signed)?;
        let Some(pin) = self.pin else {
            let Pin { version, digest } = chain.pin();
            return Err(TrustError::NotPinned { issuer: self.issuer.clone(), version, digest: digest.to_string() });
        };
        chain.check_pin(pin)?;
        Ok(pin)
    }

    /// Checks a grant offline against what is about to run, by this computer's clock.
    pub(crate) fn verify(&self, grant: &Grant, subject_id: &Principal, action: &Action) -> Result<Verified, Failure> {
        self.verify_at(grant, subject_id, action, SystemClock.now())
    }

    /// The same, at another time.
    pub(crate) fn verify_at(
        &self,
        grant: &Grant,
        subject_id: &Principal,
        action: &Action,
        now: Instant,
    ) -> Result<Verified, Failure> {
        let pin = self.check_roster(&grant.roster)?;
        let demand = Demand { subject_id, action, pin, minimum_approvals: self.minimum.unwrap_or(1) };
        Ok(grant.verify(&demand, now)?)
    }

    /// Keeps the newer roster version of a grant that held, if there is one.
    pub(crate) fn follow(&self, connection: &Connection, grant: &Grant, verified: &Verified) -> Result<(), Failure> {
        if self.kept && self.pin != Some(verified.pin) {
            connection.trust.accept_roster(&self.issuer, &grant.roster, false)?;
        }
        Ok(())
    }

    /// Refuses an `allow` where this executor always wants an approval.
    pub(crate) fn check_allow(&self, env: &str) -> Result<(), Failure> {
        let Some(minimum) = self.minimum else { return Ok(()) };
        Err(unmet(&format!("allows this in `{env}` without approval"), minimum))
    }

    /// Refuses a requirement that ends with fewer approvals than this executor demands.
    pub(crate) fn check_quorum(&self, requirement: Option<&Requirement>, env: &str) -> Result<(), Failure> {
        let quorum = requirement.map_or(0, |requirement| requirement.quorum);
        match self.minimum {
            Some(minimum) if minimum > quorum => Err(unmet(&format!("asks for {quorum} of them in `{env}`"), minimum)),
            _ => Ok(()),
        }
    }
}

fn unmet(what: &str, minimum: u32) -> Failure {
    let approvals = if minimum == 1 { "1 approval".to_owned() } else { format!("{minimum} approvals") };
    let sentence = format!("this executor demands {approvals} and the control plane {what}; it cannot waive that");
    Failure::new(Exit::Refused, sentence)
        .hint("the demand comes from `--minimum-approvals` or from minimum_approvals in trust.json")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::roster::ChainError;

    use super::*;

    const DIGEST: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn args(minimum_approvals: Option<u32>) -> TrustArgs {
        TrustArgs { roster_pin: None, minimum_approvals }
    }

    #[test]
    fn a_pin_is_a_version_and_a_digest() {
        let pin = format!("3:{DIGEST}").parse::<PinText>().unwrap().0;
        assert_eq!((pin.version, pin.digest.to_string().as_str()), (3, DIGEST));
        for bad in ["", "1", DIGEST, "0:x", &format!("0:{DIGEST}"), &format!("-1:{DIGEST}"), "1:sha256:00"] {
            assert!(bad.parse::<PinText>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_command_line_can_raise_the_minimum_and_never_lower_it() {
        let trusted = Trusted { minimum_approvals: BTreeMap::from([("prod".into(), 2)]), ..Trusted::default() };
        let minimum = |flag, env| args(flag).of(&trusted, "i", env).minimum;
        assert_eq!(minimum(None, "prod"), Some(2));
        assert_eq!(minimum(Some(1), "prod"), Some(2));
        assert_eq!(minimum(Some(0), "prod"), Some(2));
        assert_eq!(minimum(Some(3), "prod"), Some(3));
        assert_eq!(minimum(None, "dev"), None);
        assert_eq!(minimum(Some(0), "dev"), None);
        assert_eq!(minimum(Some(1), "dev"), Some(1));
    }

    #[test]
    fn an_outright_allow_is_refused_where_an_approval_is_demanded() {
        let trust = |flag| args(flag).of(&Trusted::default(), "i", "prod");
        assert!(trust(None).check_allow("prod").is_ok());
        assert_eq!(trust(Some(1)).check_allow("prod").unwrap_err().code(), 84);
    }

    #[test]
    fn without_a_pin_nothing_is_trusted() {
        let error = args(None).of(&Trusted::default(), "i", "prod").check_roster(&[]).unwrap_err();
        assert!(matches!(error, TrustError::Roster(ChainError::Empty)));
    }
}
