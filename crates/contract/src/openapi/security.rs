//! How a caller proves who it is, as the document says it.

use domain::scope::CATALOGUE;
use serde_json::{Map, Value, json};

use crate::route::Access;

/// The schemes, by name.
pub(super) fn schemes() -> Value {
    let scopes: Map<_, _> = CATALOGUE.iter().map(|scope| (scope.name.to_owned(), scope.sentence.into())).collect();
    json!({
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token of a person's session, a service token, or an API key (RFC 6750 §2.1).",
        },
        "serviceAccount": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "A credential of a service account: `Authorization: ServiceAccount TOKEN`.",
        },
        "apiKey": { "type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key or a service token." },
        "oauth2": {
            "type": "oauth2",
            "description": "A person's sign-in, in the browser, with PKCE (RFC 7636).",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/api/v1/oauth/authorize",
                    "tokenUrl": "/api/v1/oauth/token",
                    "refreshUrl": "/api/v1/oauth/token",
                    "scopes": scopes,
                },
            },
        },
    })
}

/// What one operation asks for: any one of the schemes, or nothing.
pub(super) fn of(access: Access) -> Value {
    let scopes: Vec<&str> = match access {
        Access::Public => return json!([]),
        Access::Authenticated => Vec::new(),
        Access::Scope(scope) => vec![scope],
    };
    json!([{ "bearer": [] }, { "serviceAccount": [] }, { "apiKey": [] }, { "oauth2": scopes }])
}
