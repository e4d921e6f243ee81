//! The policies of a set as proofs see them, and how two sets differ.

use std::collections::{BTreeMap, BTreeSet};

use cedar_policy::{EntityUid, Policy, PolicyId, PolicySet, pst};
use domain::outcome::Requirement;
use serde_json::{Value, json};

use crate::answer::Effect;
use crate::condition::reads_approval;
use crate::engine::Engine;
use crate::schema::Vocabulary;

/// A policy.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) effect: Effect,
    pub(crate) line: u32,
    pub(crate) policy: Policy,
    /// What the approval of a guard needs.
    pub(crate) requirement: Option<Requirement>,
    /// Without annotations, comments and layout.
    meaning: String,
}

/// All policies of a set, with what its schema names.
pub(crate) struct Rules<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) each: Vec<Rule>,
}

/// How two sets differ, by `@id`, in the order of the text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Only the draft has these.
    pub added: Vec<String>,
    /// Only the set in force has these.
    pub removed: Vec<String>,
    /// Both have these, with other words; layout does not count.
    pub changed: Vec<String>,
}

impl<'a> Rules<'a> {
    /// Of a set.
    pub(crate) fn of(engine: &'a Engine) -> Self {
        let (vocabulary, compiled) = engine.parts();
        let rule = |entry: &crate::compile::Entry| {
            let policy = compiled.full.policy(&PolicyId::new(&entry.info.id))?.clone();
            let (id, effect, line) = (entry.info.id.clone(), entry.info.effect, entry.info.line);
            let requirement = entry.info.requirement.clone();
            Some(Rule { id, effect, line, requirement, meaning: meaning(&policy), policy })
        };
        Self { engine, vocabulary, each: compiled.entries.iter().filter_map(rule).collect() }
    }
}

impl Rule {
    /// Equal for policies that say the same.
    pub(crate) fn meaning(&self) -> &str {
        &self.meaning
    }

    /// A forbid that is no policy of a set.
    pub(crate) fn forbidding(id: &str, line: u32, policy: &Policy) -> Self {
        let (id, effect, policy) = (id.to_owned(), Effect::Forbid, policy.clone());
        Self { id, effect, line, requirement: None, meaning: meaning(&policy), policy }
    }

    /// Whether there is more to it than its scope.
    pub(crate) fn has_conditions(&self) -> bool {
        self.policy.to_json().is_ok_and(|json| json["conditions"].as_array().is_some_and(|all| !all.is_empty()))
    }

    /// A guard without the conditions that an approval could meet. `None` if it cannot be read.
    pub(crate) fn without_approval(&self) -> Option<Self> {
        let pst::Policy::Static(parsed) = self.policy.to_pst().ok()? else { return None };
        let mut json = self.policy.to_json().ok()?;
        let clauses = json.get_mut("conditions")?.as_array_mut()?;
        let reads: Vec<_> = parsed.body().clauses().iter().map(reads_approval).collect();
        if reads.len() != clauses.len() {
            return None;
        }
        let mut reads = reads.into_iter();
        clauses.retain(|_| reads.next() == Some(false));
        let policy = Policy::from_json(None, json).ok()?;
        Some(Self { meaning: meaning(&policy), policy, ..self.clone() })
    }

    /// The same condition as a `permit`. `None` if Cedar cannot write it.
    pub(crate) fn permitting(&self) -> Option<Policy> {
        rewritten(&self.policy, &[], "permit")
    }

    /// The same policy, narrowed by conditions that come first.
    pub(crate) fn narrowed(&self, first: &[String]) -> Option<Policy> {
        rewritten(&self.policy, first, if self.effect == Effect::Permit { "permit" } else { "forbid" })
    }
}

/// What changed from one set to the other.
#[must_use]
pub fn changes(draft: &Engine, live: &Engine) -> Changes {
    let of = |engine: &Engine| {
        let infos = engine.policies().into_iter();
        infos.map(|info| (info.id, words(&info.text))).collect::<Vec<_>>()
    };
    let (new, old) = (of(draft), of(live));
    let (new_by_id, old_by_id): (BTreeMap<_, _>, BTreeMap<_, _>) =
        (new.iter().cloned().collect(), old.iter().cloned().collect());
    let mut changes = Changes::default();
    for (id, text) in &new {
        match old_by_id.get(id) {
            None => changes.added.push(id.clone()),
            Some(before) if before != text => changes.changed.push(id.clone()),
            Some(_) => {}
        }
    }
    changes.removed = old.into_iter().map(|(id, _)| id).filter(|id| !new_by_id.contains_key(id)).collect();
    changes
}

/// All entities that policies name.
pub(crate) fn named<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> BTreeSet<EntityUid> {
    policies.into_iter().flat_map(Policy::entity_literals).collect()
}

/// A set of policies, numbered anew so that none is in the way of another.
pub(crate) fn set(policies: impl IntoIterator<Item = Policy>) -> Option<PolicySet> {
    let numbered = policies.into_iter().enumerate();
    PolicySet::from_policies(numbered.map(|(at, policy)| policy.new_id(PolicyId::new(at.to_string())))).ok()
}

/// A policy without conditions of its own.
pub(crate) fn plain(effect: &str, clause: &str) -> Option<Policy> {
    Policy::parse(None, format!("{effect} (principal, action, resource) {clause};")).ok()
}

/// Forbids whatever does not meet all conditions, each by a policy of its own.
pub(crate) fn within(conditions: &[String]) -> Option<Vec<Policy>> {
    conditions.iter().map(|condition| plain("forbid", &format!("unless {{ {condition} }}"))).collect()
}

/// A policy with only its scope, as a `permit`.
pub(crate) fn scope_of(policy: &Policy) -> Option<Policy> {
    let mut json = policy.to_json().ok()?;
    *json.get_mut("conditions")? = json!([]);
    rewritten(&Policy::from_json(None, json).ok()?, &[], "permit")
}

fn rewritten(policy: &Policy, first: &[String], effect: &str) -> Option<Policy> {
    let mut json = policy.to_json().ok()?;
    let mut conditions = vec![];
    for condition in first {
        let parsed = plain("permit", &format!("when {{ {condition} }}"))?.to_json().ok()?;
        conditions.extend(parsed.get("conditions")?.as_array()?.clone());
    }
    let own = json.get_mut("conditions")?.as_array_mut()?;
    conditions.append(own);
    *json.get_mut("conditions")? = Value::Array(conditions);
    *json.get_mut("effect")? = json!(effect);
    json.as_object_mut()?.remove("annotations");
    Policy::from_json(None, json).ok()
}

fn meaning(policy: &Policy) -> String {
    let Ok(mut json) = policy.to_json() else { return policy.to_string() };
    if let Some(object) = json.as_object_mut() {
        object.remove("annotations");
    }
    json.to_string()
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
