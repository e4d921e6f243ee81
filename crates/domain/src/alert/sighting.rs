//! What an audit entry means for the rules.
//!
//! Invariant: entries about alerts and webhooks mean nothing here, so no alert raises another.

use std::net::IpAddr;

use crate::alert::rule::{Rule, RuleSetting};
use crate::event::{Entry, Kind};
use crate::id::EntryId;
use crate::network::neighbourhood;
use crate::time::Instant;

/// What the subject begins with of an alert about a webhook's queue: that it is full must not hide that the webhook was
/// switched off.
pub const QUEUE: &str = "queue:";

/// Something that a rule counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// For which rule.
    pub rule: Rule,
    /// About what.
    pub subject: String,
    /// How often.
    pub amount: u32,
    /// When.
    pub at: Instant,
    /// The entry that says so.
    pub entry: Option<EntryId>,
    /// A word about it, for the sentence.
    pub note: Option<String>,
}

/// What an entry means for the rules. Of an IPv6 address, the network of `ipv6_prefix` bits counts as one address.
#[must_use]
pub fn sightings(entry: &Entry, ipv6_prefix: u8) -> Vec<Sighting> {
    let see = |rule, subject: String, amount| Sighting {
        rule,
        subject,
        amount,
        at: entry.at,
        entry: Some(entry.id),
        note: None,
    };
    let principal = entry.principal.as_ref().map(ToString::to_string);
    match entry.kind {
        Kind::AuthenticationFailed => {
            let address = entry.data["address"].as_str().and_then(|text| text.parse::<IpAddr>().ok());
            let place = address.map(|address| format!("address:{}", neighbourhood(address, ipv6_prefix)));
            let identity = entry.about.clone().or(principal);
            let failed = place.into_iter().chain(identity.clone());
            let mut seen: Vec<_> = failed.map(|subject| see(Rule::FailedAuthentications, subject, 1)).collect();
            if let (Some(ended), Some(subject)) = (entry.data["ended"].as_str(), identity) {
                let mut sighting = see(Rule::EndedCredentialPresented, subject, 1);
                sighting.note = Some(ended.to_owned());
                seen.push(sighting);
            }
            seen
        }
        Kind::AuthenticationThrottled => {
            let times = entry.data["times"].as_u64().unwrap_or(1).clamp(1, u64::from(u32::MAX));
            let times = u32::try_from(times).unwrap_or(u32::MAX);
            let Some(key) = entry.data["key"].as_str() else { return Vec::new() };
            let failed = (key != "others").then(|| see(Rule::FailedAuthentications, key.to_owned(), times));
            failed.into_iter().chain([see(Rule::RateLimited, key.to_owned(), times)]).collect()
        }
        Kind::AuthorizationRefused => {
            principal.map(|subject| see(Rule::PermissionViolations, subject, 1)).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

impl Sighting {
    /// What is told to people when it becomes an alert. Names the threshold, not the count, which goes on growing.
    #[must_use]
    pub fn sentence(&self, setting: &RuleSetting) -> String {
        let RuleSetting { threshold, within_seconds: within, .. } = setting;
        let subject = match self.subject.strip_prefix("address:") {
            Some(address) => format!("from {}", address.trim_end_matches("/32")),
            None if self.subject.starts_with("identity:") => "for one identity".to_owned(),
            None => format!("as {}", self.subject),
        };
        match self.rule {
            Rule::FailedAuthentications => {
                format!("at least {threshold} authentications {subject} failed within {within} s")
            }
            Rule::PermissionViolations => {
                format!("{} was refused at least {threshold} times within {within} s", self.subject)
            }
            Rule::RateLimited => format!("at least {threshold} attempts {subject} were turned away within {within} s"),
            Rule::EndedCredentialPresented => {
                let ended = self.note.as_deref().unwrap_or("ended");
                format!("the credential {} is {ended} and still presented", self.subject)
            }
            Rule::NewNetwork => {
                let network = self.note.as_deref().unwrap_or("a network");
                format!("{} was used from {network}, where it was never used before", self.subject)
            }
            Rule::CredentialExpiring => {
                format!("the credential {} ends soon; rotate it", self.note.as_deref().unwrap_or(&self.subject))
            }
            Rule::LedgerStalled => format!("entries have waited longer than {within} s for their place in the ledger"),
            Rule::BootstrapEnabled => {
                "the bootstrap token is still accepted though there are other credentials; remove it".to_owned()
            }
            Rule::WebhookFailing => {
                let webhook = self.subject.trim_start_matches(QUEUE);
                format!("the webhook {webhook} {}", self.note.as_deref().unwrap_or("fails"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::entropy::Ids;
    use crate::event::Event;
    use crate::testing::{Fixed, NOW, subject};

    fn entry(event: Event) -> Entry {
        event.into_entry(EntryId::new(Ids { clock: &Fixed, entropy: &Fixed }))
    }

    fn seen(event: Event) -> Vec<(Rule, String, u32)> {
        sightings(&entry(event), 64).into_iter().map(|seen| (seen.rule, seen.subject, seen.amount)).collect()
    }

    #[test]
    fn a_failure_counts_for_its_address_and_for_its_identity() {
        let failed = |data| Event::new(NOW, Kind::AuthenticationFailed).with(data);
        let address = json!({ "address": "::ffff:192.0.2.7" });
        assert_eq!(seen(failed(address)), [(Rule::FailedAuthentications, "address:192.0.2.7/32".into(), 1)]);
        let both = failed(json!({ "address": "2001:db8::5", "ended": "revoked" })).about("crd_x");
        assert_eq!(
            seen(both),
            [
                (Rule::FailedAuthentications, "address:2001:db8::/64".into(), 1),
                (Rule::FailedAuthentications, "crd_x".into(), 1),
                (Rule::EndedCredentialPresented, "crd_x".into(), 1),
            ]
        );
        assert!(seen(failed(json!({}))).is_empty());
    }

    #[test]
    fn who_was_turned_away_counts_as_often_as_it_happened() {
        let throttled = |key: &str| {
            Event::new(NOW, Kind::AuthenticationThrottled).with(json!({ "key": key, "times": 40, "since": NOW }))
        };
        let key = "address:192.0.2.7/32";
        let both = [Rule::FailedAuthentications, Rule::RateLimited].map(|rule| (rule, key.to_owned(), 40));
        assert_eq!(seen(throttled(key)), both);
        assert_eq!(seen(throttled("others")), [(Rule::RateLimited, "others".into(), 40)]);
    }

    #[test]
    fn a_missing_right_counts_for_its_principal() {
        let refused = Event::new(NOW, Kind::AuthorizationRefused).by(&subject());
        assert_eq!(seen(refused), [(Rule::PermissionViolations, "service_account:billing-ci".into(), 1)]);
    }

    #[test]
    fn a_full_queue_and_its_webhook_are_two_subjects_of_one_name() {
        let setting = RuleSetting::default_of(Rule::WebhookFailing);
        let about = |subject: &str| Sighting {
            rule: Rule::WebhookFailing,
            subject: subject.into(),
            amount: 1,
            at: NOW,
            entry: None,
            note: Some("is in trouble".into()),
        };
        for subject in ["whk_x".to_owned(), format!("{QUEUE}whk_x")] {
            assert_eq!(about(&subject).sentence(&setting), "the webhook whk_x is in trouble");
        }
    }

    #[test]
    fn no_alert_and_no_webhook_raises_an_alert() {
        for kind in [Kind::AlertRaised, Kind::AlertResolved, Kind::WebhookDisabled, Kind::WebhookCreated] {
            assert!(seen(Event::new(NOW, kind).by(&subject()).about("alr_x")).is_empty());
        }
    }
}
