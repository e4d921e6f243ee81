//! The names that policies and questions can have.

use std::collections::BTreeSet;

use domain::policy::vocabulary::{ActionOutline, Outline};

use crate::engine::Engine;
use domain::policy::question::{APPROVE, scope_of};

impl Engine {
    /// What can be written in policies of this schema, and asked of them.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let vocabulary = &self.vocabulary;
        let actions = vocabulary.actions.iter().filter(|(name, _)| *name != APPROVE);
        let actions = actions.map(|(name, action)| ActionOutline {
            name: name.clone(),
            scope: scope_of(name).to_owned(),
            groups: action
                .within
                .iter()
                .filter(|group| *group != name)
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            principals: action.principals.clone(),
            resources: action.resources.keys().cloned().collect(),
            context: vocabulary.declared.contexts.get(name).cloned().unwrap_or_default(),
        });
        let groups: BTreeSet<_> =
            vocabulary.schema.action_groups().map(|group| group.id().unescaped().to_owned()).collect();
        let literals = self.compiled.full.policies().flat_map(cedar_policy::Policy::entity_literals);
        let teams =
            literals.filter(|uid| uid.type_name().basename() == "Team").map(|uid| uid.id().unescaped().to_owned());
        Outline {
            actions: actions.collect(),
            groups: groups.into_iter().collect(),
            environments: vocabulary.environments.clone(),
            entities: vocabulary.declared.entities.clone(),
            teams: teams.collect::<BTreeSet<_>>().into_iter().collect(),
        }
    }
}
