//! The names that questions to a set can have, for forms and for lists of all that can be asked.

use domain::policy::question::PrincipalKind;

use crate::engine::Engine;
use crate::schema::APPROVE;

/// The names of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The actions that can be asked, by name; reviewing is not among them.
    pub actions: Vec<ActionOutline>,
    /// The environments, in the order of the schema.
    pub environments: Vec<String>,
}

/// An action with what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionOutline {
    /// For example `pipelines:execute`.
    pub name: String,
    /// The kinds of principal.
    pub principals: Vec<PrincipalKind>,
    /// The kinds of resource, as resources have them before the colon.
    pub resources: Vec<String>,
}

impl Engine {
    /// The names that questions can have.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let actions = self.vocabulary.actions.iter().filter(|(name, _)| *name != APPROVE);
        let actions = actions.map(|(name, action)| ActionOutline {
            name: name.clone(),
            principals: action.principals.clone(),
            resources: action.resources.keys().cloned().collect(),
        });
        Outline { actions: actions.collect(), environments: self.vocabulary.environments.clone() }
    }
}
