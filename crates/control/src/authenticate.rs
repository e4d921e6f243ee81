//! Who calls. A [`Caller`] can only be made here, from a credential that verified, so no use case can run for someone
//! who was not authenticated.
//!
//! Rights are computed anew for each request: the credential's scopes and its owner's current scopes, together.

use domain::Instant;
use domain::account::CredentialRefusal;
use domain::event::{Event, Kind};
use domain::id::{CredentialId, SessionId, UserId};
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{BadSecret, Secret, SecretKind};
use serde_json::json;

use crate::error::AuthenticationError;
use crate::{Control, Error};

/// An authenticated principal with what it may do now.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub principal: Principal,
    /// What they are called.
    pub name: String,
    /// Their e-mail address, if a person.
    pub email: Option<String>,
    /// Their teams.
    pub teams: Vec<String>,
    /// The workspaces they may act in.
    pub workspaces: Vec<String>,
    /// What this credential reaches, now.
    pub scopes: Scopes,
    /// People who never count for this caller's tickets.
    pub never_counts: Vec<UserId>,
    /// What they proved themselves with.
    pub proof: Proof,
}

/// What a caller proved itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A person's session.
    Session {
        /// Which.
        id: SessionId,
        /// When the person last authenticated.
        authenticated_at: Instant,
    },
    /// A service token.
    Credential(CredentialId),
}

impl Caller {
    /// Refuses if the scope is missing.
    pub fn require(&self, scope: &'static str) -> Result<(), Error> {
        if self.scopes.contains(scope) { Ok(()) } else { Err(Error::MissingScope(scope)) }
    }

    /// The person, or a refusal: service accounts and agents can never do this.
    pub fn person(&self) -> Result<UserId, Error> {
        self.principal
            .user()
            .ok_or_else(|| Error::NotEligible("only people review; service accounts and agents never do".into()))
    }

    /// Refuses if the person's login is older than `max_age` seconds (RFC 9470).
    pub fn stepped_up(&self, max_age: u32, now: Instant) -> Result<(), Error> {
        match self.proof {
            Proof::Session { authenticated_at, .. } if now.is_before(authenticated_at.plus(max_age)) => Ok(()),
            _ => Err(Error::StepUp { max_age }),
        }
    }
}

impl Control {
    /// Finds out who presents this token. A refusal is recorded.
    pub fn authenticate(&self, token: &str) -> Result<Caller, Error> {
        let known = match Secret::parse(token) {
            Ok(secret) => self.look_up(&secret),
            Err(BadSecret::Damaged) => Err(AuthenticationError::Damaged.into()),
            Err(BadSecret::NotOurs) => Err(AuthenticationError::Unknown.into()),
        };
        if let Err(Error::Authentication(refusal)) = &known {
            self.record_refusal(*refusal)?;
        }
        known
    }

    /// Refuses, and records it, if the caller lacks a scope.
    pub fn require_scope(&self, caller: &Caller, scope: &'static str) -> Result<(), Error> {
        let refused = caller.require(scope);
        if refused.is_err() {
            let principal = caller.principal.clone();
            self.write(move |control, tx| {
                let event = Event::new(control.now(), Kind::AuthorizationRefused).by(&principal);
                Ok(tx.commit(event.with(json!({ "scope": scope })))?)
            })?;
        }
        refused
    }

    fn record_refusal(&self, refusal: AuthenticationError) -> Result<(), Error> {
        self.write(move |control, tx| {
            let data = json!({ "reason": refusal.to_string() });
            Ok(tx.commit(Event::new(control.now(), Kind::AuthenticationFailed).with(data))?)
        })
    }

    fn look_up(&self, secret: &Secret) -> Result<Caller, Error> {
        match secret.kind() {
            SecretKind::ServiceToken => self.service_account(secret),
            SecretKind::AccessToken => self.session(secret),
            _ => Err(AuthenticationError::Unknown.into()),
        }
    }

    fn service_account(&self, secret: &Secret) -> Result<Caller, Error> {
        let now = self.now();
        let (credential, account) = self.read(|q| {
            let credential = store::credentials::by_digest(q, &secret.digest())?.ok_or(AuthenticationError::Unknown)?;
            let account = store::accounts::get(q, &credential.account)?.ok_or(AuthenticationError::Unknown)?;
            Ok((credential, account))
        })?;
        let scopes = credential.effective_scopes(&account, now).map_err(|refusal| match refusal {
            CredentialRefusal::Revoked => AuthenticationError::Revoked,
            CredentialRefusal::Expired => AuthenticationError::Expired,
            CredentialRefusal::AccountDisabled => AuthenticationError::Disabled,
        })?;
        self.inner.bell.used(credential.id, now);
        let never_counts = [account.owner, credential.created_by].into_iter().flatten().collect();
        Ok(Caller {
            name: account.name.to_string(),
            principal: Principal::ServiceAccount(account.name),
            email: None,
            teams: vec![account.team],
            workspaces: account.workspaces,
            scopes,
            never_counts,
            proof: Proof::Credential(credential.id),
        })
    }

    fn session(&self, secret: &Secret) -> Result<Caller, Error> {
        let now = self.now();
        let (session, user) = self.read(|q| {
            let session = store::sessions::by_access(q, &secret.digest())?.ok_or(AuthenticationError::Unknown)?;
            let user = store::users::get(q, session.user)?.ok_or(AuthenticationError::Unknown)?;
            Ok((session, user))
        })?;
        if session.ended_at.is_some() {
            return Err(AuthenticationError::Revoked.into());
        }
        if !now.is_before(session.access_expires_at) || !now.is_before(session.expires_at) {
            return Err(AuthenticationError::Expired.into());
        }
        if !user.active {
            return Err(AuthenticationError::Disabled.into());
        }
        Ok(Caller {
            principal: Principal::User(user.id),
            name: user.name,
            email: Some(user.email),
            teams: user.teams,
            workspaces: Vec::new(),
            scopes: session.scopes.intersect(&user.scopes),
            never_counts: vec![user.id],
            proof: Proof::Session { id: session.id, authenticated_at: session.authenticated_at },
        })
    }
}
