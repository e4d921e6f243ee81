//! Service tokens: made once, shown once, ended at once.

use domain::account::{AccountName, Credential};
use domain::event::{Event, Kind};
use domain::id::CredentialId;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use serde_json::json;
use store::Transaction;

use crate::authenticate::Caller;
use crate::{Control, Error};

/// How long a token lives unless it is said, in seconds: 30 days.
const DEFAULT_TTL: u32 = 30 * 24 * 3600;
/// The longest that may be said: a year.
const MAX_TTL: u32 = 366 * 24 * 3600;

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// For which account.
    pub account: String,
    /// What for.
    pub label: String,
    /// What it reaches; all that the account has, if absent.
    pub scopes: Option<Vec<String>>,
    /// How long it lives, in seconds.
    pub expires_in_seconds: Option<u32>,
}

impl Control {
    /// Makes a service token. The secret is in what this returns and nowhere else.
    pub fn create_token(&self, caller: &Caller, token: NewToken) -> Result<(Secret, Credential), Error> {
        caller.require("admin:tokens:write")?;
        let name: AccountName = token.account.parse().map_err(|error| Error::invalid("account", error))?;
        let ttl = token.expires_in_seconds.unwrap_or(DEFAULT_TTL);
        if !(60..=MAX_TTL).contains(&ttl) {
            return Err(Error::invalid("expires_in_seconds", format!("60 to {MAX_TTL}")));
        }
        if token.label.trim().is_empty() || token.label.chars().count() > 100 {
            return Err(Error::invalid("label", "say what it is for in 1 to 100 characters"));
        }
        let wanted = token.scopes.as_ref().map(Scopes::parse).transpose();
        let wanted = wanted.map_err(|error| Error::invalid("scopes", error))?;
        let secret = Secret::generate(SecretKind::ServiceToken, self.entropy());
        let (digest, caller) = (secret.digest(), caller.clone());
        let credential = self.write(move |control, mut tx| {
            let account = store::accounts::get(&mut tx, &name)?
                .ok_or_else(|| Error::not_found(format_args!("service account `{name}`")))?;
            let scopes = wanted.clone().unwrap_or_else(|| account.scopes.clone());
            if let Some(beyond) = scopes.beyond(&account.scopes) {
                return Err(Error::invalid("scopes", format!("the account `{name}` does not have `{beyond}`")));
            }
            if let Some(beyond) = scopes.beyond(&caller.scopes) {
                return Err(Error::invalid("scopes", format!("you do not hold `{beyond}`, so you cannot give it")));
            }
            let now = control.now();
            let credential = Credential {
                id: CredentialId::new(control.ids()),
                account: account.name,
                label: token.label.trim().to_owned(),
                scopes,
                created_by: caller.principal.user(),
                created_at: now,
                expires_at: now.plus(ttl),
                revoked_at: None,
                last_used_at: None,
            };
            store::credentials::insert(&mut tx, &credential, &digest)?;
            tx.commit(created(&credential).by(&caller.principal))?;
            Ok(credential)
        })?;
        Ok((secret, credential))
    }

    /// Ends a service token now. Ending it again changes nothing.
    pub fn revoke_token_of_account(&self, caller: &Caller, id: CredentialId) -> Result<(), Error> {
        caller.require("admin:tokens:write")?;
        let principal = caller.principal.clone();
        self.write(move |control, mut tx: Transaction<'_>| {
            let mut credential = store::credentials::get(&mut tx, id)?
                .ok_or_else(|| Error::not_found(format_args!("service token {id}")))?;
            if credential.revoked_at.is_some() {
                return Ok(());
            }
            credential.revoked_at = Some(control.now());
            store::credentials::update(&mut tx, &credential)?;
            let event = Event::new(control.now(), Kind::CredentialRevoked).by(&principal).about(id);
            Ok(tx.commit(event.with(json!({ "account": credential.account })))?)
        })
    }
}

/// The entry for a new credential: everything but its secret.
pub(crate) fn created(credential: &Credential) -> Event {
    Event::new(credential.created_at, Kind::CredentialCreated).about(credential.id).with(json!({
        "account": credential.account,
        "label": credential.label,
        "scopes": credential.scopes,
        "expires_at": credential.expires_at,
    }))
}
