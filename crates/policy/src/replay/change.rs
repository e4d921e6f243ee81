//! How one answer differs from another, and in which direction.
//!
//! Invariant: a change that lets anything more happen, or with less consent, widens, whatever else it does.

use domain::budget::Budget;
use domain::outcome::{Outcome, Requirement};
use domain::policy::replay::Flip;

use crate::replay::answers::Said;

/// A change of an answer. They are in the order of danger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Change {
    DenyToAllow,
    ApprovalToAllow,
    DenyToApproval,
    LessApproval,
    AllowToDeny,
    ApprovalToDeny,
    AllowToApproval,
    MoreApproval,
}

/// How many there are.
pub(crate) const CHANGES: usize = 8;

impl Change {
    /// From one answer to the other, if they differ. Other reasons for the same answer are no difference.
    pub(crate) fn of(before: &Said, after: &Said) -> Option<Self> {
        Some(match (before.outcome, after.outcome) {
            (Outcome::Deny, Outcome::Allow) => Self::DenyToAllow,
            (Outcome::RequireApproval, Outcome::Allow) => Self::ApprovalToAllow,
            (Outcome::Deny, Outcome::RequireApproval) => Self::DenyToApproval,
            (Outcome::Allow, Outcome::Deny) => Self::AllowToDeny,
            (Outcome::RequireApproval, Outcome::Deny) => Self::ApprovalToDeny,
            (Outcome::Allow, Outcome::RequireApproval) => Self::AllowToApproval,
            _ => match (&before.requirement, &after.requirement) {
                (Some(before), Some(after)) if before != after => {
                    if takes_less(before, after) {
                        Self::LessApproval
                    } else {
                        Self::MoreApproval
                    }
                }
                _ => return None,
            },
        })
    }

    /// Whether it lets more happen, or with less.
    pub(crate) const fn widens(self) -> bool {
        matches!(self, Self::DenyToAllow | Self::ApprovalToAllow | Self::DenyToApproval | Self::LessApproval)
    }

    /// As reports have it.
    pub(crate) const fn flip(self) -> Flip {
        let (from, to) = match self {
            Self::DenyToAllow => (Outcome::Deny, Outcome::Allow),
            Self::ApprovalToAllow => (Outcome::RequireApproval, Outcome::Allow),
            Self::DenyToApproval => (Outcome::Deny, Outcome::RequireApproval),
            Self::AllowToDeny => (Outcome::Allow, Outcome::Deny),
            Self::ApprovalToDeny => (Outcome::RequireApproval, Outcome::Deny),
            Self::AllowToApproval => (Outcome::Allow, Outcome::RequireApproval),
            Self::LessApproval | Self::MoreApproval => (Outcome::RequireApproval, Outcome::RequireApproval),
        };
        Flip { from, to }
    }
}

/// What changes, as one sentence; `what` names the request.
pub(crate) fn sentence(what: &str, before: &Said, after: &Said) -> String {
    if let (Some(old), Some(new)) = (&before.requirement, &after.requirement) {
        return format!("{what} would need {}", differences(old, new).join(", and "));
    }
    let would = match (after.outcome, &after.requirement) {
        (Outcome::Allow, _) => "would be allowed".to_owned(),
        (Outcome::RequireApproval, Some(requirement)) => format!("would need {}", consent(requirement)),
        (Outcome::Deny | Outcome::RequireApproval, _) => "would be denied".to_owned(),
    };
    let now = match (before.outcome, &before.requirement) {
        (Outcome::Allow, _) => "is allowed".to_owned(),
        (Outcome::RequireApproval, Some(requirement)) => format!("needs {}", consent(requirement)),
        (Outcome::Deny | Outcome::RequireApproval, _) => "is denied".to_owned(),
    };
    format!("{what} {would}; by the policies in force it {now}")
}

fn takes_less(before: &Requirement, after: &Requirement) -> bool {
    let longest = |requirement: &Requirement| requirement.max_duration_seconds.unwrap_or(u32::MAX);
    after.quorum < before.quorum
        || before.groups.iter().any(|group| !after.groups.contains(group))
        || after.step_up_seconds > before.step_up_seconds
        || after.approval_ttl_seconds > before.approval_ttl_seconds
        || after.execution_ttl_seconds > before.execution_ttl_seconds
        || longest(after) > longest(before)
        || after.standing.is_some_and(|most| !before.standing.is_some_and(|before| before.covers(most)))
}

fn differences(before: &Requirement, after: &Requirement) -> Vec<String> {
    let mut differences = vec![];
    if before.quorum != after.quorum {
        differences.push(format!("{} instead of {}", approvers(after.quorum), before.quorum));
    }
    let missing = |from: &Requirement, of: &Requirement| {
        let missing = of.groups.iter().filter(|group| !from.groups.contains(group));
        missing.map(|group| format!("`{group}`")).collect::<Vec<_>>()
    };
    differences.extend(missing(before, after).iter().map(|group| format!("somebody from {group} among the approvers")));
    differences.extend(missing(after, before).iter().map(|group| format!("nobody from {group} any more")));
    let clocks = [
        ("a login not older than", before.step_up_seconds, after.step_up_seconds),
        ("its reviews within", before.approval_ttl_seconds, after.approval_ttl_seconds),
        ("to begin within", before.execution_ttl_seconds, after.execution_ttl_seconds),
    ];
    for (what, old, new) in clocks.into_iter().filter(|(_, old, new)| old != new) {
        differences.push(format!("{what} {new} seconds instead of {old}"));
    }
    let limit =
        |seconds: Option<u32>| seconds.map_or_else(|| "no limit".to_owned(), |seconds| format!("{seconds} seconds"));
    let (old, new) = (before.max_duration_seconds, after.max_duration_seconds);
    if old != new {
        differences.push(format!("to end within {} instead of {}", limit(new), limit(old)));
    }
    let most = |standing: Option<Budget>| {
        standing.map_or_else(|| "for one use".to_owned(), |most| format!("for up to {most}"))
    };
    if before.standing != after.standing {
        differences.push(format!("an approval {} instead of {}", most(after.standing), most(before.standing)));
    }
    differences
}

fn consent(requirement: &Requirement) -> String {
    let among: Vec<_> = requirement.groups.iter().map(|group| format!("`{group}`")).collect();
    let among = if among.is_empty() { String::new() } else { format!(", with somebody from {}", among.join(" and ")) };
    format!("{}{among}", approvers(requirement.quorum))
}

fn approvers(quorum: u32) -> String {
    if quorum == 1 { "1 approver".to_owned() } else { format!("{quorum} approvers") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(quorum: u32, groups: &[&str], step_up_seconds: u32, max_duration_seconds: Option<u32>) -> Said {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let requirement = Requirement {
            quorum,
            groups,
            step_up_seconds,
            approval_ttl_seconds: 3_600,
            execution_ttl_seconds: 900,
            max_duration_seconds,
            standing: None,
        };
        Said { outcome: Outcome::RequireApproval, because: vec![], requirement: Some(requirement) }
    }

    fn plainly(outcome: Outcome) -> Said {
        Said { outcome, because: vec![], requirement: None }
    }

    #[test]
    fn what_takes_less_in_any_respect_widens() {
        let two = needs(2, &["sre"], 300, Some(60));
        for less in [
            needs(1, &["sre"], 300, Some(60)),
            needs(3, &[], 300, Some(60)),
            needs(3, &["dba"], 60, Some(1)),
            needs(2, &["sre"], 301, Some(60)),
            needs(2, &["sre"], 300, None),
        ] {
            assert_eq!(Change::of(&two, &less), Some(Change::LessApproval), "{less:?}");
        }
        for more in [needs(3, &["sre"], 300, Some(60)), needs(2, &["dba", "sre"], 299, Some(59))] {
            assert_eq!(Change::of(&two, &more), Some(Change::MoreApproval), "{more:?}");
        }
        let standing = |uses| {
            let requirement = two
                .requirement
                .clone()
                .map(|it| Requirement { standing: Some(Budget { uses, window_seconds: 600 }), ..it });
            Said { requirement, ..two.clone() }
        };
        assert_eq!(Change::of(&two, &standing(2)), Some(Change::LessApproval));
        assert_eq!(Change::of(&standing(2), &standing(3)), Some(Change::LessApproval));
        assert_eq!(Change::of(&standing(3), &standing(2)), Some(Change::MoreApproval));
        assert_eq!(Change::of(&standing(2), &two), Some(Change::MoreApproval));
        assert_eq!(
            sentence("it", &standing(2), &standing(3)),
            "it would need an approval for up to 3 in 10m instead of for up to 2 in 10m"
        );
        let other_reasons = Said { because: vec!["other".to_owned()], ..two.clone() };
        assert_eq!(Change::of(&two, &other_reasons), None);
        assert!(!Change::MoreApproval.widens() && Change::LessApproval.widens());
    }

    #[test]
    fn a_change_is_told_in_a_sentence() {
        let (allow, deny) = (plainly(Outcome::Allow), plainly(Outcome::Deny));
        let two = needs(2, &["sre"], 300, None);
        let told = |before: &Said, after: &Said| sentence("it", before, after);
        assert_eq!(told(&deny, &allow), "it would be allowed; by the policies in force it is denied");
        assert_eq!(
            told(&two, &deny),
            "it would be denied; by the policies in force it needs 2 approvers, with somebody from `sre`"
        );
        assert_eq!(told(&two, &needs(1, &["sre"], 300, None)), "it would need 1 approver instead of 2");
        let other = told(&two, &needs(2, &["dba"], 600, Some(60)));
        let expected = "it would need somebody from `dba` among the approvers, and nobody from `sre` any more, and a login not \
            older than 600 seconds instead of 300, and to end within 60 seconds instead of no limit";
        assert_eq!(other, expected);
    }
}
