//! Asking as if a principal held less.
//!
//! Invariant: nobody ever holds more than they did. A credential may have had less than its account, so what is held is what
//! both the record and the narrower grant give.

use domain::policy::question::{Principal, Question};

/// A workspace that nothing is in: no name has a zero character in it.
const NOWHERE: &str = "\0";

/// What a principal would hold at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Narrower {
    /// `service_account:…` or `user:…`.
    pub principal: String,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// Its workspaces, empty for everywhere; as they were, if absent.
    pub workspaces: Option<Vec<String>>,
}

impl Narrower {
    /// Whether it is about this principal.
    pub(crate) fn is_of(&self, principal: &Principal) -> bool {
        self.principal.split_once(':') == Some((principal.kind.name(), &principal.id))
    }

    /// The question as it would be asked.
    pub(crate) fn of(&self, mut question: Question) -> Question {
        if !self.is_of(&question.principal) {
            return question;
        }
        let Principal { scopes, workspaces, .. } = &mut question.principal;
        scopes.retain(|scope| self.scopes.contains(scope));
        match &self.workspaces {
            Some(given) if !given.is_empty() => {
                if workspaces.is_empty() {
                    workspaces.clone_from(given);
                } else {
                    workspaces.retain(|workspace| given.contains(workspace));
                    if workspaces.is_empty() {
                        workspaces.push(NOWHERE.to_owned());
                    }
                }
            }
            _ => {}
        }
        question
    }
}
