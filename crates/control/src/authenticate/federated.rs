//! Whoever a trusted issuer says it is.
//!
//! The issuer says who and for what; this control plane decides what that means here: scopes that the catalogue has, and
//! the person with that verified e-mail address never counts for the caller's tickets. Such a caller never reviews.

use domain::principal::{FederatedName, Principal};
use domain::scope::Scopes;

use crate::authenticate::{Caller, Proof};
use crate::error::AuthenticationError;
use crate::jwt::Refusal;
use crate::{Control, Error};

impl Control {
    pub(super) fn federated(&self, token: &str) -> Result<Caller, Error> {
        let issuers = self.verifier().ok_or(AuthenticationError::Unknown)?;
        let verified = issuers.verify(token).map_err(refused)?;
        let name = FederatedName::new(&verified.issuer, &verified.subject).map_err(|_| AuthenticationError::Subject)?;
        let (catalogue, person) = self.read(|q| {
            let person = match &verified.email {
                Some(email) => store::users::by_email(q, &email.to_lowercase())?.map(|(user, _)| user.id),
                None => None,
            };
            Ok((crate::scopes::catalogue(q)?, person))
        })?;
        // Issuers list much that means nothing here, `openid` for example.
        let known = verified.scopes.iter().filter(|name| catalogue.has(name));
        let scopes = Scopes::parse(known).map_err(|_| AuthenticationError::Subject)?;
        Ok(Caller {
            email: verified.email.clone(),
            workspaces: verified.workspaces.clone(),
            scopes,
            never_counts: person.into_iter().collect(),
            token_id: Some(verified.token_id.clone()),
            expires_at: Some(verified.expires_at),
            ..Caller::program(Principal::Federated(name), Proof::Federated(verified.identity_type))
        })
    }
}

fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Expired => AuthenticationError::Expired.into(),
        Refusal::UnsupportedAlgorithm => AuthenticationError::Algorithm.into(),
        Refusal::InvalidAudience => AuthenticationError::Audience.into(),
        Refusal::InvalidIssuer => AuthenticationError::Issuer.into(),
        Refusal::UnknownKey | Refusal::Invalid => AuthenticationError::Unknown.into(),
        Refusal::NoWorkspace => AuthenticationError::Workspaces.into(),
        Refusal::KeyUnavailable => Error::KeyUnavailable,
    }
}
