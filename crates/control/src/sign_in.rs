//! Signing in by browser: authorization code with PKCE (RFC 6749, RFC 7636, RFC 8252, RFC 9207), opaque tokens.
//!
//! A code is good for one use within a minute; a refresh token for one use, and its reuse ends the session. Tokens are
//! stored as digests. Nobody is asked for a password anywhere but at this control plane's own page.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::account::User;
use domain::event::{Event, Kind};
use domain::id::SessionId;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use domain::{Digest, Instant};
use serde_json::json;
use store::Transaction;
use store::codes::AuthorizationCode;
use store::sessions::Session;

use crate::error::AuthenticationError;
use crate::password::Password;
use crate::{Control, Error};

pub use login::LoggedIn;
pub use request::{AuthorizationParameters, AuthorizationRequest, BadRequest};

mod login;
mod request;

/// How long a code may wait to be exchanged, in seconds.
const CODE_TTL: u32 = 60;
/// How long an access token lives, in seconds.
pub const ACCESS_TTL: u32 = 600;
/// How long a session lives at most, in seconds: 12 hours.
const SESSION_TTL: u32 = 12 * 3600;
/// The authentication context of a password at our own page.
pub(crate) const ACR: &str = "urn:countersign:acr:password";

/// Fresh tokens of a session.
#[derive(Debug)]
pub struct Tokens {
    /// For [`ACCESS_TTL`] seconds.
    pub access: Secret,
    /// For one use.
    pub refresh: Secret,
    /// What they reach.
    pub scopes: Scopes,
}

/// A person whose password fitted.
#[derive(Clone)]
pub(crate) struct Fit {
    user: User,
    hash: Option<String>,
}

impl Fit {
    /// The person as they are now, if they may still sign in with that password. Their row is written again: of a sign-in
    /// and a change of the password at once, one comes too late and looks anew.
    fn stands(&self, tx: &mut Transaction<'_>) -> Result<User, Error> {
        match store::users::by_email(tx, &self.user.email)? {
            Some((user, hash)) if user.id == self.user.id && user.active && hash == self.hash => {
                store::users::update(tx, &user)?;
                Ok(user)
            }
            _ => Err(AuthenticationError::Password.into()),
        }
    }
}

impl Control {
    /// Checks e-mail address and password and gives the authorization code. `None` if they do not fit; the refusal is
    /// recorded without what was typed.
    pub fn sign_in(
        &self,
        request: &AuthorizationRequest,
        email: &str,
        password: &Password,
        from: Option<IpAddr>,
    ) -> Result<Option<Secret>, Error> {
        let fit = self.check_password(email, password, from)?;
        fit.map(|fit| self.issue_code(request, fit, from)).transpose()
    }

    /// The person whose e-mail address and password these are, within the limits on failed attempts. `None` if they do not
    /// fit; the refusal is recorded without what was typed.
    pub(crate) fn check_password(
        &self,
        email: &str,
        password: &Password,
        from: Option<IpAddr>,
    ) -> Result<Option<Fit>, Error> {
        let email = email.trim().to_lowercase();
        let keys: Vec<_> = self.address_key(from).into_iter().chain(self.identity_keys(&email, from)).collect();
        let reserved = self.reserve(&keys)?;
        let verdict = self.read(|q| Ok(store::users::by_email(q, &email)?)).and_then(|known| {
            let stored = known.as_ref().and_then(|(_, hash)| hash.as_deref());
            self.inner.passwords.verify(password, stored).map(|fits| (known, fits))
        });
        match verdict {
            Ok((Some((user, hash)), true)) if user.active => {
                self.give_back(reserved)?;
                Ok(Some(Fit { user, hash }))
            }
            Ok((known, _)) => self.refuse_sign_in(known.map(|(user, _)| user), from).map(|()| None),
            // Nobody failed: too many were asking, or the store did not answer.
            Err(error) => {
                self.give_back(reserved)?;
                Err(error)
            }
        }
    }

    fn issue_code(&self, request: &AuthorizationRequest, fit: Fit, from: Option<IpAddr>) -> Result<Secret, Error> {
        let code = Secret::generate(SecretKind::AuthorizationCode, self.entropy());
        let (digest, request) = (code.digest(), request.clone());
        self.write(move |control, mut tx| {
            let (now, user) = (control.now(), fit.stands(&mut tx)?);
            let record = AuthorizationCode {
                digest,
                user: user.id,
                client_id: request.client_id.clone(),
                redirect_uri: request.redirect_uri.clone(),
                code_challenge: request.code_challenge.clone(),
                scopes: request
                    .scopes
                    .as_ref()
                    .map_or_else(|| user.scopes.clone(), |most| most.intersect(&user.scopes)),
                authenticated_at: now,
                acr: ACR.to_owned(),
                expires_at: now.plus(CODE_TTL),
                session: None,
            };
            store::codes::insert(&mut tx, &record)?;
            let principal = Principal::User(user.id);
            let data = json!({ "method": "password", "client_id": request.client_id, "address": from });
            Ok(tx.commit(Event::new(now, Kind::AuthenticationSucceeded).by(&principal).with(data))?)
        })?;
        Ok(code)
    }

    fn refuse_sign_in(&self, user: Option<User>, from: Option<IpAddr>) -> Result<(), Error> {
        self.write(move |control, tx| {
            let data = json!({ "method": "password", "address": from });
            let event = Event::new(control.now(), Kind::AuthenticationFailed).with(data);
            let event = match &user {
                Some(user) => event.by(&Principal::User(user.id)),
                None => event,
            };
            Ok(tx.commit(event)?)
        })
    }

    /// Exchanges a code for tokens (RFC 6749 §4.1.3). A second use ends the session that the first one began.
    pub fn exchange_code(
        &self,
        code: &str,
        verifier: &str,
        client_id: &str,
        redirect_uri: &str,
    ) -> Result<Tokens, Error> {
        let wrong = Error::InvalidGrant("the authorization code is not valid; sign in again");
        let Ok(code) = Secret::parse(code) else { return Err(wrong) };
        let digest = code.digest();
        let Some(record) = self.read(|q| Ok(store::codes::get(q, &digest)?))? else { return Err(wrong) };
        if let Some(session) = record.session {
            self.end_session(session, "its authorization code was used twice")?;
            return Err(wrong);
        }
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier));
        let verifier_fits = (43..=128).contains(&verifier.len()) && challenge == record.code_challenge;
        let fits = verifier_fits && record.client_id == client_id && record.redirect_uri == redirect_uri;
        if !fits || !self.now().is_before(record.expires_at) {
            return Err(wrong);
        }
        let tokens = self.fresh_tokens(record.scopes.clone());
        let (access, refresh) = (tokens.access.digest(), tokens.refresh.digest());
        self.write(move |control, mut tx| {
            let now = control.now();
            let session = Session {
                id: SessionId::new(control.ids()),
                user: record.user,
                client_id: record.client_id.clone(),
                created_at: now,
                authenticated_at: record.authenticated_at,
                acr: record.acr.clone(),
                scopes: record.scopes.clone(),
                expires_at: now.plus(SESSION_TTL),
                access_digest: access,
                access_expires_at: now.plus(ACCESS_TTL),
                refresh_digest: refresh,
                spent_refresh: None,
                ended_at: None,
            };
            if !store::codes::mark_used(&mut tx, &record.digest, session.id)? {
                return Err(Error::InvalidGrant("the authorization code is not valid; sign in again"));
            }
            store::sessions::insert(&mut tx, &session)?;
            let event = Event::new(now, Kind::SessionRefreshed).by(&Principal::User(session.user)).about(session.id);
            Ok(tx.commit(event.with(json!({ "grant_type": "authorization_code" })))?)
        })?;
        Ok(tokens)
    }

    /// Exchanges a refresh token for new tokens (RFC 6749 §6). Reuse of a spent one ends the session.
    pub fn refresh(&self, token: &str, client_id: &str) -> Result<Tokens, Error> {
        let wrong = Error::InvalidGrant("the refresh token is not valid; sign in again");
        let Ok(token) = Secret::parse(token) else { return Err(wrong) };
        let digest = token.digest();
        if let Some(session) = self.read(|q| Ok(store::sessions::by_spent_refresh(q, &digest)?))? {
            self.end_session(session.id, "its refresh token was used twice")?;
            return Err(wrong);
        }
        let found = self.read(|q| {
            let Some(session) = store::sessions::by_refresh(q, &digest)? else { return Ok(None) };
            Ok(store::users::get(q, session.user)?.map(|user| (session, user)))
        })?;
        let Some((session, user)) = found else { return Err(wrong) };
        let alive = session.ended_at.is_none() && self.now().is_before(session.expires_at) && user.active;
        if !alive || session.client_id != client_id {
            return Err(wrong);
        }
        let tokens = self.fresh_tokens(session.scopes.intersect(&user.scopes));
        let (access, refresh) = (tokens.access.digest(), tokens.refresh.digest());
        self.write(move |control, mut tx| {
            // Read again inside the transaction: of two refreshes with one token, one wins.
            let mut session = store::sessions::by_refresh(&mut tx, &digest)?
                .ok_or(Error::InvalidGrant("the refresh token was used meanwhile; sign in again"))?;
            let now = control.now();
            let user = store::users::get(&mut tx, session.user)?;
            if session.ended_at.is_some() || user.is_none_or(|user| !user.active) {
                return Err(Error::InvalidGrant("the session has ended; sign in again"));
            }
            session.spent_refresh = Some(session.refresh_digest);
            session.refresh_digest = refresh;
            session.access_digest = access;
            session.access_expires_at = earlier(now.plus(ACCESS_TTL), session.expires_at);
            store::sessions::update(&mut tx, &session)?;
            let event = Event::new(now, Kind::SessionRefreshed).by(&Principal::User(session.user)).about(session.id);
            Ok(tx.commit(event.with(json!({ "grant_type": "refresh_token" })))?)
        })?;
        Ok(tokens)
    }

    /// Ends the session that a token belongs to (RFC 7009). A token that is not known is no error.
    pub fn revoke_token(&self, token: &str) -> Result<(), Error> {
        let Ok(token) = Secret::parse(token) else { return Ok(()) };
        let digest = token.digest();
        let session = self.read(|q| {
            Ok(match token.kind() {
                SecretKind::AccessToken => store::sessions::by_access(q, &digest)?,
                SecretKind::RefreshToken => store::sessions::by_refresh(q, &digest)?,
                _ => None,
            })
        })?;
        session.map_or(Ok(()), |session| self.end_session(session.id, "signed out"))
    }

    fn end_session(&self, id: SessionId, why: &'static str) -> Result<(), Error> {
        self.write(move |control, mut tx| {
            let Some(mut session) = store::sessions::get(&mut tx, id)? else { return Ok(()) };
            if session.ended_at.is_some() {
                return Ok(());
            }
            let now = control.now();
            session.ended_at = Some(now);
            store::sessions::update(&mut tx, &session)?;
            let event = Event::new(now, Kind::SessionEnded).by(&Principal::User(session.user)).about(id);
            Ok(tx.commit(event.with(json!({ "reason": why })))?)
        })
    }

    fn fresh_tokens(&self, scopes: Scopes) -> Tokens {
        Tokens {
            access: Secret::generate(SecretKind::AccessToken, self.entropy()),
            refresh: Secret::generate(SecretKind::RefreshToken, self.entropy()),
            scopes,
        }
    }
}

fn sha256(text: &str) -> [u8; 32] {
    *Digest::of_content(text.as_bytes()).as_bytes()
}

fn earlier(a: Instant, b: Instant) -> Instant {
    if a.is_before(b) { a } else { b }
}
