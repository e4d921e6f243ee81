//! How often something was seen lately, until it is often enough to be an alert.

use serde::{Deserialize, Serialize};

use crate::alert::rule::RuleSetting;
use crate::alert::sighting::Sighting;
use crate::id::EntryId;
use crate::time::Instant;

/// What was seen of one rule and subject within the rule's time. Holds at most the threshold, since then it is an alert.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    seen: Vec<Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    at: Instant,
    amount: u32,
    entry: Option<EntryId>,
}

/// It was seen often enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Burst {
    /// When first.
    pub first_at: Instant,
    /// When last.
    pub last_at: Instant,
    /// How often.
    pub count: u32,
    /// The entries that say so.
    pub entries: Vec<EntryId>,
}

impl Watch {
    /// Counts one more; gives the burst that it completes, after which counting begins anew.
    #[must_use]
    pub fn see(self, sighting: &Sighting, setting: &RuleSetting) -> (Self, Option<Burst>) {
        let counts = |seen: &Seen| sighting.at.is_before(seen.at.plus(setting.within_seconds));
        let mut seen: Vec<_> = self.seen.into_iter().filter(counts).collect();
        seen.push(Seen { at: sighting.at, amount: sighting.amount.max(1), entry: sighting.entry });
        let count = seen.iter().fold(0_u32, |sum, seen| sum.saturating_add(seen.amount));
        if count < setting.threshold {
            return (Self { seen }, None);
        }
        let first_at = seen.iter().map(|seen| seen.at).min().unwrap_or(sighting.at);
        let last_at = seen.iter().map(|seen| seen.at).max().unwrap_or(sighting.at);
        let entries = seen.iter().filter_map(|seen| seen.entry).collect();
        (Self::default(), Some(Burst { first_at, last_at, count, entries }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert::rule::Rule;
    use crate::testing::NOW;

    fn setting(threshold: u32) -> RuleSetting {
        RuleSetting { threshold, within_seconds: 60, ..RuleSetting::default_of(Rule::FailedAuthentications) }
    }

    fn at(second: u32, amount: u32) -> Sighting {
        Sighting {
            rule: Rule::FailedAuthentications,
            subject: "x".into(),
            amount,
            at: NOW.plus(second),
            entry: None,
            note: None,
        }
    }

    #[test]
    fn the_last_one_within_the_time_completes_a_burst() {
        let mut watch = Watch::default();
        for second in [0, 10] {
            let (next, burst) = watch.see(&at(second, 1), &setting(3));
            assert!(burst.is_none());
            watch = next;
        }
        assert!(watch.clone().see(&at(60, 1), &setting(3)).1.is_none(), "the first one is too old by then");
        let (next, burst) = watch.see(&at(59, 1), &setting(3));
        let burst = burst.unwrap();
        assert_eq!((burst.count, burst.first_at, burst.last_at), (3, NOW, NOW.plus(59)));
        assert_eq!(next, Watch::default());
        assert_eq!(Watch::default().see(&at(0, 500), &setting(100)).1.unwrap().count, 500);
    }

    proptest! {
        #[test]
        fn a_watch_never_holds_as_much_as_the_threshold(
            threshold in 1_u32..50,
            steps in proptest::collection::vec((0_u32..40, 1_u32..5), 1..200),
        ) {
            let (mut watch, mut now) = (Watch::default(), 0);
            for (step, amount) in steps {
                now += step;
                let (next, burst) = watch.see(&at(now, amount), &setting(threshold));
                watch = next;
                let held: u32 = watch.seen.iter().map(|seen| seen.amount).sum();
                prop_assert!(held < threshold);
                prop_assert!(burst.is_none_or(|burst| burst.count >= threshold));
            }
        }
    }
}
