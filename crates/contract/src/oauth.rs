//! The OAuth surface: metadata, token request and response.

use serde::{Deserialize, Serialize};

/// The client id of the console and the CLI: public clients of the control plane itself.
pub const CONSOLE_CLIENT_ID: &str = "countersign-console";

/// The authentication context of a login with a password at the control plane's own page.
pub const ACR_PASSWORD: &str = "urn:countersign:acr:password";

/// Authorization server metadata (RFC 8414).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Metadata {
    /// The issuer, exactly as configured.
    pub issuer: String,
    /// Where a browser goes to sign in.
    pub authorization_endpoint: String,
    /// Where a code or refresh token is exchanged.
    pub token_endpoint: String,
    /// Where a token is ended (RFC 7009).
    pub revocation_endpoint: String,
    /// Who the token is.
    pub userinfo_endpoint: String,
    /// `code`.
    pub response_types_supported: Vec<String>,
    /// `authorization_code`, `refresh_token`.
    pub grant_types_supported: Vec<String>,
    /// `S256` and nothing else (RFC 7636).
    pub code_challenge_methods_supported: Vec<String>,
    /// `none`: public clients.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// The scope catalogue.
    pub scopes_supported: Vec<String>,
    /// `iss` comes with the code (RFC 9207).
    pub authorization_response_iss_parameter_supported: bool,
}

/// A successful token response (RFC 6749 §5.1).
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
pub struct TokenResponse {
    /// The access token.
    pub access_token: String,
    /// `Bearer`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u32,
    /// Good for one use.
    pub refresh_token: String,
    /// Space-separated.
    pub scope: String,
}

/// A refusal at the token endpoint (RFC 6749 §5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TokenError {
    /// `invalid_grant`, `invalid_client`, …
    pub error: String,
    /// For people.
    pub error_description: String,
}

/// An authorization request (RFC 6749 §4.1.1), and what the sign-in page adds to it. Other parameters are passed over
/// (§3.1): every login asks for the password, so `prompt=login` and `max_age` are met by any.
#[derive(Deserialize, schemars::JsonSchema)]
pub struct AuthorizeRequest {
    /// `code`.
    pub response_type: Option<String>,
    /// `countersign-console`.
    pub client_id: Option<String>,
    /// Where the client listens, on loopback.
    pub redirect_uri: Option<String>,
    /// RFC 7636.
    pub code_challenge: Option<String>,
    /// `S256`.
    pub code_challenge_method: Option<String>,
    /// Comes back as it was sent.
    pub state: Option<String>,
    /// Space-separated.
    pub scope: Option<String>,
    /// Who signs in: the page's own field.
    pub email: Option<String>,
    /// The password: the page's own field.
    pub password: Option<String>,
    /// Anything, if the person went back: the page's own field.
    pub cancel: Option<String>,
}

/// A token request (RFC 6749 §4.1.3 and §6).
#[derive(Deserialize, schemars::JsonSchema)]
pub struct TokenRequest {
    /// `authorization_code` or `refresh_token`.
    pub grant_type: Option<String>,
    /// The authorization code.
    pub code: Option<String>,
    /// RFC 7636.
    pub code_verifier: Option<String>,
    /// As in the authorization request.
    pub redirect_uri: Option<String>,
    /// The refresh token.
    pub refresh_token: Option<String>,
    /// `countersign-console`.
    pub client_id: Option<String>,
}

/// A revocation request (RFC 7009 §2.1).
#[derive(Deserialize, schemars::JsonSchema)]
pub struct RevokeRequest {
    /// The access or refresh token.
    pub token: String,
}
