//! The rule: an answer and what a plugin said give an answer that is as strict or stricter, never looser.

use domain::outcome::{Outcome, Requirement};
use policy::{Answer, Approval, Ground};

use crate::plugins::Opinion;
use crate::plugins::said::Said;

/// What came of what a plugin said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: it has nothing against it, or what it asks for is met.
    Nothing,
    /// The answer is stricter for it.
    Stricter,
    /// It would have been looser, and was not heard.
    Ignored,
    /// It failed, which denies.
    Failed,
}

impl Effect {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Stricter => "stricter",
            Self::Ignored => "ignored_as_looser",
            Self::Failed => "failed",
        }
    }
}

/// What a plugin asks of an approval where it does not say more, and no policy does: the defaults of a guard.
const fn plain(quorum: u32, groups: Vec<String>) -> Requirement {
    Requirement {
        quorum,
        groups,
        step_up_seconds: 300,
        approval_ttl_seconds: 3_600,
        execution_ttl_seconds: 900,
        max_duration_seconds: None,
        standing: None,
    }
}

/// Applies what a plugin said. `approval` is the approval that the question carries.
pub(super) fn apply(answer: &mut Answer, opinion: &Opinion, approval: Option<&Approval>) -> Effect {
    let Ok(said) = &opinion.said else {
        deny(answer, opinion);
        return Effect::Failed;
    };
    match (said.outcome, answer.outcome) {
        (None, _) | (Some(Outcome::Allow), Outcome::Allow) | (Some(Outcome::Deny), Outcome::Deny) => Effect::Nothing,
        (Some(Outcome::Allow), _) | (Some(Outcome::RequireApproval), Outcome::Deny) => Effect::Ignored,
        (Some(Outcome::Deny), _) => {
            deny(answer, opinion);
            Effect::Stricter
        }
        (Some(Outcome::RequireApproval), _) if approval.is_some_and(|approval| is_met(said, approval)) => {
            Effect::Nothing
        }
        (Some(Outcome::RequireApproval), _) => require(answer, said, opinion),
    }
}

fn deny(answer: &mut Answer, opinion: &Opinion) {
    answer.outcome = Outcome::Deny;
    answer.ground = opinion.ground();
    answer.reasons = vec![opinion.reason()];
    answer.requirement = None;
}

fn require(answer: &mut Answer, said: &Said, opinion: &Opinion) -> Effect {
    let before = answer.requirement.take().filter(|_| answer.outcome == Outcome::RequireApproval);
    let quorum = said.approvers.unwrap_or(1);
    let mut after = before.clone().unwrap_or_else(|| plain(quorum, Vec::new()));
    after.quorum = after.quorum.max(quorum);
    after.groups.extend(said.groups.iter().cloned());
    after.groups.sort();
    after.groups.dedup();
    if before.as_ref() == Some(&after) {
        answer.requirement = before;
        return Effect::Nothing;
    }
    if before.is_none() {
        answer.reasons.clear();
    }
    answer.outcome = Outcome::RequireApproval;
    answer.ground = Ground::ApprovalNeeded;
    answer.reasons.push(opinion.reason());
    answer.requirement = Some(after);
    Effect::Stricter
}

fn is_met(said: &Said, approval: &Approval) -> bool {
    approval.approvers >= said.approvers.unwrap_or(1) && said.groups.iter().all(|group| approval.groups.contains(group))
}

#[cfg(test)]
mod tests {
    use domain::Digest;
    use domain::Instant;
    use domain::outcome::Reason;

    use super::*;

    const OUTCOMES: [Outcome; 3] = [Outcome::Allow, Outcome::RequireApproval, Outcome::Deny];

    fn answered(outcome: Outcome, quorum: u32, groups: &[&str]) -> Answer {
        let ground = match outcome {
            Outcome::Allow => Ground::Permitted,
            Outcome::RequireApproval => Ground::ApprovalNeeded,
            Outcome::Deny => Ground::Forbidden,
        };
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Answer {
            outcome,
            ground,
            reasons: vec![Reason { policy: "p".into(), title: "p".into(), sentence: "p".into() }],
            requirement: (outcome == Outcome::RequireApproval).then(|| plain(quorum, groups)),
            errors: Vec::new(),
            policy_set: Digest::from_bytes([0; 32]),
        }
    }

    fn opinion(outcome: Option<Outcome>, approvers: Option<u32>, groups: &[&str]) -> Opinion {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        Opinion { plugin: "hours".into(), took_ms: 1, said: Ok(Said { outcome, reason: None, approvers, groups }) }
    }

    fn strictness(answer: &Answer) -> (usize, u32) {
        let place = OUTCOMES.iter().position(|outcome| *outcome == answer.outcome).unwrap();
        (place, answer.requirement.as_ref().map_or(0, |requirement| requirement.quorum))
    }

    #[test]
    fn no_word_of_a_plugin_loosens_any_answer() {
        for engine in OUTCOMES {
            for outcome in OUTCOMES.map(Some).into_iter().chain([None]) {
                for approvers in [None, Some(1), Some(3)] {
                    let before = answered(engine, 2, &["sre"]);
                    let mut after = before.clone();
                    apply(&mut after, &opinion(outcome, approvers, &[]), None);
                    assert!(strictness(&after) >= strictness(&before), "{engine:?} {outcome:?} {approvers:?}");
                    assert_eq!(after.requirement.is_some(), after.outcome == Outcome::RequireApproval);
                    if let (Some(new), Some(old)) = (&after.requirement, &before.requirement) {
                        assert!(old.groups.iter().all(|group| new.groups.contains(group)));
                    }
                }
            }
        }
    }

    #[test]
    fn a_looser_word_is_not_heard_and_said_to_be_so() {
        let mut answer = answered(Outcome::RequireApproval, 2, &[]);
        assert_eq!(apply(&mut answer, &opinion(Some(Outcome::Allow), None, &[]), None), Effect::Ignored);
        assert_eq!(answer, answered(Outcome::RequireApproval, 2, &[]));
    }

    #[test]
    fn more_people_and_groups_are_added_to_those_of_policy() {
        let mut answer = answered(Outcome::RequireApproval, 2, &["sre"]);
        let asks = opinion(Some(Outcome::RequireApproval), Some(3), &["legal"]);
        assert_eq!(apply(&mut answer, &asks, None), Effect::Stricter);
        let requirement = answer.requirement.unwrap();
        assert_eq!((requirement.quorum, requirement.groups), (3, vec!["legal".to_owned(), "sre".to_owned()]));
        assert_eq!(
            answer.reasons.iter().map(|reason| reason.policy.as_str()).collect::<Vec<_>>(),
            ["p", "plugin:hours"]
        );
        let mut allowed = answered(Outcome::Allow, 0, &[]);
        apply(&mut allowed, &opinion(Some(Outcome::RequireApproval), None, &[]), None);
        assert_eq!((allowed.outcome, allowed.requirement.unwrap().quorum), (Outcome::RequireApproval, 1));
        assert_eq!(allowed.reasons.len(), 1);
    }

    #[test]
    fn an_approval_meets_what_a_plugin_asks_for_or_it_does_not() {
        let at = Instant::from_seconds(1_800_000_000);
        let approval = Approval {
            approvers: 2,
            groups: vec!["sre".into()],
            granted_at: at,
            expires_at: at.plus(900),
            ticket: None,
        };
        for (approvers, groups, met) in
            [(None, &[][..], true), (Some(2), &["sre"], true), (Some(3), &[], false), (Some(1), &["legal"], false)]
        {
            let mut answer = answered(Outcome::Allow, 0, &[]);
            apply(&mut answer, &opinion(Some(Outcome::RequireApproval), approvers, groups), Some(&approval));
            assert_eq!(answer.outcome == Outcome::Allow, met, "{approvers:?} {groups:?}");
        }
    }

    #[test]
    fn one_that_fails_denies_by_name() {
        let mut answer = answered(Outcome::Allow, 0, &[]);
        let failed = Opinion { plugin: "hours".into(), took_ms: 1, said: Err("it took longer than 5 ms".into()) };
        assert_eq!(apply(&mut answer, &failed, None), Effect::Failed);
        assert_eq!((answer.outcome, answer.ground), (Outcome::Deny, Ground::PluginFailed));
        assert_eq!(answer.reasons[0].policy, "plugin:hours");
        assert!(answer.reasons[0].sentence.contains("longer than 5 ms"));
    }
}
