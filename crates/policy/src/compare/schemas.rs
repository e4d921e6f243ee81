//! Two sets with two schemas: what of one can be compared under the schema of the other.
//!
//! A request is one that `from` can be asked, so `from`'s schema counts. A kind that `to` does not have it cannot allow; an
//! environment that it does not have neither. Where a group of actions has other members, the same text says another thing,
//! and nothing is claimed.

use std::collections::BTreeMap;

use cedar_policy::{Policy, PolicySet, ValidationMode, Validator};

use super::aspect::Side;
use super::kind::Kind;
use super::rules::Rules;

/// Two sets, to be compared.
pub(crate) struct Meeting<'a> {
    from: &'a Rules<'a>,
    to: &'a Rules<'a>,
    same: bool,
    /// The kinds of `to`, by name.
    kinds: BTreeMap<String, Kind>,
    /// Policies of `to` that do not fit the schema of `from`, with why.
    unfit: Vec<(Policy, String)>,
    only_when: Option<String>,
}

impl<'a> Meeting<'a> {
    pub(crate) fn of(from: &'a Rules<'a>, to: &'a Rules<'a>) -> Self {
        let same = from.engine.source().schema == to.engine.source().schema;
        let kinds = Kind::all(to.vocabulary).into_iter().map(|kind| (kind.name(), kind)).collect();
        let mut meeting = Self { from, to, same, kinds, unfit: vec![], only_when: None };
        if !same {
            meeting.unfit = unfit(from, to);
            meeting.only_when = only_when(from, to);
        }
        meeting
    }

    /// Why nothing can be said of a kind of `from`.
    pub(crate) fn obstacle(&self, kind: &Kind) -> Option<String> {
        let theirs = self.kinds.get(&kind.name()).filter(|_| !self.same)?;
        if theirs.groups != kind.groups {
            return Some(format!("the two schemas put `{}` into different groups of actions", kind.action()));
        }
        let unfit = self.unfit.iter().find(|(policy, _)| kind.is_in_scope_of(policy))?;
        Some(format!("`{}` does not fit the other schema: {}", unfit.0.id(), unfit.1))
    }

    /// The two sets for a kind of `from`.
    pub(crate) fn side<'s>(&'s self, kind: &'s Kind) -> Side<'s> {
        Side {
            kind,
            schema: &self.from.vocabulary.schema,
            from: self.from,
            to: self.to,
            to_only_when: self.only_when.clone(),
            to_has_kind: self.same || self.kinds.contains_key(&kind.name()),
        }
    }
}

fn unfit(from: &Rules<'_>, to: &Rules<'_>) -> Vec<(Policy, String)> {
    let all = || to.each.iter().map(|rule| rule.policy.clone());
    let Ok(set) = PolicySet::from_policies(all()) else {
        return all().map(|policy| (policy, "the policies do not make a set".to_owned())).collect();
    };
    let result = Validator::new(from.vocabulary.schema.clone()).validate(&set, ValidationMode::Strict);
    let errors = result.validation_errors().filter_map(|error| {
        let policy = set.policy(error.policy_id())?.clone();
        Some((policy, error.to_string()))
    });
    errors.collect()
}

/// Environments that both have.
fn only_when(from: &Rules<'_>, to: &Rules<'_>) -> Option<String> {
    let (ours, theirs) = (&from.vocabulary.environments, &to.vocabulary.environments);
    if ours.iter().all(|env| theirs.contains(env)) {
        return None;
    }
    let shared = ours.iter().filter(|env| theirs.contains(env));
    let shared = shared.map(|env| format!("Environment::{}", super::host::literal(env))).collect::<Vec<_>>();
    if shared.is_empty() {
        return Some("false".to_owned());
    }
    Some(format!("resource has env && [{}].contains(resource.env)", shared.join(", ")))
}
