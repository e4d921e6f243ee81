//! What a caller proves itself with. The access token lives in memory; the refresh token in the vault.

use std::sync::Arc;

use domain::{Clock, Instant};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::oauth::{OAuth, Refusal, Tokens};
use crate::transport;
use crate::vault::{Slot, Vault};
use crate::{ClientError, VaultError};

/// Where a bearer token comes from.
#[derive(Clone)]
pub enum Credentials {
    /// A service token, as it was given.
    ServiceToken(Arc<Zeroizing<String>>),
    /// A person's session.
    Session(Arc<Session>),
}

/// A person's session with one control plane.
pub struct Session {
    address: Address,
    http: reqwest::Client,
    oauth: OAuth,
    vault: Vault,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    access: Option<Access>,
    refresh: Option<Zeroizing<String>>,
}

struct Access {
    token: Zeroizing<String>,
    expires_at: Instant,
}

/// How long before its end an access token is exchanged, in seconds.
const MARGIN: u32 = 30;

impl Session {
    /// A session that nobody has begun. If the vault has a refresh token, the first call uses it.
    pub fn new(address: Address, vault: Vault, clock: Arc<dyn Clock>) -> Result<Self, ClientError> {
        let http = transport::client(None)?;
        let endpoint = |name| address.at(&format!("/api/v1/oauth/{name}"));
        let oauth = OAuth::new(http.clone(), &address.issuer(), endpoint("authorize"), endpoint("token"));
        Ok(Self { address, http, oauth, vault, clock, state: Mutex::default() })
    }

    /// Whether there is something to go on with, here or in the vault.
    pub async fn is_known(&self) -> bool {
        let mut state = self.state.lock().await;
        self.load(&mut state).await.is_ok() && (state.access.is_some() || state.refresh.is_some())
    }

    /// Takes the tokens of a sign-in, and ends the session before it there. Tells if they could not be kept beyond this
    /// process.
    pub(crate) async fn begin(&self, tokens: Tokens) -> Result<(), VaultError> {
        let mut state = self.state.lock().await;
        drop(self.load(&mut state).await);
        let before = state.refresh.take();
        let kept = self.take(&mut state, tokens).await;
        if let Some(before) = before {
            // If the control plane does not answer now, the old session ends by its own clock.
            drop(self.revoke(&before).await);
        }
        kept
    }

    /// A token that is good for now; exchanges the refresh token if it must.
    pub(crate) async fn bearer(&self, refused: Option<&str>) -> Result<Zeroizing<String>, ClientError> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        if let Some(access) = &state.access
            && now.is_before(access.expires_at)
            && refused != Some(access.token.as_str())
        {
            return Ok(access.token.clone());
        }
        self.load(&mut state).await.map_err(|error| ClientError::SignedOut(error.to_string()))?;
        let Some(refresh) = state.refresh.clone() else {
            return Err(ClientError::SignedOut("nobody is signed in".into()));
        };
        let tokens = self.exchange(&refresh).await;
        if let Err(ClientError::SignedOut(_)) = &tokens {
            self.forget(&mut state).await;
        }
        // A token that could not be kept still works until this process ends; the vault tells why when it is asked.
        drop(self.take(&mut state, tokens?).await);
        let access = state.access.as_ref().ok_or_else(|| ClientError::SignedOut("nobody is signed in".into()))?;
        Ok(access.token.clone())
    }

    /// Ends the session there and here. What is here is gone even if the control plane does not answer.
    pub async fn end(&self) -> Result<(), ClientError> {
        let mut state = self.state.lock().await;
        drop(self.load(&mut state).await);
        let token = state.refresh.take();
        self.forget(&mut state).await;
        match token {
            Some(token) => self.revoke(&token).await,
            None => Ok(()),
        }
    }

    async fn revoke(&self, token: &str) -> Result<(), ClientError> {
        let form = [("token", token)];
        let sent = self.http.post(self.address.at("/api/v1/oauth/revoke")).form(&form).send().await;
        let response = sent.map_err(|error| transport::unreachable(&self.address.issuer(), error))?;
        if response.status().is_success() {
            return Ok(());
        }
        transport::read::<serde_json::Value>(&self.address.issuer(), response).await.map(drop)
    }

    async fn load(&self, state: &mut State) -> Result<(), VaultError> {
        if state.refresh.is_none() {
            state.refresh = self.vault.get(Slot::RefreshToken(self.address.issuer())).await?;
        }
        Ok(())
    }

    async fn take(&self, state: &mut State, tokens: Tokens) -> Result<(), VaultError> {
        let expires_at = self.clock.now().plus(tokens.lifetime_seconds.saturating_sub(MARGIN));
        state.access = Some(Access { token: tokens.access, expires_at });
        state.refresh = Some(tokens.refresh.clone());
        self.vault.set(Slot::RefreshToken(self.address.issuer()), tokens.refresh).await
    }

    async fn forget(&self, state: &mut State) {
        *state = State::default();
        // If the keyring does not answer, the control plane has ended the token all the same.
        drop(self.vault.delete(Slot::RefreshToken(self.address.issuer())).await);
    }

    async fn exchange(&self, refresh: &str) -> Result<Tokens, ClientError> {
        self.oauth.refresh(refresh).await.map_err(|refusal| match refusal {
            Refusal::Refused(why) => ClientError::SignedOut(why),
            Refusal::Client(error) => error,
        })
    }
}
