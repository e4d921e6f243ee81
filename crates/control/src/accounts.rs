//! Service accounts: who they are, where they may act, and from where.

use domain::Instant;
use domain::account::{AccountName, ServiceAccount};
use domain::credential::Credential;
use domain::event::{Event, Kind};
use domain::network::Network;
use domain::scope::Scopes;
use serde_json::json;
use store::Transaction;
use store::credentials::Filter;

use crate::authenticate::Caller;
use crate::{Control, Error};

/// The most workspaces, networks or trusted accounts that one account or credential has.
const MOST: usize = 100;

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

impl Control {
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

    /// Makes a service account. It has no credential yet.
    pub fn create_account(&self, caller: &Caller, new: NewAccount) -> Result<ServiceAccount, Error> {
        caller.require("accounts:write")?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            if let Some(name) = caller.repeats(&mut tx)? {
                let known = name.parse().map_or(Ok(None), |name| store::accounts::get(&mut tx, &name))?;
                return known.ok_or_else(|| Error::not_found(format_args!("service account `{name}` any more")));
            }
            let scopes = control.wanted_scopes(&mut tx, "scopes", &new.scopes)?;
            let account = control.fresh_account(&caller, &new, scopes)?;
            let event = add(&mut tx, control.now(), &caller, &account)?;
            caller.remember(control, &mut tx, account.name.as_str())?;
            tx.commit(event)?;
            Ok(account)
        })
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
        if new.title.chars().count() > 100 || new.description.chars().count() > 500 {
            return Err(Error::invalid("description", "a name has at most 100 characters, a description 500"));
        }
        grantable("scopes", &scopes, caller)?;
        if new.expires_at.is_some_and(|end| !self.now().is_before(end)) {
            return Err(Error::invalid("expires_at", "it lies in the past"));
        }
        let team = new.team.clone().or_else(|| caller.teams.first().cloned()).unwrap_or_else(|| "unassigned".into());
        Ok(ServiceAccount {
            name,
            title: new.title.trim().to_owned(),
            description: new.description.trim().to_owned(),
            team,
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

/// Nobody grants what they do not hold.
pub(crate) fn grantable(field: &'static str, scopes: &Scopes, caller: &Caller) -> Result<(), Error> {
    match scopes.beyond(&caller.scopes) {
        Some(beyond) => Err(Error::invalid(field, format!("you do not hold `{beyond}`, so you cannot give it"))),
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
