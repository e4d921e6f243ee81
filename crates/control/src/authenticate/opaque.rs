//! Credentials and sessions of this control plane, found by the digest of what was presented.

use std::net::IpAddr;

use domain::credential::{Credential, CredentialRefusal, Holder};
use domain::principal::Principal;
use domain::secret::Secret;
use store::sessions::Session;
use store::{Reader, StoreError};

use crate::authenticate::{Caller, Proof};
use crate::error::AuthenticationError;
use crate::{Control, Error};

impl Control {
    pub(super) fn credential(&self, secret: &Secret, from: Option<IpAddr>) -> Result<Caller, Error> {
        let now = self.now();
        let digest = secret.digest();
        let caller = self.holder_of(from, |q| store::credentials::by_digest(q, &digest))?;
        if let Proof::Credential(id) = caller.proof {
            self.inner.bell.used(id, now);
        }
        Ok(caller)
    }

    /// The holder of a credential that was found, if it may be used now and from there.
    pub(crate) fn holder_of(
        &self,
        from: Option<IpAddr>,
        find: impl FnOnce(&mut Reader<'_>) -> Result<Option<Credential>, StoreError>,
    ) -> Result<Caller, Error> {
        let now = self.now();
        let unknown = || Error::from(AuthenticationError::Unknown);
        self.read(|q| {
            let credential = find(q)?.ok_or_else(unknown)?;
            let proof = Proof::Credential(credential.id);
            let refused = |refusal| Error::CredentialRefused(credential.id, refused(refusal));
            let mut caller = match &credential.holder {
                Principal::ServiceAccount(name) => {
                    let account = store::accounts::get(q, name)?.ok_or_else(unknown)?;
                    let reach = credential.reach(Holder::Account(&account), now, from).map_err(refused)?;
                    Caller {
                        teams: vec![account.team],
                        owner: account.owner,
                        never_counts: account.owner.into_iter().collect(),
                        scopes: reach.scopes,
                        workspaces: reach.workspaces,
                        networks: reach.networks,
                        ..Caller::program(credential.holder.clone(), proof)
                    }
                }
                Principal::User(id) => {
                    let user = store::users::get(q, *id)?.ok_or_else(unknown)?;
                    let reach = credential.reach(Holder::User(&user), now, from).map_err(refused)?;
                    Caller {
                        name: user.name,
                        email: Some(user.email),
                        teams: user.teams,
                        never_counts: vec![user.id],
                        scopes: reach.scopes,
                        workspaces: reach.workspaces,
                        networks: reach.networks,
                        ..Caller::program(credential.holder.clone(), proof)
                    }
                }
                Principal::Federated(_) => return Err(unknown()),
            };
            caller.never_counts.extend(credential.created_by);
            caller.never_counts.extend(&credential.never_counts);
            caller.never_counts.sort_unstable();
            caller.never_counts.dedup();
            caller.expires_at = Some(credential.expires_at);
            Ok(caller)
        })
    }

    pub(super) fn session(&self, secret: &Secret) -> Result<Caller, Error> {
        let digest = secret.digest();
        self.person_of(|q| store::sessions::by_access(q, &digest))
    }

    /// The person of a session that was found, if it still stands. It ends with its current access token.
    pub(crate) fn person_of(
        &self,
        find: impl FnOnce(&mut Reader<'_>) -> Result<Option<Session>, StoreError>,
    ) -> Result<Caller, Error> {
        let now = self.now();
        let (session, user) = self.read(|q| {
            let session = find(q)?.ok_or(AuthenticationError::Unknown)?;
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
        let steps_up = session.acr == crate::sign_in::ACR;
        let proof = Proof::Session { id: session.id, authenticated_at: session.authenticated_at, steps_up };
        Ok(Caller {
            name: user.name,
            email: Some(user.email),
            teams: user.teams,
            scopes: session.scopes.intersect(&user.scopes),
            never_counts: vec![user.id],
            expires_at: Some(session.access_expires_at),
            ..Caller::program(Principal::User(user.id), proof)
        })
    }
}

const fn refused(refusal: CredentialRefusal) -> AuthenticationError {
    match refusal {
        CredentialRefusal::Revoked => AuthenticationError::Revoked,
        CredentialRefusal::Expired => AuthenticationError::Expired,
        CredentialRefusal::Rotated => AuthenticationError::Rotated,
        CredentialRefusal::HolderDisabled => AuthenticationError::Disabled,
        CredentialRefusal::Network => AuthenticationError::Network,
        CredentialRefusal::Workspaces => AuthenticationError::Workspaces,
    }
}
