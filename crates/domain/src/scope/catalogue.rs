//! The catalogue: which scopes there are, what else they are called, and what each lets its holder do.

use crate::scope::{BadScope, OwnScopes, Scopes, canonical};

/// A scope that comes with the product.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// Its canonical name.
    pub name: &'static str,
    /// What other systems call it.
    pub aliases: &'static [&'static str],
    /// What it lets its holder do, as one sentence without a subject.
    pub sentence: &'static str,
}

macro_rules! scopes {
    ($($name:literal $([$($alias:literal),*])?: $sentence:literal;)*) => {
        /// Every scope that comes with the product.
        pub const CATALOGUE: &[Scope] = &[$(Scope { name: $name, aliases: &[$($($alias),*)?], sentence: $sentence }),*];
    };
}

scopes! {
    "pipelines:execute" ["workflows:execute", "workflow.execute"]: "start pipelines";
    "pipelines:stop" ["execution.cancel"]: "stop running pipelines";
    "pipelines:read" ["workflows:read", "workflow.read"]: "see pipelines";
    "pipelines:write" ["workflows:write", "workflow.write"]: "create and change pipelines";
    "pipelines:delete" ["workflow.delete"]: "delete pipelines";
    "executions:read" ["execution.read"]: "see what ran";
    "deploy.app.update": "change what runs of an application";
    "artifacts:read": "read published artifacts";
    "artifacts:write": "publish artifacts";
    "logs:read": "read execution logs";
    "vault:read": "see stored credentials of pipelines, never their values";
    "vault:write": "manage stored credentials of pipelines";
    "organization:read" ["organization.read"]: "see the organization";
    "organization:write" ["organization.write"]: "change the organization";
    "marketplace:read" ["marketplace.read"]: "browse the marketplace";
    "marketplace:publish" ["marketplace.publish"]: "publish to the marketplace";
    "decisions:request": "ask for a decision and open a ticket in its own name";
    "approvals:read": "see approval tickets";
    "approvals:review": "review approval tickets";
    "tasks:read": "see tasks";
    "audit:read": "read the audit trail and its proofs";
    "accounts:read": "see users and service accounts";
    "accounts:write": "make and change users and service accounts";
    "admin:tokens:read": "see service tokens and API keys, never their secrets";
    "admin:tokens:write" ["admin:credentials"]: "create, rotate and revoke service tokens and API keys";
    "scopes:write": "add scopes to the catalogue";
    "roster:read": "see the approver roster";
    "roster:write": "propose changes to the approver roster";
    "policies:read": "read policies";
    "policies:write": "draft and publish policies";
    "alerts:read": "see alerts and webhooks, never their secrets";
    "alerts:write": "acknowledge alerts, and manage their rules and webhooks";
}

/// What comes with the product, and what this installation added.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    own: OwnScopes,
}

/// A name that the catalogue does not have.
#[derive(Debug, thiserror::Error)]
pub enum UnknownScope {
    /// It cannot be a name.
    #[error(transparent)]
    Bad(#[from] BadScope),
    /// It is not there.
    #[error("`{name}` is not a scope; {hint}")]
    Absent {
        /// The name.
        name: String,
        /// What there is.
        hint: String,
    },
}

impl Catalogue {
    /// With the scopes that an installation added.
    #[must_use]
    pub const fn with(own: OwnScopes) -> Self {
        Self { own }
    }

    /// Whether there is such a scope, under any name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        let name = canonical(name);
        CATALOGUE.iter().any(|scope| scope.name == name) || self.own.contains_key(name)
    }

    /// From names, each of which must be in the catalogue.
    pub fn parse<S: AsRef<str>>(&self, names: impl IntoIterator<Item = S>) -> Result<Scopes, UnknownScope> {
        let scopes = Scopes::parse(names)?;
        if let Some(name) = scopes.iter().find(|name| !self.has(name)) {
            return Err(UnknownScope::Absent { name: name.to_owned(), hint: self.hint(name) });
        }
        Ok(scopes)
    }

    /// Spells out names that end in `:*` or `.*`; a name without one stays. For operators who allow wildcards.
    pub fn expand(&self, names: &[String]) -> Result<Vec<String>, UnknownScope> {
        let mut all = Vec::new();
        for name in names {
            let Some(stem) = name.strip_suffix('*').filter(|stem| stem.ends_with([':', '.'])) else {
                all.push(name.clone());
                continue;
            };
            let before = all.len();
            all.extend(self.names().filter(|known| known.starts_with(stem)).map(str::to_owned));
            if all.len() == before {
                return Err(UnknownScope::Absent { name: name.chars().take(64).collect(), hint: self.hint(stem) });
            }
        }
        Ok(all)
    }

    /// Every canonical name with its sentence, those that came with the product first.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &[&'static str], &str)> {
        let own = self.own.iter().map(|(name, sentence)| (name.as_str(), [].as_slice(), sentence.as_str()));
        CATALOGUE.iter().map(|scope| (scope.name, scope.aliases, scope.sentence)).chain(own)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let aliases = CATALOGUE.iter().flat_map(|scope| scope.aliases.iter().copied());
        self.entries().map(|(name, ..)| name).chain(aliases)
    }

    fn hint(&self, name: &str) -> String {
        let ending = name.trim_end_matches([':', '.']).rsplit([':', '.']).next().unwrap_or(name);
        let near: Vec<_> = self.names().filter(|known| known.contains(ending)).take(3).collect();
        if near.is_empty() {
            "`GET /api/v1/scopes` lists what there is".to_owned()
        } else {
            format!("did you mean {}?", near.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_means_two_things() {
        let mut names: Vec<_> = CATALOGUE.iter().flat_map(|s| s.aliases.iter().copied().chain([s.name])).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(Scopes::parse(names).is_ok());
    }

    #[test]
    fn an_unknown_name_is_refused_with_what_is_near() {
        let error = Catalogue::default().parse(["pipeline:execute"]).unwrap_err().to_string();
        assert!(error.contains("pipelines:execute"), "{error}");
    }

    #[test]
    fn own_scopes_are_scopes() {
        let catalogue = Catalogue::with([("shop:refund".to_owned(), "refund an order".to_owned())].into());
        assert!(catalogue.parse(["shop:refund", "workflow.read"]).is_ok());
        assert_eq!(catalogue.expand(&["shop:*".into()]).unwrap(), ["shop:refund"]);
        assert!(catalogue.expand(&["nothing:*".into()]).is_err());
        assert!(catalogue.parse(["shop:*"]).is_err());
    }
}
