//! Signing in with the system browser: authorization code with PKCE (RFC 8252, RFC 7636), state and issuer checked
//! (RFC 9207).
//!
//! The answer is waited for on a loopback address and a random port. Whatever else comes there (a favicon, a wrong
//! state, somebody's guess) is refused and the sign-in keeps waiting. The browser's page says what really happened,
//! because it is answered only after the exchange.

use std::time::Duration;

use contract::oauth::Metadata;
use url::Url;

use crate::address::Address;
use crate::oauth::{OAuth, Refusal};
use crate::session::Session;
use crate::sign_in::listener::{Answer, Listener};
use crate::vault::VaultError;
use crate::{ClientError, transport};

mod listener;

/// How long a sign-in may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The control plane could not be asked, or does not answer as one.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Its metadata cannot be used.
    #[error("the control plane's sign-in cannot be used: {0}")]
    Discovery(String),
    /// No loopback address can be listened on.
    #[error("this computer has no loopback address to wait on: {0}")]
    Listen(std::io::Error),
    /// The browser could not be opened.
    #[error("the browser could not be opened: {0}; open this address yourself: {1}")]
    Browser(String, String),
    /// The person said no at the control plane's page.
    #[error("the sign-in was refused at the control plane's page")]
    Denied,
    /// The control plane refused in another way.
    #[error("the control plane refused the sign-in: {0}")]
    Refused(String),
    /// Nobody came back from the browser.
    #[error("nobody came back from the browser within five minutes; start again")]
    TimedOut,
}

/// A sign-in that is done.
#[derive(Debug)]
pub struct SignedIn {
    /// Why the session ends with this process, if it does.
    pub not_kept: Option<VaultError>,
}

/// Signs in. `open` is given the address to open in the system browser, already checked to be `https` or loopback.
/// Dropping the future cancels the sign-in and closes the listener. `max_age` asks for a login that is at most so many
/// seconds old (RFC 9470).
pub async fn sign_in(
    address: &Address,
    session: &Session,
    max_age: Option<u32>,
    open: impl FnOnce(&Url) -> Result<(), String>,
) -> Result<SignedIn, SignInError> {
    let http = transport::client(None)?;
    let metadata = discover(&http, address).await?;
    let (authorize, token) = (endpoint(&metadata.authorization_endpoint)?, endpoint(&metadata.token_endpoint)?);
    let oauth = OAuth::new(http, &metadata.issuer, authorize, token);
    let listener = Listener::bind().await.map_err(SignInError::Listen)?;
    let redirect_uri = endpoint(&listener.redirect_uri())?;
    let attempt = oauth.attempt(&redirect_uri, max_age);
    open(&attempt.url).map_err(|why| SignInError::Browser(why, attempt.url.to_string()))?;

    let waiting = listener.wait(attempt.state.secret(), &metadata.issuer);
    let answer = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| SignInError::TimedOut)?;
    let (result, reply) = match answer {
        Answer::Code { code, reply } => {
            let result = match oauth.exchange(code, redirect_uri, attempt).await {
                Ok(tokens) => Ok(SignedIn { not_kept: session.begin(tokens).await.err() }),
                Err(Refusal::Refused(why)) => Err(SignInError::Refused(why)),
                Err(Refusal::Client(error)) => Err(error.into()),
            };
            (result, reply)
        }
        Answer::Error { error, reply } if error == "access_denied" => (Err(SignInError::Denied), reply),
        Answer::Error { error, reply } => (Err(SignInError::Refused(error)), reply),
    };
    let page = match &result {
        Ok(_) => listener::Page::SignedIn,
        Err(error) => listener::Page::Failed(error.to_string()),
    };
    reply.send(page).await;
    result
}

/// The authorization server's metadata (RFC 8414), checked: its issuer is the configured one, it offers S256 and gives
/// its name back, and every endpoint may be called.
async fn discover(http: &reqwest::Client, address: &Address) -> Result<Metadata, SignInError> {
    let issuer = address.issuer();
    let sent = http.get(address.at("/.well-known/oauth-authorization-server")).send().await;
    let response = sent.map_err(|error| transport::unreachable(&issuer, error))?;
    let metadata: Metadata = transport::read(&issuer, response).await?;
    if metadata.issuer != issuer {
        let why = format!("it calls itself `{}`, but `{issuer}` was asked", metadata.issuer);
        return Err(SignInError::Discovery(why));
    }
    if !metadata.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        return Err(SignInError::Discovery("it does not offer PKCE with S256".into()));
    }
    if !metadata.authorization_response_iss_parameter_supported {
        return Err(SignInError::Discovery("it does not name itself in its answer (RFC 9207)".into()));
    }
    Ok(metadata)
}

fn endpoint(text: &str) -> Result<Url, SignInError> {
    let url: Url = text.parse().map_err(|_| SignInError::Discovery(format!("`{text}` is not an address")))?;
    Address::check(&url).map_err(|error| SignInError::Discovery(error.to_string()))?;
    Ok(url)
}
