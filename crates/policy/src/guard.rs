//! What a policy is: a permit, a forbid, or a guard with what its approval needs.
//!
//! The number of approvers and their groups are read from the condition, which is what decides. Annotations may repeat
//! them and must then agree, so that what a ticket asks for is what lifts the guard.

use std::collections::BTreeSet;

use cedar_policy::pst::{Clause, StaticPolicy};
use cedar_policy::{Effect, Policy};
use domain::budget::Budget;
use domain::outcome::Requirement;

use crate::annotation::{self, OF_GUARDS};
use crate::condition::{Demands, reads_approval};
use crate::nearest::nearest;

/// What a policy does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Makes something possible.
    Permit,
    /// Forbids.
    Forbid,
    /// Forbids until an approval meets the requirement.
    Guard(Requirement),
}

/// What is wrong with a policy; `annotation` is where to point, or else the policy itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) annotation: Option<String>,
    pub(crate) message: String,
    pub(crate) help: String,
}

const LIFTED_BY: &str = "add `unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt }`";

impl Kind {
    /// Of a policy, or everything that is wrong with its annotations and its use of the approval.
    pub(crate) fn of(policy: &Policy, parsed: &StaticPolicy) -> Result<Self, Vec<Complaint>> {
        let mut wrong = unknown(policy);
        let clauses = parsed.body().clauses();
        let is_guard = policy.annotation("require_approval").is_some();
        let kind = match policy.effect() {
            Effect::Forbid if is_guard => Self::Guard(guard(policy, clauses, &mut wrong)),
            effect => {
                wrong.extend(plain(policy, effect, clauses));
                if effect == Effect::Permit { Self::Permit } else { Self::Forbid }
            }
        };
        if wrong.is_empty() { Ok(kind) } else { Err(wrong) }
    }
}

fn unknown(policy: &Policy) -> Vec<Complaint> {
    let unknown = policy.annotations().map(|(name, _)| name).filter(|name| !annotation::KNOWN.contains(name));
    unknown
        .map(|name| {
            let near = nearest(name, annotation::KNOWN);
            about(name, format!("`@{name}` is not an annotation"), format!("there are: `@{}`", near.join("`, `@")))
        })
        .collect()
}

/// Permits and forbids without `@require_approval`: nothing in them may speak of approval.
fn plain(policy: &Policy, effect: Effect, clauses: &[Clause]) -> Vec<Complaint> {
    let mut wrong = vec![];
    for name in OF_GUARDS.iter().filter(|name| policy.annotation(name).is_some()) {
        wrong.push(match effect {
            Effect::Permit => about(
                name,
                format!("`@{name}` is on a permit, where any broader permit would silently remove the approval"),
                "permit it plainly and add a `forbid` with `@require_approval`",
            ),
            Effect::Forbid => about(
                name,
                format!("`@{name}` is on a forbid that no approval lifts"),
                "add `@require_approval`, or remove it",
            ),
        });
    }
    if clauses.iter().any(reads_approval) {
        wrong.push(match effect {
            Effect::Permit => overall(
                "a permit reads `context.approval`, so that without one the answer would be deny and nobody would be asked",
                "permit it plainly and add a `forbid` with `@require_approval`",
            ),
            Effect::Forbid => overall(
                "a forbid reads `context.approval` and is not marked as a guard",
                "add `@require_approval`, or do not read the approval",
            ),
        });
    }
    wrong
}

fn guard(policy: &Policy, clauses: &[Clause], wrong: &mut Vec<Complaint>) -> Requirement {
    let demands = lifted_by(clauses, wrong);
    let quorum = quorum(policy, demands.approvers, wrong);
    let groups = groups(policy, demands.groups, wrong);
    let mut seconds = |name: &str| {
        let text = policy.annotation(name)?;
        let seconds = annotation::seconds(text);
        if seconds.is_none() {
            let message = format!("`@{name}` is `{text}`, which is not a length of time");
            wrong.push(about(name, message, "write it like `300s`, `15m`, `4h` or `1d`, up to `366d`"));
        }
        seconds
    };
    let step_up_seconds = seconds("step_up").unwrap_or(300);
    let approval_ttl_seconds = seconds("approval_ttl").unwrap_or(3_600);
    let max_duration_seconds = seconds("max_duration");
    let execution_ttl = seconds("execution_ttl");
    if let (Some(ttl), Some(lasts)) = (execution_ttl, demands.lasts)
        && ttl > lasts
    {
        wrong.push(about(
            "execution_ttl",
            format!(
                "`@execution_ttl` is {ttl} seconds, but the condition takes no approval that lasts longer than {lasts}"
            ),
            "make the two agree; otherwise no approval ever lifts it",
        ));
    }
    let execution_ttl_seconds = execution_ttl.unwrap_or_else(|| demands.lasts.map_or(900, |lasts| lasts.min(900)));
    let standing = standing(policy, demands.lasts, wrong);
    Requirement {
        quorum,
        groups,
        step_up_seconds,
        approval_ttl_seconds,
        execution_ttl_seconds,
        max_duration_seconds,
        standing,
    }
}

/// The largest budget of a standing approval, if one can be asked for.
fn standing(policy: &Policy, lasts: Option<u32>, wrong: &mut Vec<Complaint>) -> Option<Budget> {
    let text = policy.annotation("standing")?;
    let budget = annotation::budget(text);
    match (budget, lasts) {
        (None, _) => wrong.push(about(
            "standing",
            format!("`@standing` is `{text}`, which is not a number of uses within a time"),
            "write it like `5 in 30m`: 2 to 50 uses, within at most `1d`",
        )),
        (Some(Budget { window_seconds, .. }), Some(lasts)) if window_seconds > lasts => wrong.push(about(
            "standing",
            format!(
                "`@standing` lasts {window_seconds} seconds, but the condition takes no approval that lasts longer than {lasts}"
            ),
            "make the two agree; otherwise no approval of that length ever lifts it",
        )),
        _ => {}
    }
    budget
}

/// The one `unless` that an approval satisfies.
fn lifted_by(clauses: &[Clause], wrong: &mut Vec<Complaint>) -> Demands {
    let mut lifting = clauses.iter().filter(|clause| reads_approval(clause));
    match (lifting.next(), lifting.next()) {
        (Some(Clause::Unless(expr)), None) => {
            let demands = Demands::of(expr);
            if demands.approvers.is_none() {
                wrong.push(overall(
                    "the `unless` of this guard does not say how many approvers lift it",
                    "join `context.approval.approvers >= 1`, with a number, to it by `&&`",
                ));
            }
            if !demands.unexpired {
                wrong.push(overall(
                    "the `unless` of this guard would take an approval that has expired",
                    "join `context.now < context.approval.expiresAt` to it by `&&`",
                ));
            }
            demands
        }
        (None, _) => {
            wrong.push(overall("no approval lifts this guard", LIFTED_BY));
            Demands::default()
        }
        _ => {
            let message = "a guard reads `context.approval` in one `unless` and nowhere else";
            wrong.push(overall(message, "put all that the approval must have into one `unless`, joined by `&&`"));
            Demands::default()
        }
    }
}

fn quorum(policy: &Policy, demanded: Option<i64>, wrong: &mut Vec<Complaint>) -> u32 {
    let text = policy.annotation("require_approval").unwrap_or_default();
    let demanded = demanded.map(|number| (number, u32::try_from(number).ok().filter(|n| (1..=100).contains(n))));
    if let Some((number, None)) = demanded {
        let message = format!("the condition asks for at least {number} approvers");
        wrong.push(overall(message, "ask for 1 to 100"));
    }
    let demanded = demanded.and_then(|(_, number)| number);
    if text.is_empty() {
        return demanded.unwrap_or(1);
    }
    match (annotation::quorum(text), demanded) {
        (None, _) => wrong.push(about(
            "require_approval",
            format!("`@require_approval` is `{text}`, which is not a number of people"),
            "write a number from 1 to 100, or leave the value away: the condition has it",
        )),
        (Some(said), Some(demanded)) if said != demanded => wrong.push(about(
            "require_approval",
            format!("`@require_approval` says {said}, but the condition asks for at least {demanded} approvers"),
            "make the two agree, or leave the value of the annotation away",
        )),
        _ => {}
    }
    demanded.unwrap_or(1)
}

fn groups(policy: &Policy, demanded: BTreeSet<String>, wrong: &mut Vec<Complaint>) -> Vec<String> {
    if let Some(text) = policy.annotation("approvers") {
        match annotation::teams(text) {
            None => wrong.push(about(
                "approvers",
                format!("`@approvers` is `{text}`, which does not name teams"),
                "write it like `@approvers(\"Team::\\\"sre\\\"\")`, several separated by commas",
            )),
            Some(said) if said != demanded => wrong.push(about(
                "approvers",
                format!("`@approvers` names {}, but the condition asks for {}", list(&said), list(&demanded)),
                "make the two agree: one `context.approval.groups.contains(Team::\"…\")` for each, joined by `&&`",
            )),
            Some(_) => {}
        }
    }
    demanded.into_iter().collect()
}

fn list(teams: &BTreeSet<String>) -> String {
    let names: Vec<_> = teams.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "nobody in particular".to_owned() } else { names.join(" and ") }
}

fn about(annotation: &str, message: impl Into<String>, help: impl Into<String>) -> Complaint {
    Complaint { annotation: Some(annotation.to_owned()), message: message.into(), help: help.into() }
}

fn overall(message: impl Into<String>, help: impl Into<String>) -> Complaint {
    Complaint { annotation: None, message: message.into(), help: help.into() }
}
