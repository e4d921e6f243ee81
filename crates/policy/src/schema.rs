//! The names that a schema has: actions, kinds of resource, environments.
//!
//! Invariant: every action that is listed can be asked, with everything that the host may send along, and nothing that
//! the host never sends is required. A schema for which that does not hold is refused when it is compiled.

use std::collections::BTreeMap;

use cedar_policy::ffi::DetailedError;
use cedar_policy::{Entities, EntityTypeName, EntityUid, Schema, SchemaError, SchemaFragment};
use serde_json::Value;

use crate::Problem;
use crate::declared::Declared;
use crate::facts::Wanted;
use crate::nearest::nearest;
use crate::problem::Text;
use crate::question_error::{QuestionError, quote};
use crate::shape;
use domain::policy::question::{APPROVE, PrincipalKind};

/// How many combinations of principal, action and resource type are checked.
const COMBINATIONS: usize = 1_000;
/// How large the types of a schema may be, written out.
const TYPE_SIZE: u64 = 10_000;

/// A schema with its names.
pub(crate) struct Vocabulary {
    pub(crate) schema: Schema,
    pub(crate) environments: Vec<String>,
    pub(crate) actions: BTreeMap<String, Action>,
    /// What beyond the least it has a place for.
    pub(crate) wanted: Wanted,
    /// All that is declared, as data.
    pub(crate) declared: Declared,
}

/// An action that can be asked.
pub(crate) struct Action {
    pub(crate) uid: EntityUid,
    pub(crate) principals: Vec<PrincipalKind>,
    /// Kind as resources write it, and type.
    pub(crate) resources: BTreeMap<String, EntityTypeName>,
    /// The types of principal and resource that go together.
    pub(crate) kinds: Vec<(PrincipalKind, String)>,
    /// The action itself and all groups that it is in, directly or not.
    pub(crate) within: Vec<String>,
}

impl Vocabulary {
    /// Reads a schema.
    pub(crate) fn read(text: Text<'_>) -> Result<Self, Vec<Problem>> {
        shape::statements(text)?;
        let (fragment, _) = SchemaFragment::from_cedarschema_str(text.text)
            .map_err(|error| vec![text.reported((&error).into(), 0..0)])?;
        let json = fragment.clone().to_json_value().map_err(|error| vec![text.reported((&error).into(), 0..0)])?;
        if let Some(namespace) = json.as_object().and_then(|map| map.keys().find(|name| !name.is_empty())) {
            let message = format!("the schema has the namespace `{namespace}`");
            return Err(vec![text.problem(0, message, "declare everything at the top level")]);
        }
        let names = &json[""];
        if size(names, &names["commonTypes"]) > TYPE_SIZE {
            let message = format!("the types of the schema, written out, have more than {TYPE_SIZE} parts");
            return Err(vec![text.problem(0, message, "let types refer to fewer other types")]);
        }
        let schema: Schema =
            fragment.try_into().map_err(|error: SchemaError| vec![text.reported(DetailedError::from(&error), 0..0)])?;
        if schema.request_envs().nth(COMBINATIONS).is_some() {
            let message =
                format!("the actions apply to more than {COMBINATIONS} combinations of principal and resource");
            return Err(vec![text.problem(0, message, "let actions apply to fewer types")]);
        }
        let environments = names["entityTypes"]["Environment"]["enum"].as_array();
        let hierarchy = schema.action_entities().map_err(|error| vec![text.problem(0, error.to_string(), "")])?;
        let environments = environments.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let (actions, environments) = (actions(&schema, &hierarchy), environments.collect::<Vec<_>>());
        let wanted = Wanted::by(&schema, &actions, environments.first().map_or("", String::as_str));
        let declared = Declared::read(names);
        Ok(Self { schema, environments, actions, wanted, declared })
    }

    /// The action of a question; never `approve`.
    pub(crate) fn action(&self, name: &str) -> Result<&Action, QuestionError> {
        let known = || self.actions.keys().map(String::as_str).filter(|known| *known != APPROVE);
        self.actions.get(name).filter(|_| name != APPROVE).ok_or_else(|| unknown("action".to_owned(), name, known()))
    }

    /// An environment.
    pub(crate) fn environment<'a>(&self, name: &'a str) -> Result<&'a str, QuestionError> {
        let known = || self.environments.iter().map(String::as_str);
        known().any(|known| known == name).then_some(name).ok_or_else(|| unknown("env".to_owned(), name, known()))
    }

    /// The type of a resource of an action.
    pub(crate) fn resource(&self, field: String, text: &str, action: &str) -> Result<&EntityTypeName, QuestionError> {
        let input = quote(text);
        let Some((kind, _)) = text.split_once(':').filter(|(kind, name)| !kind.is_empty() && !name.is_empty()) else {
            let help = "write it as `kind:name`, like `pipeline:billing/nightly`";
            return Err(QuestionError::Malformed { field, input, help });
        };
        let resources = &self.action(action)?.resources;
        if let Some(found) = resources.get(kind) {
            return Ok(found);
        }
        let others = self.actions.iter().filter(|(name, _)| *name != APPROVE);
        let mut kinds: Vec<_> = others.flat_map(|(_, action)| action.resources.keys()).map(String::as_str).collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.contains(&kind) {
            let known = resources.keys().cloned().collect();
            return Err(QuestionError::Unfit { field, input, action: action.to_owned(), known });
        }
        let known = nearest(kind, kinds);
        Err(QuestionError::Unknown { field, input, known })
    }
}

fn unknown<'a>(field: String, input: &str, known: impl Iterator<Item = &'a str>) -> QuestionError {
    QuestionError::Unknown { field, input: quote(input), known: nearest(input, known) }
}

fn actions(schema: &Schema, hierarchy: &Entities) -> BTreeMap<String, Action> {
    let mut actions = BTreeMap::new();
    for env in schema.request_envs() {
        let kind = match env.principal().to_string().as_str() {
            "User" => PrincipalKind::User,
            "ServiceAccount" => PrincipalKind::ServiceAccount,
            _ => continue,
        };
        let action = actions.entry(env.action().id().unescaped().to_owned()).or_insert_with(|| Action {
            uid: env.action().clone(),
            principals: vec![],
            resources: BTreeMap::new(),
            kinds: vec![],
            within: within(env.action(), hierarchy),
        });
        if !action.principals.contains(&kind) {
            action.principals.push(kind);
            action.principals.sort_unstable();
        }
        action.kinds.push((kind, env.resource().to_string()));
        action.resources.insert(kind_word(&env.resource().to_string()), env.resource().clone());
    }
    actions
}

fn within(action: &EntityUid, hierarchy: &Entities) -> Vec<String> {
    let groups = hierarchy.ancestors(action).into_iter().flatten();
    std::iter::once(action).chain(groups).map(|uid| uid.id().unescaped().to_owned()).collect()
}

/// `FeatureFlag` → `feature_flag`.
fn kind_word(name: &str) -> String {
    let mut word = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !word.is_empty() {
            word.push('_');
        }
        word.push(c.to_ascii_lowercase());
    }
    word
}

/// How many parts all types have once common types are replaced by what they stand for.
fn size(names: &Value, common: &Value) -> u64 {
    fn walk<'a>(value: &'a Value, common: &'a Value, known: &mut BTreeMap<&'a str, u64>) -> u64 {
        let named = value["name"].as_str().filter(|name| common.get(*name).is_some());
        if let Some(name) = named {
            if let Some(size) = known.get(name) {
                return *size;
            }
            known.insert(name, 0); // a type that contains itself is refused later
            let size = walk(&common[name], common, known);
            known.insert(name, size);
            return size;
        }
        let parts: Box<dyn Iterator<Item = &Value>> = match value {
            Value::Object(map) => Box::new(map.values()),
            Value::Array(list) => Box::new(list.iter()),
            _ => return 1,
        };
        parts.fold(1, |sum, part| sum.saturating_add(walk(part, common, known)))
    }
    walk(names, common, &mut BTreeMap::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_written_in_lower_case() {
        assert_eq!(["Pipeline", "FeatureFlag"].map(kind_word), ["pipeline", "feature_flag"]);
    }
}
