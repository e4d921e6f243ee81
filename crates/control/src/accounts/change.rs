//! Changing a service account: replaced as a whole, ended and revived, trusting another.
//!
//! Nobody gives what they do not hold: what a change adds ([`ServiceAccount::gains`]) the caller must have. Taking away is
//! for whoever may change accounts at all. It takes effect at the next request, because rights are computed for each.

use domain::Instant;
use domain::account::{AccountName, ServiceAccount};
use domain::event::{Event, Kind};
use serde_json::json;
use store::{Query, Revised, Transaction};

use crate::accounts::{Known, MOST, facts, grantable, networks, words, workspaces};
use crate::authenticate::Caller;
use crate::{Control, Error};

/// The longest reason, in characters.
const REASON_MAX: usize = 500;

/// What an account is to be from now on.
#[derive(Clone, Debug, Default)]
pub struct Replaced {
    /// How people call it.
    pub title: String,
    /// What it is for.
    pub description: String,
    /// The team that answers for it; as it was, if absent.
    pub team: Option<String>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Where it may act; empty means everywhere.
    pub workspaces: Vec<String>,
    /// Where its credentials may be used from; empty means anywhere.
    pub networks: Vec<String>,
    /// Accounts that may act on what belongs to it.
    pub trusts: Vec<String>,
    /// When it ends.
    pub expires_at: Option<Instant>,
}

impl Control {
    /// Gives the account other fields. `expected` are the revisions that the caller may have read; absent means any.
    pub fn replace_account(
        &self,
        caller: &Caller,
        name: &str,
        new: Replaced,
        expected: Option<Vec<i64>>,
    ) -> Result<Known, Error> {
        self.change_account(caller, name, json!({}), move |control, tx, caller, old| {
            if expected.as_ref().is_some_and(|known| !known.contains(&old.revision)) {
                return Err(Error::Stale);
            }
            let old = &old.value;
            let scopes = control.wanted_scopes(tx, "scopes", &new.scopes)?;
            let past = |end: Instant| Some(end) != old.expires_at && !control.now().is_before(end);
            if new.expires_at.is_some_and(past) {
                return Err(Error::invalid("expires_at", "it lies in the past; disable the account to end it now"));
            }
            Ok(ServiceAccount {
                title: words("title", &new.title, 100)?,
                description: words("description", &new.description, 500)?,
                team: new.team.as_ref().map_or_else(|| Ok(old.team.clone()), |team| words("team", team, 100))?,
                scopes,
                workspaces: workspaces(caller, &new.workspaces)?,
                networks: networks(&new.networks)?,
                trusts: trusted(tx, old, &new.trusts)?,
                expires_at: new.expires_at,
                ..old.clone()
            })
        })
    }

    /// Ends the account's credentials at their next use, or lets them be used again.
    pub fn set_account_active(
        &self,
        caller: &Caller,
        name: &str,
        active: bool,
        reason: Option<&str>,
    ) -> Result<Known, Error> {
        let because = json!({ "reason": because(reason)? });
        self.change_account(caller, name, because, move |_, _, _, old| {
            Ok(ServiceAccount { active, ..old.value.clone() })
        })
    }

    /// Lets another account act on what belongs to this one, or no longer.
    pub fn set_trust(&self, caller: &Caller, name: &str, other: &str, trusts: bool) -> Result<Known, Error> {
        let other = other.to_owned();
        self.change_account(caller, name, json!({}), move |_, tx, _, old| {
            let mut names: Vec<_> = old.value.trusts.iter().map(ToString::to_string).collect();
            names.retain(|name| *name != other);
            if trusts {
                names.push(other.clone());
            }
            Ok(ServiceAccount { trusts: trusted(tx, &old.value, &names)?, ..old.value.clone() })
        })
    }

    /// Finds, changes and saves. What stays as it was leaves no entry.
    fn change_account(
        &self,
        caller: &Caller,
        name: &str,
        because: serde_json::Value,
        change: impl Fn(&Self, &mut Transaction<'_>, &Caller, &Revised<ServiceAccount>) -> Result<ServiceAccount, Error>
        + Send
        + 'static,
    ) -> Result<Known, Error> {
        caller.require("accounts:write")?;
        let (caller, name) = (caller.clone(), named(name)?);
        self.write(move |control, mut tx| {
            let old = store::accounts::revised(&mut tx, &name)?.ok_or_else(|| absent(&name))?;
            within_reach(&caller, &old.value)?;
            let next = change(control, &mut tx, &caller, &old)?;
            if next == old.value {
                return Known::read(&mut tx, &name);
            }
            let gains = old.value.gains(&next);
            let field = if next.scopes == old.value.scopes { "account" } else { "scopes" };
            grantable(field, &gains, &caller)?;
            store::accounts::update(&mut tx, &next)?;
            let known = Known::read(&mut tx, &name)?;
            let mut data = facts(&next);
            if let (Some(data), Some(because)) = (data.as_object_mut(), because.as_object()) {
                data.extend(because.clone());
            }
            tx.commit(Event::new(control.now(), Kind::AccountChanged).by(&caller.principal).about(&name).with(data))?;
            Ok(known)
        })
    }
}

/// A name in a path. One that cannot be a name is nobody's.
pub(super) fn named(text: &str) -> Result<AccountName, Error> {
    text.parse().map_err(|_| absent(text.chars().take(100).collect::<String>()))
}

pub(super) fn absent(name: impl std::fmt::Display) -> Error {
    Error::not_found(format_args!("service account `{name}`"))
}

/// Whoever is bound to workspaces changes only what is bound to them too.
fn within_reach(caller: &Caller, account: &ServiceAccount) -> Result<(), Error> {
    if !caller.workspaces.is_empty() && account.workspaces.is_empty() {
        return Err(Error::WorkspaceForbidden("*".into()));
    }
    account.workspaces.iter().try_for_each(|workspace| caller.require_workspace(workspace))
}

/// Accounts that there are, sorted, none twice, and not itself.
fn trusted(q: &mut dyn Query, account: &ServiceAccount, names: &[String]) -> Result<Vec<AccountName>, Error> {
    if names.len() > MOST {
        return Err(Error::invalid("trusts", format!("at most {MOST}")));
    }
    let mut all = Vec::new();
    for text in names {
        let name: AccountName = text.parse().map_err(|error| Error::invalid("trusts", error))?;
        if name == account.name {
            return Err(Error::invalid("trusts", "an account need not trust itself"));
        }
        if !account.trusts.contains(&name) && store::accounts::get(q, &name)?.is_none() {
            return Err(Error::invalid("trusts", format!("there is no service account `{name}`")));
        }
        all.push(name);
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// A reason as it is kept.
pub(crate) fn because(reason: Option<&str>) -> Result<Option<String>, Error> {
    let reason = reason.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    match &reason {
        Some(text) if text.chars().count() > REASON_MAX => {
            Err(Error::invalid("reason", format!("at most {REASON_MAX} characters")))
        }
        _ => Ok(reason),
    }
}
