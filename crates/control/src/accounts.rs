//! Service accounts: who they are, where they may act, and from where.

mod change;

use domain::Instant;
use domain::account::{AccountName, ServiceAccount};
use domain::credential::{Credential, CredentialKind};
use domain::event::{Event, Kind};
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use serde_json::json;
use store::credentials::Filter;
use store::{Query, Transaction};

use crate::authenticate::Caller;
use crate::credentials::{ForWhom, Lifetime, NewCredential};
use crate::{Control, Error};

pub use change::Replaced;
pub(crate) use change::because;

/// The most workspaces, networks or trusted accounts that one account or credential has.
pub(crate) const MOST: usize = 100;

/// An account to be made.
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// Its name; made from `title`, if absent.
    pub name: Option<String>,
    /// How people call it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The team that answers for it; the caller's first, if absent.
    pub team: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Where it may act; empty means everywhere.
    pub workspaces: Vec<String>,
    /// Where its credentials may be used from; empty means anywhere.
    pub networks: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Instant>,
}

/// An account as it is known: with its credentials, newest first, and its revision.
#[derive(Clone, Debug)]
pub struct Known {
    /// The account.
    pub account: ServiceAccount,
    /// Its credentials.
    pub credentials: Vec<Credential>,
    /// How often it was changed, plus one.
    pub revision: i64,
}

impl Known {
    fn read(q: &mut dyn Query, name: &AccountName) -> Result<Self, Error> {
        let known = store::accounts::revised(q, name)?.ok_or_else(|| change::absent(name))?;
        let held = Filter { holder: Some(Principal::ServiceAccount(name.clone())), ..Filter::default() };
        let credentials = store::credentials::list(q, &held)?;
        Ok(Self { account: known.value, credentials, revision: known.revision })
    }
}

impl Control {
    /// One service account.
    pub fn account(&self, caller: &Caller, name: &str) -> Result<Known, Error> {
        caller.require("accounts:read")?;
        let name = change::named(name)?;
        self.read(|q| Known::read(q, &name))
    }

    /// Every service account with its credentials.
    pub fn accounts(&self, caller: &Caller) -> Result<Vec<(ServiceAccount, Vec<Credential>)>, Error> {
        caller.require("accounts:read")?;
        self.read(|q| {
            let credentials = store::credentials::list(q, &Filter::default())?;
            let of = |account: &ServiceAccount| {
                let held = |credential: &&Credential| credential.holder.account() == Some(&account.name);
                credentials.iter().filter(held).cloned().collect()
            };
            Ok(store::accounts::list(q)?.into_iter().map(|account| (account.clone(), of(&account))).collect())
        })
    }

    /// Makes a service account, and with it, if `key` says so, an API key that reaches all that the account does. The
    /// secret is in what this returns and nowhere else.
    pub fn create_account(
        &self,
        caller: &Caller,
        new: NewAccount,
        key: bool,
    ) -> Result<(Known, Option<Secret>), Error> {
        caller.require("accounts:write")?;
        if key {
            caller.require("admin:tokens:write")?;
            caller.fresh(self.now())?;
        }
        let secret = key.then(|| Secret::generate(SecretKind::ApiKey, self.entropy()));
        let (digest, caller) = (secret.as_ref().map(Secret::digest), caller.clone());
        let known = self.write(move |control, mut tx| {
            if digest.is_some() {
                caller.refuse_repeat(&mut tx, "rotate its key")?;
            } else if let Some(name) = caller.repeats(&mut tx)? {
                return Known::read(&mut tx, &change::named(&name)?);
            }
            let scopes = control.wanted_scopes(&mut tx, "scopes", &new.scopes)?;
            let account = control.fresh_account(&caller, &new, scopes)?;
            let mut events = vec![add(&mut tx, control.now(), &caller, &account)?];
            if let Some(digest) = &digest {
                let (credential, more) = control.fresh(&mut tx, &caller, &control.first_key(&account))?;
                store::credentials::insert(&mut tx, &credential, digest)?;
                events.extend(more);
            }
            let known = Known::read(&mut tx, &account.name)?;
            caller.remember(control, &mut tx, account.name.as_str())?;
            tx.commit_all(events)?;
            Ok(known)
        })?;
        Ok((known, secret))
    }

    /// A key that lives as long as its account, if that is not longer than keys live.
    fn first_key(&self, account: &ServiceAccount) -> NewCredential {
        let most = self.config().tokens.max_lifetime;
        let lifetime = match account.expires_at {
            Some(end) if end.seconds_since(self.now()) <= most => Lifetime::Until(end),
            Some(_) => Lifetime::Seconds(most),
            None => Lifetime::Default,
        };
        NewCredential {
            kind: CredentialKind::ApiKey,
            holder: ForWhom::Account(account.name.to_string()),
            identifier: None,
            label: "first key".into(),
            scopes: None,
            workspaces: account.workspaces.clone(),
            networks: Vec::new(),
            lifetime,
        }
    }

    /// The record, its fields checked against what the caller holds.
    pub(crate) fn fresh_account(
        &self,
        caller: &Caller,
        new: &NewAccount,
        scopes: Scopes,
    ) -> Result<ServiceAccount, Error> {
        let name = match &new.name {
            Some(name) => name.parse::<AccountName>().map_err(|error| Error::invalid("name", error))?,
            None => named_after(&new.title).map_err(|error| Error::invalid("name", error))?,
        };
        if name.is_reserved() {
            return Err(Error::invalid("name", format!("`{name}` is reserved; take another one")));
        }
        let (title, description) = (words("name", &new.title, 100)?, words("description", &new.description, 500)?);
        grantable("scopes", &scopes, caller)?;
        if new.expires_at.is_some_and(|end| !self.now().is_before(end)) {
            return Err(Error::invalid("expires_at", "it lies in the past"));
        }
        let team = new.team.clone().or_else(|| caller.teams.first().cloned()).unwrap_or_else(|| "unassigned".into());
        Ok(ServiceAccount {
            name,
            title,
            description,
            team: words("team", &team, 100)?,
            owner: None,
            scopes,
            workspaces: workspaces(caller, &new.workspaces)?,
            networks: networks(&new.networks)?,
            trusts: Vec::new(),
            expires_at: new.expires_at,
            active: true,
            sample: false,
            created_at: self.now(),
        })
    }
}

/// Adds an account; the entry is for the caller to commit.
pub(crate) fn add(
    tx: &mut Transaction<'_>,
    now: Instant,
    caller: &Caller,
    account: &ServiceAccount,
) -> Result<Event, Error> {
    if store::accounts::get(tx, &account.name)?.is_some() {
        return Err(Error::Conflict(format!("there is a service account `{}` already", account.name)));
    }
    store::accounts::insert(tx, account)?;
    let event = Event::new(now, Kind::AccountCreated).by(&caller.principal).about(&account.name);
    Ok(event.with(facts(account)))
}

/// What an entry says of an account.
pub(crate) fn facts(account: &ServiceAccount) -> serde_json::Value {
    json!({
        "title": account.title,
        "team": account.team,
        "scopes": account.scopes,
        "workspaces": account.workspaces,
        "networks": account.networks,
        "trusts": account.trusts,
        "expires_at": account.expires_at,
        "active": account.active,
    })
}

/// Text for people, of so many characters at most.
fn words(field: &'static str, text: &str, most: usize) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Error::invalid(field, format!("one line of at most {most} characters")));
    }
    Ok(text.to_owned())
}

/// Nobody grants what they do not hold.
pub(crate) fn grantable(field: &'static str, scopes: &Scopes, caller: &Caller) -> Result<(), Error> {
    match scopes.beyond(&caller.scopes) {
        Some(beyond) => Err(Error::NotHeld { field, scope: beyond.to_string() }),
        None => Ok(()),
    }
}

/// Workspaces as they are kept: sorted, plain, and none beyond the caller's.
pub(crate) fn workspaces(caller: &Caller, names: &[String]) -> Result<Vec<String>, Error> {
    let mut all = names.to_vec();
    all.sort_unstable();
    all.dedup();
    let plain = |name: &String| {
        (1..=100).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    if all.len() > MOST || !all.iter().all(plain) {
        return Err(Error::invalid("workspaces", format!("at most {MOST} names of letters, digits, `.`, `_` and `-`")));
    }
    if !caller.workspaces.is_empty() && (all.is_empty() || all.iter().any(|name| !caller.workspaces.contains(name))) {
        let own = caller.workspaces.join(", ");
        return Err(Error::invalid("workspaces", format!("name some of those that you may act in: {own}")));
    }
    Ok(all)
}

/// Networks as they are kept.
pub(crate) fn networks(texts: &[String]) -> Result<Vec<Network>, Error> {
    if texts.len() > MOST {
        return Err(Error::invalid("networks", format!("at most {MOST}")));
    }
    let mut all = texts
        .iter()
        .map(|text| text.trim().parse().map_err(|error| Error::invalid("networks", error)))
        .collect::<Result<Vec<Network>, _>>()?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// A name out of free text: lower case, with hyphens for all else.
pub(crate) fn named_after(text: &str) -> Result<AccountName, domain::account::BadAccountName> {
    let plain: String =
        text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let parts: Vec<_> = plain.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-").chars().take(63).collect::<String>().trim_end_matches('-').parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_out_of_free_text() {
        assert_eq!(named_after("CI/CD Pipeline").unwrap().as_str(), "ci-cd-pipeline");
        assert_eq!(named_after("My_Token.1").unwrap().as_str(), "my-token-1");
        assert!(named_after("…").is_err());
        assert!(named_after(&"a-".repeat(60)).is_ok());
    }
}
