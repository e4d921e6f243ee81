//! Service tokens as the Orcheo CLI and its SDK know them: `/api/admin/service-tokens`.
//!
//! Names, order and form of every field are Orcheo's, for its clients work here unchanged; docs/ORCHEO.md says what
//! differs. Unknown fields of requests are passed over, as there. Beside `FreshSecret`, [`ServiceToken`] is the one type
//! that carries a fresh secret.

use domain::Instant;
use domain::scope::Scopes;
use serde::{Deserialize, Serialize, Serializer};

/// Where these routes begin. Whatever is refused below it is refused in the form of this module.
pub const PREFIX: &str = "/api/admin/";
/// The code of a service token that is not there.
pub const NOT_FOUND: &str = "token.not_found";

/// A service token. Every field is always there.
#[derive(Clone, Default, Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoServiceToken")]
pub struct ServiceToken {
    /// The name that it is managed by.
    pub identifier: String,
    /// The secret, when it is made and never again.
    pub secret: Option<String>,
    /// What it reaches, sorted.
    pub scopes: Scopes,
    /// Where it may act, sorted; empty means everywhere.
    pub workspace_ids: Vec<String>,
    /// When it was made.
    pub issued_at: Option<Micros>,
    /// Until when it works.
    pub expires_at: Option<Micros>,
    /// When it was last used; seconds behind.
    pub last_used_at: Option<Micros>,
    /// How often it was used; seconds behind.
    pub use_count: u64,
    /// When it was ended.
    pub revoked_at: Option<Micros>,
    /// Why.
    pub revocation_reason: Option<String>,
    /// The name of the one that replaces it.
    pub rotated_to: Option<String>,
    /// What to do with the secret, or what became of the old one.
    pub message: Option<String>,
}

impl ServiceToken {
    /// The credential, without its secret. `successor` is the name of the one that replaces it.
    #[must_use]
    pub fn of(known: domain::credential::Credential, successor: Option<String>) -> Self {
        Self {
            identifier: known.identifier,
            secret: None,
            scopes: known.scopes,
            workspace_ids: known.workspaces,
            issued_at: Some(Micros(known.created_at)),
            expires_at: Some(Micros(known.expires_at)),
            last_used_at: known.last_used_at.map(Micros),
            use_count: known.use_count,
            revoked_at: known.revoked_at.map(Micros),
            revocation_reason: known.revocation_reason,
            rotated_to: successor,
            message: None,
        }
    }
}

impl std::fmt::Debug for ServiceToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServiceToken({})", self.identifier)
    }
}

/// The service tokens that work, newest first.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoServiceTokens")]
pub struct ServiceTokens {
    /// All of them.
    pub tokens: Vec<ServiceToken>,
    /// How many.
    pub total: usize,
}

/// `POST /api/admin/service-tokens`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoCreateServiceToken")]
#[serde(default)]
pub struct CreateServiceToken {
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What it reaches; nothing, if absent.
    #[schemars(with = "Option<Scopes>")]
    pub scopes: Option<Vec<String>>,
    /// Where it may act; everywhere that its maker may, if empty.
    pub workspace_ids: Option<Vec<String>>,
    /// How long it lives, in seconds; as long as the operator set, if absent.
    #[schemars(with = "Option<u32>")]
    pub expires_in_seconds: Option<i64>,
}

/// `POST /api/admin/service-tokens/{id}/rotate`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoRotateServiceToken")]
#[serde(default)]
pub struct RotateServiceToken {
    /// How long the old one goes on, in seconds; 300, if absent; 0 ends it at once.
    #[schemars(with = "Option<u32>")]
    pub overlap_seconds: Option<i64>,
    /// How long the new one lives, in seconds; as long as the old one would have, if absent.
    #[schemars(with = "Option<u32>")]
    pub expires_in_seconds: Option<i64>,
}

/// `DELETE /api/admin/service-tokens/{id}`.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoRevokeServiceToken")]
pub struct RevokeServiceToken {
    /// Why.
    #[schemars(length(min = 1, max = 500))]
    pub reason: String,
}

/// A refusal.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoRefusal")]
pub struct Refusal {
    /// Why.
    pub detail: Reason,
}

/// Why it was refused.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoReason")]
pub struct Reason {
    /// In words, Orcheo's where it has some.
    pub message: String,
    /// The stable code.
    pub code: String,
}

/// A value of the request cannot be used.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoInvalid")]
pub struct Invalid {
    /// Each value.
    pub detail: Vec<Misfit>,
    /// The same in one sentence: the CLI prints it.
    pub message: String,
}

/// One value that cannot be used.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(rename = "OrcheoMisfit")]
pub struct Misfit {
    /// The stable code of what is wrong.
    pub r#type: String,
    /// Where it stands: `body`, then the field.
    pub loc: Vec<String>,
    /// What is wrong.
    pub msg: String,
    /// Always null: what came is not sent back.
    pub input: (),
}

/// An instant with six digits after the second, as Python writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Micros(pub Instant);

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let millis = self.0.to_string();
        serializer.collect_str(&format_args!("{}000Z", millis.trim_end_matches('Z')))
    }
}

impl schemars::JsonSchema for Micros {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OrcheoInstant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_there_in_orcheos_order_and_times_have_microseconds() {
        let at = Instant::from_millis(1_700_000_000_120);
        let token = ServiceToken { identifier: "my-ci-token".into(), issued_at: Some(Micros(at)), ..<_>::default() };
        let text = serde_json::to_string(&token).unwrap();
        assert_eq!(
            text,
            "{\"identifier\":\"my-ci-token\",\"secret\":null,\"scopes\":[],\"workspace_ids\":[],\
             \"issued_at\":\"2023-11-14T22:13:20.120000Z\",\"expires_at\":null,\"last_used_at\":null,\"use_count\":0,\
             \"revoked_at\":null,\"revocation_reason\":null,\"rotated_to\":null,\"message\":null}"
        );
    }

    #[test]
    fn a_secret_is_not_in_the_debug_form() {
        let token = ServiceToken { secret: Some("hunter2".into()), ..ServiceToken::default() };
        assert!(!format!("{token:?}").contains("hunter2"));
    }
}
