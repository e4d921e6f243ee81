//! The `oauth2` crate on our transport: the one place that knows its types.

use std::future::Future;

use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, TokenResponse as _, TokenUrl,
};
use url::Url;
use zeroize::Zeroizing;

use crate::{ClientError, transport};

/// How long an access token lives if the server does not say, in seconds.
const DEFAULT_LIFETIME: u32 = 300;

/// The token endpoint of one control plane, for the console's public client.
pub(crate) struct OAuth {
    http: reqwest::Client,
    issuer: String,
    client: BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
}

/// Fresh tokens.
pub(crate) struct Tokens {
    pub(crate) access: Zeroizing<String>,
    pub(crate) refresh: Zeroizing<String>,
    pub(crate) lifetime_seconds: u32,
}

/// What must be kept between the request and the answer.
pub(crate) struct Attempt {
    pub(crate) url: Url,
    pub(crate) state: CsrfToken,
    verifier: PkceCodeVerifier,
}

/// Why there are no tokens.
pub(crate) enum Refusal {
    /// The server refused (RFC 6749 §5.2), in its words.
    Refused(String),
    /// Something else.
    Client(ClientError),
}

impl OAuth {
    pub(crate) fn new(http: reqwest::Client, issuer: &str, authorize: Url, token: Url) -> Self {
        let client = BasicClient::new(ClientId::new(contract::oauth::CONSOLE_CLIENT_ID.to_owned()))
            .set_auth_uri(AuthUrl::from_url(authorize))
            .set_token_uri(TokenUrl::from_url(token));
        Self { http, issuer: issuer.to_owned(), client }
    }

    /// An authorization request with fresh state and verifier (RFC 7636 §4.1, S256).
    pub(crate) fn attempt(&self, redirect_uri: &Url, max_age: Option<u32>) -> Attempt {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = self
            .client
            .authorize_url(|| CsrfToken::new_random_len(32))
            .set_redirect_uri(std::borrow::Cow::Owned(RedirectUrl::from_url(redirect_uri.clone())))
            .set_pkce_challenge(challenge);
        if let Some(max_age) = max_age {
            request = request.add_extra_param("prompt", "login").add_extra_param("max_age", max_age.to_string());
        }
        let (url, state) = request.url();
        Attempt { url, state, verifier }
    }

    /// Exchanges the code (RFC 6749 §4.1.3).
    pub(crate) async fn exchange(&self, code: String, redirect_uri: Url, attempt: Attempt) -> Result<Tokens, Refusal> {
        let http = |request| self.send(request);
        let response = self
            .client
            .exchange_code(AuthorizationCode::new(code))
            .set_redirect_uri(std::borrow::Cow::Owned(RedirectUrl::from_url(redirect_uri)))
            .set_pkce_verifier(attempt.verifier)
            .request_async(&http)
            .await;
        self.tokens(response)
    }

    /// Exchanges a refresh token (RFC 6749 §6).
    pub(crate) async fn refresh(&self, refresh: &str) -> Result<Tokens, Refusal> {
        let http = |request| self.send(request);
        let token = RefreshToken::new(refresh.to_owned());
        self.tokens(self.client.exchange_refresh_token(&token).request_async(&http).await)
    }

    fn send(&self, request: HttpRequest) -> impl Future<Output = Result<HttpResponse, ClientError>> + use<> {
        let (http, issuer) = (self.http.clone(), self.issuer.clone());
        async move {
            let (parts, body) = request.into_parts();
            let call = http.request(parts.method, parts.uri.to_string()).headers(parts.headers).body(body);
            let response = call.send().await.map_err(|error| transport::unreachable(&issuer, error))?;
            let mut answer = HttpResponse::new(Vec::new());
            *answer.status_mut() = response.status();
            *answer.headers_mut() = response.headers().clone();
            *answer.body_mut() = transport::body(&issuer, response).await?;
            Ok(answer)
        }
    }

    fn tokens(
        &self,
        response: Result<BasicTokenResponse, RequestTokenError<ClientError, BasicErrorResponse>>,
    ) -> Result<Tokens, Refusal> {
        let unexpected = |why: String| {
            let address = self.issuer.clone();
            Refusal::Client(ClientError::Unexpected { address, status: None, why, retry_after: None })
        };
        let response = response.map_err(|error| match error {
            RequestTokenError::ServerResponse(refused) => {
                let why = refused.error_description().cloned().unwrap_or_else(|| refused.error().to_string());
                Refusal::Refused(why)
            }
            RequestTokenError::Request(error) => Refusal::Client(error),
            RequestTokenError::Parse(error, _) => unexpected(format!("the token response cannot be read: {error}")),
            RequestTokenError::Other(why) => unexpected(why),
        })?;
        let refresh = response.refresh_token().ok_or_else(|| unexpected("there is no refresh token".into()))?;
        let lifetime = response.expires_in().and_then(|lifetime| u32::try_from(lifetime.as_secs()).ok());
        Ok(Tokens {
            access: Zeroizing::new(response.access_token().secret().clone()),
            refresh: Zeroizing::new(refresh.secret().clone()),
            lifetime_seconds: lifetime.unwrap_or(DEFAULT_LIFETIME),
        })
    }
}
