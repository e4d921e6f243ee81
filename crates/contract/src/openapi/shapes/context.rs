//! `/api/v1/auth/login`, `/api/v1/auth/test`, `/api/v1/auth/validate`, `/api/v1/auth/permissions`.

use serde_json::json;

use super::sample::{ACCOUNT, CREDENTIAL, LATER};
use crate::Code;
use crate::context::{AuthContext, LoggedIn, Login, Permissions, Validity};
use crate::openapi::shape::Shape;

pub(super) fn login() -> Shape {
    Shape::json::<LoggedIn>(json!({
        "access_token": "cs_at_example",
        "token_type": "Bearer",
        "expires_in": 600,
        "scope": "approvals:read audit:read",
    }))
    .body::<Login>(json!({ "email": "ada@example.com", "password": "correct horse battery staple" }))
    .problems(&[Code::NotFound, Code::InvalidCredentials, Code::RateLimitedAddress, Code::RateLimitedIdentity])
}

pub(super) fn test() -> Shape {
    Shape::json::<AuthContext>(json!({
        "authenticated": true,
        "subject": ACCOUNT,
        "identity_type": "service",
        "scopes": ["pipelines:execute"],
        "workspace_ids": ["billing"],
        "token_id": CREDENTIAL,
        "expires_at": LATER,
    }))
}

pub(super) fn validate() -> Shape {
    Shape::json::<Validity>(json!({ "valid": true, "subject": ACCOUNT, "expires_at": LATER }))
}

pub(super) fn permissions() -> Shape {
    let permission = json!({
        "name": "pipelines:execute",
        "aliases": ["workflows:execute", "workflow.execute"],
        "description": "start pipelines",
    });
    Shape::json::<Permissions>(json!({ "permissions": [permission] }))
}
