//! Policies and their schema as text: what is edited, stored, published and digested.

use domain::Digest;
use domain::digest::Purpose;
use serde::{Deserialize, Serialize};

/// The text of a policy set, of the schema that it is checked against, and of what it must keep, all in Cedar's own syntax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicySource {
    /// Entity types, actions and context.
    pub schema: String,
    /// The policies.
    pub policies: String,
    /// Forbids that whatever the policies allow must respect; part of the digest only if there are any, so that sets without
    /// them keep the digest that they always had.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub invariants: String,
}

impl PolicySource {
    /// A set that promises nothing of itself.
    #[must_use]
    pub const fn new(schema: String, policies: String) -> Self {
        Self { schema, policies, invariants: String::new() }
    }

    /// The set that comes with the product.
    #[must_use]
    pub fn shipped() -> Self {
        Self {
            schema: include_str!("../shipped/schema.cedarschema").to_owned(),
            policies: include_str!("../shipped/policies.cedar").to_owned(),
            invariants: include_str!("../shipped/invariants.cedar").to_owned(),
        }
    }

    /// What decisions, reviews and evidence name this exact text by.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of_canonical(Purpose::PolicySet, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_of_all_texts_and_of_nothing_else() {
        let source =
            PolicySource { schema: "entity User;".to_owned(), policies: String::new(), invariants: String::new() };
        let known = "sha256:05e2ef49d9467f9ce13bd07e84eca47c2f6e4ccc1196b7de263cd70d5af43fbe";
        assert_eq!(source.digest().to_string(), known);
        assert_ne!(PolicySource { policies: " ".to_owned(), ..source.clone() }.digest(), source.digest());
        assert_ne!(PolicySource { schema: "entity Team;".to_owned(), ..source.clone() }.digest(), source.digest());
        assert_ne!(PolicySource { invariants: " ".to_owned(), ..source.clone() }.digest(), source.digest());
    }
}
