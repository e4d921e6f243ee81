//! Conditions that no entry tells, because they come with time or with use.

use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::alert::rule::{Rule, RuleSetting};
use crate::alert::sighting::Sighting;
use crate::credential::{Credential, CredentialState};
use crate::network::Network;
use crate::time::Instant;

/// A network that a subject was used from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// A credential's id, or a principal.
    pub subject: String,
    /// The network: 24 bits of IPv4, 48 of IPv6.
    pub network: Network,
    /// When it was last used from there.
    pub at: Instant,
}

/// Whether a credential ends so soon that somebody should know. One that lives a day at most is meant to end; of a longer
/// life the last third counts at most, so that a fresh one is never reported.
#[must_use]
pub fn expiring(credential: &Credential, now: Instant, setting: &RuleSetting) -> Option<Sighting> {
    if credential.state(now) != CredentialState::Active {
        return None;
    }
    let life = credential.expires_at.seconds_since(credential.created_at);
    let left = credential.expires_at.seconds_since(now);
    let soon = life > 24 * 3600 && left <= setting.within_seconds.min(life / 3);
    soon.then(|| Sighting {
        rule: Rule::CredentialExpiring,
        subject: credential.id.to_string(),
        amount: 1,
        at: now,
        entry: None,
        note: Some(format!("`{}` of {}", credential.identifier, credential.holder)),
    })
}

/// Whether somebody has seen to a credential that ends: it was replaced, or ended on purpose. That its time is over is no
/// such thing, since whoever uses it is locked out then.
#[must_use]
pub const fn is_provided_for(credential: &Credential) -> bool {
    credential.rotated_to.is_some() || credential.revoked_at.is_some()
}

/// Whether a use from a network that was not known is news. `first` is the first use of the subject from anywhere, if it
/// was ever used: what comes soon after it is learned silently.
#[must_use]
pub fn new_network(place: &Place, first: Option<Instant>, setting: &RuleSetting) -> Option<Sighting> {
    let first = first?;
    if place.at.is_before(first.plus(setting.within_seconds)) {
        return None;
    }
    Some(Sighting {
        rule: Rule::NewNetwork,
        subject: place.subject.clone(),
        amount: 1,
        at: place.at,
        entry: None,
        note: Some(place.network.to_string()),
    })
}

/// Whether the oldest entry that waits for its place has waited too long.
#[must_use]
pub fn stalled(oldest: Option<Instant>, now: Instant, setting: &RuleSetting) -> Option<Sighting> {
    let waiting = oldest.filter(|at| at.plus(setting.within_seconds).is_before(now))?;
    Some(Sighting {
        rule: Rule::LedgerStalled,
        subject: "ledger".into(),
        amount: 1,
        at: waiting,
        entry: None,
        note: None,
    })
}

/// Whether the ledger has moved on since it raised this: what waited then waits no more. `oldest` waits now, if anything
/// does. However long the rule lets an entry wait by now, that alone settles nothing.
#[must_use]
pub fn has_moved(alert: &Alert, oldest: Option<Instant>) -> bool {
    oldest.is_none_or(|waiting| alert.first_at.is_before(waiting))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Burst;
    use crate::entropy::Ids;
    use crate::id::AlertId;
    use crate::testing::{Fixed, NOW};

    const DAY: u32 = 24 * 3600;

    fn place(day: u32) -> Place {
        let network = "192.0.2.0/24".parse().unwrap();
        Place { subject: "crd_x".into(), network, at: NOW.plus(day * DAY) }
    }

    #[test]
    fn the_first_days_of_a_credential_are_learned_silently() {
        let setting = RuleSetting::default_of(Rule::NewNetwork);
        assert!(new_network(&place(0), None, &setting).is_none(), "the first use of all");
        assert!(new_network(&place(2), Some(NOW), &setting).is_none());
        let news = new_network(&place(3), Some(NOW), &setting).unwrap();
        assert_eq!(news.sentence(&setting), "crd_x was used from 192.0.2.0/24, where it was never used before");
    }

    #[test]
    fn an_entry_that_waits_too_long_is_reported() {
        let setting = RuleSetting::default_of(Rule::LedgerStalled);
        assert!(stalled(None, NOW, &setting).is_none());
        assert!(stalled(Some(NOW), NOW.plus(60), &setting).is_none());
        assert!(stalled(Some(NOW), NOW.plus(61), &setting).is_some());
    }

    #[test]
    fn a_ledger_has_moved_once_what_waited_has_its_place() {
        let setting = RuleSetting::default_of(Rule::LedgerStalled);
        let sighting = stalled(Some(NOW), NOW.plus(61), &setting).unwrap();
        let id = AlertId::new(Ids { clock: &Fixed, entropy: &Fixed });
        let burst = Burst { first_at: sighting.at, last_at: sighting.at, count: 1, entries: vec![] };
        let alert = Alert::raise(id, &setting, "ledger", sighting.sentence(&setting), burst);
        assert!(!has_moved(&alert, Some(NOW)));
        assert!(has_moved(&alert, Some(NOW.plus(1))) && has_moved(&alert, None));
    }
}
