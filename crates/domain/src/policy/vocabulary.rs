//! What can be written in policies and asked of them, by a schema: for completion, forms, and lists of what there is.

use serde::{Deserialize, Serialize};

use crate::policy::question::PrincipalKind;

/// The names of a policy set's schema, and those that its policies bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicyOutline")]
pub struct Outline {
    /// The actions that can be asked, by name; reviewing is not among them.
    pub actions: Vec<ActionOutline>,
    /// Groups of actions, by name.
    pub groups: Vec<String>,
    /// The environments, in the order of the schema.
    pub environments: Vec<String>,
    /// The types of entity, by name.
    pub entities: Vec<EntityOutline>,
    /// The teams that policies name, by name.
    pub teams: Vec<String>,
}

/// An action with what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicyAction")]
pub struct ActionOutline {
    /// For example `pipelines:execute`.
    pub name: String,
    /// The scope that it needs.
    pub scope: String,
    /// The groups that it is in, directly or not.
    pub groups: Vec<String>,
    /// The kinds of principal.
    pub principals: Vec<PrincipalKind>,
    /// The kinds of resource, as resources have them before the colon.
    pub resources: Vec<String>,
    /// What its context can have.
    pub context: Vec<AttributeOutline>,
}

/// A type of entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicyEntity")]
pub struct EntityOutline {
    /// For example `Pipeline`.
    pub name: String,
    /// The types of what it can be in.
    pub within: Vec<String>,
    /// Its ids, if the schema names all there are.
    pub choices: Vec<String>,
    /// Its attributes.
    pub attributes: Vec<AttributeOutline>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(rename = "PolicyAttribute")]
pub struct AttributeOutline {
    /// Its name; of one inside another, both with a dot between: `approval.approvers`.
    pub name: String,
    /// Its type as the schema writes it, for example `Set<Team>`; `Record` if what is inside follows.
    pub kind: String,
    /// Whether `has` must be asked first.
    pub optional: bool,
}
