//! Kinds of request: what is known of a request before any name in it is looked at.

use crate::narrowing::Test;
use domain::policy::question::scope_of;

/// A type of principal, an action, a type of resource.
pub(crate) struct KindOf<'a> {
    pub(crate) principal: &'a str,
    pub(crate) action: &'a str,
    /// The action itself and all groups that it is in.
    pub(crate) within: &'a [String],
    pub(crate) resource: &'a str,
}

impl KindOf<'_> {
    /// Whether a test can hold for a request of this kind.
    pub(crate) fn fits(&self, test: &Test) -> bool {
        let among = |names: &[String], name: &str| names.iter().any(|known| known == name);
        match test {
            Test::PrincipalType(types) => among(types, self.principal),
            Test::Action(actions) => among(actions, self.action),
            Test::ActionIn(groups) => self.within.iter().any(|group| among(groups, group)),
            Test::ResourceType(types) => among(types, self.resource),
            Test::Scope(scopes) => among(scopes, scope_of(self.action)),
            _ => true,
        }
    }
}
