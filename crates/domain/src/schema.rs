//! JSON Schema of the values that travel as one text: what the API's description says of them.
//!
//! Invariant: whatever the type writes fits the pattern. Where a pattern cannot say all that the type asks, the
//! description says the rest. Types with fields derive their schema instead.

/// Gives a type that travels as text its schema: a pattern, an example, and what it is.
macro_rules! text {
    ($type:ident, $pattern:expr, $example:expr, $description:expr) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $description,
                    "examples": [$example],
                })
            }
        }
    };
}

pub(crate) use text;

use crate::account::AccountName;
use crate::binding::{Nonce, Resources};
use crate::digest::Digest;
use crate::key::KeyId;
use crate::network::Network;
use crate::pipeline::PipelineName;
use crate::principal::Principal;
use crate::scope::Scopes;
use crate::time::Instant;

text!(
    AccountName,
    "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    "billing-ci",
    "The permanent name of a service account: 1 to 63 lower-case letters, digits and inner hyphens."
);
text!(
    Digest,
    "^sha256:[0-9a-f]{64}$",
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "A SHA-256 digest: `sha256:` and 64 lower-case hexadecimal digits."
);
text!(
    Instant,
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
    "2026-11-22T05:00:00.000Z",
    "A point in time, UTC, in milliseconds (RFC 3339)."
);
text!(
    KeyId,
    "^[A-Za-z0-9_-]{43}$",
    "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
    "The id of a key: its SHA-256 thumbprint in base64url (RFC 7638)."
);
text!(
    Nonce,
    "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    "256 random bits, chosen by the control plane: base64url without padding."
);
text!(
    Principal,
    "^(user:usr_[0-7][0-9A-HJKMNP-TV-Z]{25}|service_account:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(/[!-~]{1,255})?)$",
    "service_account:billing-ci",
    "Who acts: a person, a service account, or (with a slash) whoever a trusted issuer says it is."
);

text!(
    PipelineName,
    r"^[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*$",
    "billing/nightly",
    "The name of a pipeline, as resources have it after `pipeline:`."
);
text!(Network, "^[0-9a-f:.]{2,45}(/[0-9]{1,3})?$", "10.0.0.0/8", "A network in CIDR form, or a single address.");

impl schemars::JsonSchema for Scopes {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Scopes".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "description": "Names of the scope catalogue, or aliases of them: `GET /api/v1/scopes` lists them.",
            "items": { "type": "string", "pattern": "^[a-z0-9:._-]{1,64}$" },
            "maxItems": 100,
        })
    }
}

impl schemars::JsonSchema for Resources {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Resources".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "array",
            "description": "Resources as `kind:name`, in printable ASCII, each at most 512 bytes.",
            "items": { "type": "string", "pattern": "^[a-z_]+:[!-~]+$", "maxLength": 512 },
            "minItems": 1,
            "maxItems": 1000,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example<T: schemars::JsonSchema + serde::de::DeserializeOwned + serde::Serialize>() {
        let schema = schemars::SchemaGenerator::default().into_root_schema_for::<T>();
        let example = schema.get("examples").unwrap()[0].clone();
        let value: T = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(&value).unwrap(), example);
    }

    #[test]
    fn every_example_is_read_and_written_back_as_it_stands() {
        example::<AccountName>();
        example::<Digest>();
        example::<Instant>();
        example::<KeyId>();
        example::<Network>();
        example::<Nonce>();
        example::<PipelineName>();
        example::<Principal>();
        example::<crate::id::TicketId>();
    }
}
