//! The rule of allow, deny and `require_approval`, from what an evaluation found to what it means.

use std::collections::BTreeMap;

use domain::outcome::Requirement;

use crate::answer::{Effect, Ground};
use crate::evaluation::Evaluation;

/// What it means for one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) ground: Ground,
    /// The policies that determined it, each with its error if it was the error that counts.
    pub(crate) policies: BTreeMap<usize, Option<String>>,
}

impl Verdict {
    /// From what each policy does. Permits say what is possible at all, whatever guards stand in the way.
    pub(crate) fn of(evaluation: &Evaluation, effect: impl Fn(usize) -> Effect) -> Self {
        let Evaluation { applying, failing } = evaluation;
        let applies = |wanted| {
            let applying = applying.iter().copied().filter(|at| effect(*at) == wanted);
            applying.map(|at| (at, None)).collect::<BTreeMap<_, _>>()
        };
        let fails = |wanted| {
            let failing = failing.iter().filter(|(at, _)| effect(**at) == wanted);
            failing.map(|(at, error)| (*at, Some(error.clone()))).collect::<BTreeMap<_, _>>()
        };
        let forbids = applies(Effect::Forbid);
        if !forbids.is_empty() {
            return Self { ground: Ground::Forbidden, policies: forbids };
        }
        let failed = fails(Effect::Forbid);
        if !failed.is_empty() {
            return Self { ground: Ground::ForbidFailed, policies: failed };
        }
        let permits = applies(Effect::Permit);
        if permits.is_empty() {
            return Self::not_permitted();
        }
        let mut guards = applies(Effect::Guard);
        guards.extend(fails(Effect::Guard));
        if guards.is_empty() {
            Self { ground: Ground::Permitted, policies: permits }
        } else {
            Self { ground: Ground::ApprovalNeeded, policies: guards }
        }
    }

    /// Nothing says yes.
    pub(crate) const fn not_permitted() -> Self {
        Self { ground: Ground::NotPermitted, policies: BTreeMap::new() }
    }

    /// Of several resources together: the strictest outcome, with everything that led to it.
    pub(crate) fn strictest(self, other: Self) -> Self {
        let ground = self.ground.max(other.ground);
        let mut policies = BTreeMap::new();
        for verdict in [self, other] {
            if verdict.ground.outcome() == ground.outcome() {
                for (at, error) in verdict.policies {
                    let kept = policies.entry(at).or_insert_with(|| error.clone());
                    // That it applies to one resource says more than that it failed for another.
                    *kept = kept.take().and(error);
                }
            }
        }
        Self { ground, policies }
    }
}

/// Both requirements at once: the larger quorum, all groups, the shorter clocks, the budget that both allow.
pub(crate) fn both(one: Requirement, other: &Requirement) -> Requirement {
    let mut groups = [one.groups, other.groups.clone()].concat();
    groups.sort();
    groups.dedup();
    let durations = [one.max_duration_seconds, other.max_duration_seconds];
    Requirement {
        quorum: one.quorum.max(other.quorum),
        groups,
        step_up_seconds: one.step_up_seconds.min(other.step_up_seconds),
        approval_ttl_seconds: one.approval_ttl_seconds.min(other.approval_ttl_seconds),
        execution_ttl_seconds: one.execution_ttl_seconds.min(other.execution_ttl_seconds),
        max_duration_seconds: durations.into_iter().flatten().min(),
        standing: one.standing.zip(other.standing).map(|(one, other)| one.least(other)),
    }
}

/// A requirement under which what runs also keeps to the time that its resources allow.
pub(crate) fn within(requirement: Requirement, longest: Option<u32>) -> Requirement {
    let durations = [requirement.max_duration_seconds, longest];
    Requirement { max_duration_seconds: durations.into_iter().flatten().min(), ..requirement }
}

#[cfg(test)]
mod tests {
    use domain::budget::Budget;

    use super::*;

    fn verdict(ground: Ground, policies: &[(usize, Option<&str>)]) -> Verdict {
        let policies = policies.iter().map(|(at, error)| (*at, error.map(str::to_owned))).collect();
        Verdict { ground, policies }
    }

    #[test]
    fn of_two_denials_both_are_told_and_of_an_approval_beside_them_nothing() {
        let forbidden = verdict(Ground::Forbidden, &[(1, None)]);
        let failed = verdict(Ground::ForbidFailed, &[(1, Some("overflow")), (2, Some("overflow"))]);
        let guarded = verdict(Ground::ApprovalNeeded, &[(3, None)]);
        let told = verdict(Ground::Forbidden, &[(1, None), (2, Some("overflow"))]);
        assert_eq!(guarded.clone().strictest(forbidden.clone()).strictest(failed.clone()), told);
        assert_eq!(failed.strictest(guarded).strictest(forbidden), told);
    }

    #[test]
    fn forbids_come_before_permits_and_permits_before_guards() {
        let effects = [Effect::Permit, Effect::Forbid, Effect::Guard];
        let of = |applying: &[usize], failing: &[usize]| {
            let failing = failing.iter().map(|at| (*at, "overflow".to_owned())).collect();
            let verdict = Verdict::of(&Evaluation { applying: applying.to_vec(), failing }, |at| effects[at]);
            (verdict.ground, verdict.policies.into_keys().collect::<Vec<_>>())
        };
        assert_eq!(of(&[0], &[]), (Ground::Permitted, vec![0]));
        assert_eq!(of(&[0], &[2]), (Ground::ApprovalNeeded, vec![2]));
        assert_eq!(of(&[0, 2], &[]), (Ground::ApprovalNeeded, vec![2]));
        assert_eq!(of(&[0], &[1]), (Ground::ForbidFailed, vec![1]));
        assert_eq!(of(&[], &[1]), (Ground::ForbidFailed, vec![1]));
        assert_eq!(of(&[], &[0]), (Ground::NotPermitted, vec![]));
        assert_eq!(of(&[2], &[]), (Ground::NotPermitted, vec![]));
        assert_eq!(of(&[], &[2]), (Ground::NotPermitted, vec![]));
        assert_eq!(of(&[0, 1, 2], &[]), (Ground::Forbidden, vec![1]));
    }

    #[test]
    fn the_shorter_limit_counts_and_one_limit_is_shorter_than_none() {
        let with = |max_duration_seconds| Requirement {
            quorum: 1,
            groups: vec![],
            step_up_seconds: 1,
            approval_ttl_seconds: 1,
            execution_ttl_seconds: 1,
            max_duration_seconds,
            standing: None,
        };
        for (one, other, both_of) in
            [(None, None, None), (None, Some(5), Some(5)), (Some(5), None, Some(5)), (Some(9), Some(5), Some(5))]
        {
            assert_eq!(both(with(one), &with(other)), with(both_of));
        }
    }

    #[test]
    fn the_smaller_budget_counts_and_a_guard_without_one_allows_none() {
        let with = |standing| Requirement {
            quorum: 1,
            groups: vec![],
            step_up_seconds: 1,
            approval_ttl_seconds: 1,
            execution_ttl_seconds: 1,
            max_duration_seconds: None,
            standing,
        };
        let of = |uses, window_seconds| Some(Budget { uses, window_seconds });
        for (one, other, both_of) in [
            (of(5, 1800), of(9, 600), of(5, 600)),
            (of(5, 1800), None, None),
            (None, of(5, 1800), None),
            (None, None, None),
        ] {
            assert_eq!(both(with(one), &with(other)), with(both_of));
        }
    }
}
