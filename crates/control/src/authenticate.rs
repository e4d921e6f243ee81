//! Who calls. A [`Caller`] can only be made here, from a credential that verified, so no use case can run for someone
//! who was not authenticated.
//!
//! One credential decides: what is presented is taken for what it is spelled like, and if it does not hold, nothing else
//! is tried. Rights are computed anew for each request: the credential's and its holder's current ones, together.

mod federated;
mod opaque;
mod throttle;

use std::net::IpAddr;

use domain::Instant;
use domain::account::AccountName;
use domain::event::{Event, Kind};
use domain::id::{CredentialId, SessionId, UserId};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{BadSecret, Secret, SecretKind};
use serde_json::json;
use zeroize::Zeroizing;

use crate::config::AuthMode;
use crate::error::AuthenticationError;
use crate::jwt::{IdentityType, Verifier};
use crate::once::Once;
use crate::{Control, Error};

pub(crate) use throttle::Throttled;

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
    /// The workspaces they may act in; empty means all.
    pub workspaces: Vec<String>,
    /// The networks they may come from; empty means any.
    pub networks: Vec<Network>,
    /// The person it belongs to, if it is a service account of one.
    pub owner: Option<UserId>,
    /// What this credential reaches, now.
    pub scopes: Scopes,
    /// People who never count for this caller's tickets.
    pub never_counts: Vec<UserId>,
    /// What they proved themselves with.
    pub proof: Proof,
    /// The id of a token that was made elsewhere, in its issuer's words.
    pub token_id: Option<String>,
    /// When that ends by itself, if it does.
    pub expires_at: Option<Instant>,
    /// Where the request came from, if it came over a network.
    pub address: Option<IpAddr>,
    /// That what they ask for now is not to be done twice, if they said so.
    pub once: Option<Once>,
}

/// How old a login may be for a fresh secret to be shown, in seconds.
const FRESH: u32 = 300;

/// What a caller proved itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A person's session.
    Session {
        /// Which.
        id: SessionId,
        /// When the person last authenticated.
        authenticated_at: Instant,
        /// Whether they did so at our own page: otherwise it never stands for a fresh login.
        steps_up: bool,
    },
    /// A service token or an API key.
    Credential(CredentialId),
    /// A token of an issuer that is trusted to say who it is, and what kind of caller.
    Federated(IdentityType),
    /// The token from the environment.
    Bootstrap,
    /// Nothing, where nothing is asked for.
    Nothing,
}

/// A credential as it came with a request.
pub struct Presented {
    /// How it came.
    pub scheme: Scheme,
    /// Its text.
    pub token: Zeroizing<String>,
}

/// How a credential came with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `Authorization: Bearer` (RFC 6750 §2.1): whatever there is.
    Bearer,
    /// `Authorization: ServiceAccount`: a credential of a service account.
    ServiceAccount,
    /// `X-API-Key`: a service token or an API key.
    ApiKey,
    /// `?ticket=` of an event stream: a one-time ticket.
    StreamTicket,
}

impl Presented {
    /// As it comes in most requests.
    #[must_use]
    pub fn bearer(token: &str) -> Self {
        Self { scheme: Scheme::Bearer, token: token.to_owned().into() }
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Presented({:?})", self.scheme)
    }
}

impl Caller {
    /// A program with nothing but a name.
    pub(crate) fn program(principal: Principal, proof: Proof) -> Self {
        let name = match &principal {
            Principal::User(id) => id.to_string(),
            Principal::ServiceAccount(name) => name.to_string(),
            Principal::Federated(name) => name.to_string(),
        };
        Self {
            principal,
            name,
            email: None,
            teams: Vec::new(),
            workspaces: Vec::new(),
            networks: Vec::new(),
            owner: None,
            scopes: Scopes::default(),
            never_counts: Vec::new(),
            proof,
            token_id: None,
            expires_at: None,
            address: None,
            once: None,
        }
    }

    /// Refuses if the scope is missing.
    pub fn require(&self, scope: &'static str) -> Result<(), Error> {
        match self.proof {
            _ if self.scopes.contains(scope) => Ok(()),
            Proof::Nothing => Err(AuthenticationError::Required.into()),
            _ => Err(Error::MissingScope(scope)),
        }
    }

    /// The person, or a refusal: service accounts and agents can never do this.
    pub fn person(&self) -> Result<UserId, Error> {
        self.principal
            .user()
            .ok_or_else(|| Error::NotEligible("only people review; service accounts and agents never do".into()))
    }

    /// The person, signed in by browser, or a refusal: no credential that a program holds does this.
    pub fn signed_in(&self) -> Result<UserId, Error> {
        match self.proof {
            Proof::Session { .. } => self.person(),
            _ => Err(Error::NotEligible("only a person who is signed in does this, not a program".into())),
        }
    }

    /// Refuses to show a fresh secret in a session whose login is older than [`FRESH`] seconds. A program's credential is
    /// no login, and what it may give is bounded by what it holds.
    pub(crate) fn fresh(&self, now: Instant) -> Result<(), Error> {
        match self.proof {
            Proof::Session { authenticated_at, .. } if !now.is_before(authenticated_at.plus(FRESH)) => {
                Err(Error::StepUp { max_age: FRESH })
            }
            _ => Ok(()),
        }
    }

    /// Refuses a person of whom nobody here could tell whether they approve what they asked for themselves.
    pub(crate) fn is_somebody(&self) -> Result<(), Error> {
        match self.proof {
            Proof::Federated(IdentityType::User) if self.never_counts.is_empty() => Err(Error::NotEligible(
                "the token is a person's and does not say, with a verified e-mail address, which of those here that is: \
                 their own approval could not be told from another person's; ask with a service account's credential"
                    .into(),
            )),
            _ => Ok(()),
        }
    }

    /// Refuses if the person's login is older than `max_age` seconds (RFC 9470).
    pub fn stepped_up(&self, max_age: u32, now: Instant) -> Result<(), Error> {
        match self.proof {
            Proof::Session { authenticated_at, steps_up: true, .. }
                if now.is_before(authenticated_at.plus(max_age)) =>
            {
                Ok(())
            }
            _ => Err(Error::StepUp { max_age }),
        }
    }

    /// Refuses unless the caller may act in the workspace.
    pub fn require_workspace(&self, workspace: &str) -> Result<(), Error> {
        if self.workspaces.is_empty() || self.workspaces.iter().any(|name| name == workspace) {
            Ok(())
        } else {
            Err(Error::WorkspaceForbidden(workspace.chars().take(100).collect()))
        }
    }
}

impl Control {
    /// Finds out who presents this from there, within the limits on failed attempts. A refusal is recorded.
    pub fn admit(&self, presented: Option<&Presented>, from: Option<IpAddr>) -> Result<Caller, Error> {
        let known = match presented {
            None => self.anonymous(),
            Some(presented) => self.within_limits(presented, from),
        };
        let caller = known.map(|caller| Caller { address: from, ..caller })?;
        self.note_place(&caller);
        Ok(caller)
    }

    /// Refuses, and records it, if the caller lacks a scope.
    pub fn require_scope(&self, caller: &Caller, scope: &'static str) -> Result<(), Error> {
        let refused = caller.require(scope);
        if matches!(refused, Err(Error::MissingScope(_))) {
            self.record_violation(caller, Some(scope), None)?;
        }
        refused
    }

    /// Records that the caller was refused for want of a scope or a workspace.
    pub fn record_violation(&self, caller: &Caller, scope: Option<&str>, workspace: Option<&str>) -> Result<(), Error> {
        let data = json!({ "scope": scope, "workspace": workspace, "address": caller.address });
        let principal = caller.principal.clone();
        self.write(move |control, tx| {
            let event = Event::new(control.now(), Kind::AuthorizationRefused).by(&principal);
            Ok(tx.commit(event.with(data.clone()))?)
        })
    }

    /// Whether callers must be authenticated: always, or because there is something to authenticate with.
    pub fn enforces_authentication(&self) -> Result<bool, Error> {
        match self.config().auth.mode {
            AuthMode::Disabled => Ok(false),
            AuthMode::Required => Ok(true),
            AuthMode::Optional => {
                let configured = self.config().auth.bootstrap.is_some() || self.verifier().is_some();
                Ok(configured || self.has_credentials()?)
            }
        }
    }

    /// Whoever comes without a credential, where that is allowed.
    pub(crate) fn anonymous(&self) -> Result<Caller, Error> {
        if self.enforces_authentication()? {
            return Err(AuthenticationError::Missing.into());
        }
        let name = AccountName::reserved("anonymous");
        let caller = Caller::program(Principal::ServiceAccount(name), Proof::Nothing);
        let scopes = if self.config().auth.mode == AuthMode::Disabled { Scopes::all() } else { Scopes::default() };
        Ok(Caller { scopes, ..caller })
    }

    fn has_credentials(&self) -> Result<bool, Error> {
        self.read(|q| Ok(store::users::count(q)? > 0 || store::credentials::any(q)?))
    }

    /// What is presented, taken for what it is spelled like.
    fn identify(&self, presented: &Presented, from: Option<IpAddr>) -> Result<Caller, Error> {
        let caller = match Secret::parse(&presented.token) {
            Ok(secret) => match (secret.kind(), presented.scheme) {
                (SecretKind::StreamTicket, Scheme::StreamTicket) => self.redeem_stream_ticket(&secret, from)?,
                (_, Scheme::StreamTicket) => return Err(AuthenticationError::WrongKind.into()),
                (SecretKind::ServiceToken | SecretKind::ApiKey, _) => self.credential(&secret, from)?,
                (SecretKind::AccessToken, Scheme::Bearer) => self.session(&secret)?,
                _ => return Err(AuthenticationError::WrongKind.into()),
            },
            Err(BadSecret::Damaged) => return Err(AuthenticationError::Damaged.into()),
            Err(BadSecret::NotOurs) if presented.scheme == Scheme::StreamTicket => {
                return Err(AuthenticationError::Unknown.into());
            }
            Err(BadSecret::NotOurs) if Verifier::takes(&presented.token) => self.federated(&presented.token)?,
            Err(BadSecret::NotOurs) => match self.bootstrap(&presented.token) {
                Some(known) => {
                    let caller = Caller { address: from, ..known? };
                    self.record_bootstrap(&caller)?;
                    caller
                }
                None => return Err(AuthenticationError::Unknown.into()),
            },
        };
        let fits = presented.scheme != Scheme::ServiceAccount || caller.principal.user().is_none();
        if fits { Ok(caller) } else { Err(AuthenticationError::WrongKind.into()) }
    }
}
