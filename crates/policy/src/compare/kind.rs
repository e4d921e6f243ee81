//! Kinds of request: a type of principal, an action and a type of resource, each a world of its own for a solver.

use std::collections::BTreeSet;

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PrincipalConstraint, RequestEnv, ResourceConstraint,
};
use domain::policy::PrincipalKind;
use domain::policy::question::{APPROVE, scope_of};

use crate::schema::Vocabulary;

/// A kind of request that the host can send.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    pub(crate) principal: EntityTypeName,
    /// The kind of principal, as the host has it.
    pub(crate) who: PrincipalKind,
    pub(crate) action: EntityUid,
    /// The action and the groups that it is in.
    pub(crate) groups: BTreeSet<EntityUid>,
    pub(crate) resource: EntityTypeName,
    /// As resources write it, for example `pipeline`.
    pub(crate) word: String,
}

impl Kind {
    /// All that a schema has.
    pub(crate) fn all(vocabulary: &Vocabulary) -> Vec<Self> {
        let actions = vocabulary.schema.action_entities().ok();
        let groups = |action: &EntityUid| {
            let above = actions.as_ref().and_then(|actions| actions.ancestors(action));
            above.into_iter().flatten().chain([action]).cloned().collect()
        };
        let mut kinds: Vec<Self> = vec![];
        for env in vocabulary.schema.request_envs() {
            let who = match env.principal().to_string().as_str() {
                "User" => PrincipalKind::User,
                "ServiceAccount" => PrincipalKind::ServiceAccount,
                _ => continue,
            };
            let resources = vocabulary.actions.get(env.action().id().unescaped()).map(|action| &action.resources);
            let word = resources.into_iter().flatten().find(|(_, resource)| *resource == env.resource());
            let Some((word, _)) = word else { continue };
            kinds.push(Self {
                principal: env.principal().clone(),
                who,
                action: env.action().clone(),
                groups: groups(env.action()),
                resource: env.resource().clone(),
                word: word.clone(),
            });
        }
        kinds.sort_by_key(Self::name);
        kinds
    }

    /// As reports write it: `ServiceAccount pipelines:execute Pipeline`.
    pub(crate) fn name(&self) -> String {
        format!("{} {} {}", self.principal, self.action(), self.resource)
    }

    /// The name of the action.
    pub(crate) fn action(&self) -> &str {
        self.action.id().unescaped()
    }

    /// Whether it is a review of a ticket, which no approval is for.
    pub(crate) fn is_review(&self) -> bool {
        self.action() == APPROVE
    }

    /// The scope that the host names.
    pub(crate) fn scope(&self) -> &str {
        scope_of(self.action())
    }

    pub(crate) fn env(&self) -> RequestEnv {
        RequestEnv::new(self.principal.clone(), self.action.clone(), self.resource.clone())
    }

    /// Whether a policy could apply to it, by its scope; in doubt, yes.
    pub(crate) fn is_in_scope_of(&self, policy: &Policy) -> bool {
        let action = match policy.action_constraint() {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(action) => action == self.action,
            ActionConstraint::In(groups) => groups.iter().any(|group| self.groups.contains(group)),
        };
        let principal = match policy.principal_constraint() {
            PrincipalConstraint::Any | PrincipalConstraint::In(_) => true,
            PrincipalConstraint::Eq(uid) => *uid.type_name() == self.principal,
            PrincipalConstraint::Is(kind) | PrincipalConstraint::IsIn(kind, _) => kind == self.principal,
        };
        let resource = match policy.resource_constraint() {
            ResourceConstraint::Any | ResourceConstraint::In(_) => true,
            ResourceConstraint::Eq(uid) => *uid.type_name() == self.resource,
            ResourceConstraint::Is(kind) | ResourceConstraint::IsIn(kind, _) => kind == self.resource,
        };
        action && principal && resource
    }
}
