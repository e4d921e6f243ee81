//! Alerts: what a security team should look at, and what became of it.
//!
//! An alert groups: while it is not resolved, the same thing about the same subject raises its count instead of a new
//! alert. What is raised when is decided by [`sighting`], [`watch`] and [`condition`], which are functions from values to
//! values. Deliberately absent: who is told. That is a webhook's affair.

pub mod condition;
pub mod rule;
pub mod sighting;
pub mod watch;

use serde::{Deserialize, Serialize};

use crate::account::AccountName;
use crate::id::{AlertId, EntryId};
use crate::principal::Principal;
use crate::time::Instant;

pub use rule::{BadSetting, Rule, RuleSetting, Severity};
pub use sighting::{Sighting, sightings};
pub use watch::{Burst, Watch};

/// The most entries that an alert names.
pub const MOST_ENTRIES: usize = 20;
/// The longest note, in characters.
pub const NOTE_MAX: usize = 1000;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Alert {
    /// Its id.
    pub id: AlertId,
    /// Which rule raised it.
    pub rule: Rule,
    /// How urgent it is.
    pub severity: Severity,
    /// What it is about: an address, a principal, the id of a credential or a webhook, a webhook's queue.
    pub subject: String,
    /// What happened, for people.
    pub sentence: String,
    /// When it was first seen.
    pub first_at: Instant,
    /// When it was last seen.
    pub last_at: Instant,
    /// How often it was seen.
    pub count: u32,
    /// The first audit entries that explain it, 20 at most.
    pub entries: Vec<EntryId>,
    /// How it stands.
    pub state: AlertState,
    /// Who took it on.
    pub acknowledged: Option<Handled>,
    /// Who settled it.
    pub resolved: Option<Handled>,
}

/// How an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertState {
    /// Nobody has taken it on.
    Open,
    /// Somebody has.
    Acknowledged,
    /// It is settled; the same thing again is a new alert.
    Resolved,
}

/// Who did something about an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
pub struct Handled {
    /// Who.
    pub by: Principal,
    /// When.
    pub at: Instant,
    /// What they say about it.
    pub note: String,
}

impl Handled {
    /// Nobody did: what raised the alert is over.
    #[must_use]
    pub fn by_itself(at: Instant) -> Self {
        Self { by: nobody(), at, note: "what raised it is over".into() }
    }

    /// Whether nobody did. Then nobody has said either that they know of it.
    #[must_use]
    pub fn is_by_itself(&self) -> bool {
        self.by == nobody()
    }
}

/// Why an alert is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AlertRefusal {
    /// It is settled.
    #[error("the alert is resolved already; the same thing again raises a new one")]
    Resolved,
    /// Somebody has taken it on.
    #[error("the alert was acknowledged already; resolve it once it is settled")]
    Acknowledged,
    /// The note is too long.
    #[error("the note is too long; at most 1000 characters")]
    Note,
}

impl AlertState {
    /// Its stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

impl Alert {
    /// A new alert.
    #[must_use]
    pub fn raise(id: AlertId, setting: &RuleSetting, subject: &str, sentence: String, burst: Burst) -> Self {
        let Burst { first_at, last_at, count, mut entries } = burst;
        entries.truncate(MOST_ENTRIES);
        Self {
            id,
            rule: setting.rule,
            severity: setting.severity,
            subject: subject.to_owned(),
            sentence,
            first_at,
            last_at,
            count,
            entries,
            state: AlertState::Open,
            acknowledged: None,
            resolved: None,
        }
    }

    /// Under which name the same thing is found again while this is not resolved.
    #[must_use]
    pub fn grouping(&self) -> String {
        grouping(self.rule, &self.subject)
    }

    /// The same thing was seen again.
    #[must_use]
    pub fn again(mut self, sighting: &Sighting) -> Self {
        self.count = self.count.saturating_add(sighting.amount);
        if self.last_at.is_before(sighting.at) {
            self.last_at = sighting.at;
        }
        if self.entries.len() < MOST_ENTRIES {
            self.entries.extend(sighting.entry);
        }
        // Of networks each is news of its own; a sentence that does not end helps nobody.
        if let (Rule::NewNetwork, Some(network), true) = (self.rule, &sighting.note, self.sentence.len() < 400) {
            self.sentence.push_str("; also from ");
            self.sentence.push_str(network);
        }
        self
    }

    /// Somebody takes it on.
    pub fn acknowledge(mut self, by: Handled) -> Result<Self, AlertRefusal> {
        check(&by)?;
        match self.state {
            AlertState::Open => {
                self.state = AlertState::Acknowledged;
                self.acknowledged = Some(by);
                Ok(self)
            }
            AlertState::Acknowledged => Err(AlertRefusal::Acknowledged),
            AlertState::Resolved => Err(AlertRefusal::Resolved),
        }
    }

    /// Somebody settles it.
    pub fn resolve(mut self, by: Handled) -> Result<Self, AlertRefusal> {
        check(&by)?;
        if self.state == AlertState::Resolved {
            return Err(AlertRefusal::Resolved);
        }
        self.state = AlertState::Resolved;
        self.resolved = Some(by);
        Ok(self)
    }
}

/// Under which name a rule's alert about a subject is found while it is not resolved.
#[must_use]
pub fn grouping(rule: Rule, subject: &str) -> String {
    format!("{}:{subject}", rule.name())
}

/// Who settles what is over by itself. No account has this name.
fn nobody() -> Principal {
    Principal::ServiceAccount(AccountName::reserved("countersign"))
}

fn check(by: &Handled) -> Result<(), AlertRefusal> {
    if by.note.chars().count() > NOTE_MAX { Err(AlertRefusal::Note) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::Ids;
    use crate::testing::{Fixed, NOW, user};

    fn alert() -> Alert {
        let ids = Ids { clock: &Fixed, entropy: &Fixed };
        let burst = Burst { first_at: NOW, last_at: NOW, count: 10, entries: vec![EntryId::new(ids); 30] };
        let setting = RuleSetting::default_of(Rule::FailedAuthentications);
        Alert::raise(AlertId::new(ids), &setting, "address:192.0.2.1/32", "…".into(), burst)
    }

    fn handled(note: &str) -> Handled {
        Handled { by: Principal::User(user(1)), at: NOW, note: note.into() }
    }

    #[test]
    fn an_alert_is_taken_on_once_and_settled_once() {
        let taken = alert().acknowledge(handled("mine")).unwrap();
        assert_eq!(taken.clone().acknowledge(handled("")).unwrap_err(), AlertRefusal::Acknowledged);
        let settled = taken.resolve(handled("a scanner of ours")).unwrap();
        assert_eq!(settled.clone().resolve(handled("")).unwrap_err(), AlertRefusal::Resolved);
        assert_eq!(settled.acknowledge(handled("")).unwrap_err(), AlertRefusal::Resolved);
        assert_eq!(alert().resolve(handled(&"x".repeat(1001))).unwrap_err(), AlertRefusal::Note);
        assert!(alert().resolve(handled(&"ä".repeat(1000))).is_ok());
    }

    #[test]
    fn what_is_over_by_itself_was_settled_by_nobody() {
        let over = alert().resolve(Handled::by_itself(NOW)).unwrap();
        assert!(over.resolved.is_some_and(|handled| handled.is_by_itself()));
        assert!(!handled("").is_by_itself());
    }

    #[test]
    fn what_is_seen_again_counts_and_never_names_more_than_twenty_entries() {
        let alert = alert();
        assert_eq!(alert.entries.len(), MOST_ENTRIES);
        let entry = alert.entries[0];
        let sighting = Sighting {
            rule: alert.rule,
            subject: alert.subject.clone(),
            amount: 5,
            at: NOW.plus(60),
            entry: Some(entry),
            note: None,
        };
        let again = alert.again(&sighting);
        assert_eq!((again.count, again.last_at, again.entries.len()), (15, NOW.plus(60), MOST_ENTRIES));
    }
}
