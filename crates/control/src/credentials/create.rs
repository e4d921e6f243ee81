//! Making a credential.

use domain::Instant;
use domain::account::{AccountName, ServiceAccount};
use domain::credential::{Credential, CredentialKind};
use domain::event::Event;
use domain::id::CredentialId;
use domain::network::Network;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use store::{Query, Transaction};

use crate::accounts::{NewAccount, grantable, named_after, networks, workspaces};
use crate::authenticate::Caller;
use crate::credentials::created;
use crate::{Control, Error};

/// A credential to be made.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its kind.
    pub kind: CredentialKind,
    /// Whose it will be.
    pub holder: ForWhom,
    /// The name to manage it by; drawn, if absent.
    pub identifier: Option<String>,
    /// What for, one line.
    pub label: String,
    /// What it reaches; all that its holder has, if absent.
    pub scopes: Option<Vec<String>>,
    /// Where it may act; wherever its holder may, if empty.
    pub workspaces: Vec<String>,
    /// Where it may be used from; anywhere its holder may be, if empty.
    pub networks: Vec<String>,
    /// How long it lives.
    pub lifetime: Lifetime,
}

/// Whose a new credential will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ForWhom {
    /// A service account that there is.
    Account(String),
    /// A service account of its own, made with it.
    OwnAccount,
    /// The caller.
    Caller,
}

/// How long a new credential lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as the operator set.
    #[default]
    Default,
    /// So many seconds.
    Seconds(u32),
    /// Until then.
    Until(Instant),
}

impl Lifetime {
    /// Seconds, or the default.
    #[must_use]
    pub fn seconds(seconds: Option<u32>) -> Self {
        seconds.map_or(Self::Default, Self::Seconds)
    }
}

/// Whoever is bound to networks gives nobody a secret that works beyond them.
pub(super) fn within_networks(q: &mut dyn Query, caller: &Caller, credential: &Credential) -> Result<(), Error> {
    if caller.networks.is_empty() {
        return Ok(());
    }
    let account = match credential.holder.account() {
        Some(name) if credential.networks.is_empty() => store::accounts::get(q, name)?,
        _ => None,
    };
    let networks = account.map_or_else(|| credential.networks.clone(), |account| account.networks);
    let covered = |network| caller.networks.iter().any(|own: &Network| own.covers(network));
    if !networks.is_empty() && networks.iter().all(covered) {
        return Ok(());
    }
    let own = caller.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Error::invalid("networks", format!("name some within those that you may come from: {own}")))
}

impl Control {
    /// Makes a credential. The secret is in what this returns and nowhere else.
    pub fn create_credential(&self, caller: &Caller, new: NewCredential) -> Result<(Secret, Credential), Error> {
        match new.holder {
            ForWhom::Caller => drop(caller.signed_in()?),
            ForWhom::Account(_) | ForWhom::OwnAccount => caller.require("admin:tokens:write")?,
        }
        caller.fresh(self.now())?;
        if new.label.chars().count() > 100 {
            return Err(Error::invalid("label", "say what it is for in at most 100 characters"));
        }
        let secret = Secret::generate(secret_kind(new.kind), self.entropy());
        let (digest, caller) = (secret.digest(), caller.clone());
        let credential = self.write(move |control, mut tx| {
            caller.refuse_repeat(&mut tx, "rotate it, or revoke it and make another one")?;
            let (credential, events) = control.fresh(&mut tx, &caller, &new)?;
            store::credentials::insert(&mut tx, &credential, &digest)?;
            caller.remember(control, &mut tx, &credential.id.to_string())?;
            tx.commit_all(events)?;
            Ok(credential)
        })?;
        Ok((secret, credential))
    }

    /// The record with its entries; both are for the caller to save.
    pub(crate) fn fresh(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        new: &NewCredential,
    ) -> Result<(Credential, Vec<Event>), Error> {
        let now = self.now();
        let expires_at = self.end_of(new.lifetime)?;
        let identifier = self.identifier(tx, new)?;
        let wanted = new.scopes.as_ref().map(|names| self.wanted_scopes(tx, "scopes", names)).transpose()?;
        let mut events = Vec::new();
        let (holder, most) = match &new.holder {
            ForWhom::Caller => (caller.principal.clone(), caller.scopes.clone()),
            ForWhom::Account(name) => {
                let name: AccountName = name.parse().map_err(|error| Error::invalid("account", error))?;
                let account = store::accounts::get(tx, &name)?
                    .ok_or_else(|| Error::not_found(format_args!("service account `{name}`")))?;
                (Principal::ServiceAccount(account.name), account.scopes)
            }
            ForWhom::OwnAccount => {
                let scopes = wanted.clone().unwrap_or_default();
                let (account, event) = self.own_account(tx, caller, new, &identifier, scopes)?;
                events.push(event);
                (Principal::ServiceAccount(account.name), account.scopes)
            }
        };
        let scopes = wanted.unwrap_or_else(|| most.clone());
        if let Some(beyond) = scopes.beyond(&most) {
            return Err(Error::invalid("scopes", format!("{holder} does not have `{beyond}`")));
        }
        grantable("scopes", &scopes, caller)?;
        let id = CredentialId::new(self.ids());
        let credential = Credential {
            identifier,
            label: new.label.trim().to_owned(),
            workspaces: workspaces(caller, &new.workspaces)?,
            networks: networks(&new.networks)?,
            created_by: caller.principal.user(),
            never_counts: caller.never_counts.clone(),
            ..Credential::new(id, new.kind, holder, scopes, now, expires_at)
        };
        within_networks(tx, caller, &credential)?;
        events.push(created(&credential).by(&caller.principal));
        Ok((credential, events))
    }

    /// When a credential ends that is made now.
    pub(super) fn end_of(&self, lifetime: Lifetime) -> Result<Instant, Error> {
        let (now, limits) = (self.now(), &self.config().tokens);
        let bad = |field| Error::invalid(field, format!("a credential lives 60 to {} seconds", limits.max_lifetime));
        match lifetime {
            Lifetime::Default => Ok(now.plus(limits.default_lifetime)),
            Lifetime::Seconds(seconds) if (60..=limits.max_lifetime).contains(&seconds) => Ok(now.plus(seconds)),
            Lifetime::Seconds(_) => Err(bad("expires_in_seconds")),
            Lifetime::Until(end) if (60..=limits.max_lifetime).contains(&end.seconds_since(now)) => Ok(end),
            Lifetime::Until(_) => Err(bad("expires_at")),
        }
    }

    /// The name that it will be managed by: as given, if nobody ever had it, or drawn.
    fn identifier(&self, tx: &mut Transaction<'_>, new: &NewCredential) -> Result<String, Error> {
        let Some(wanted) = &new.identifier else { return Ok(drawn(self)) };
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        if !(1..=100).contains(&wanted.len()) || !wanted.bytes().all(plain) {
            return Err(Error::invalid("identifier", "use 1 to 100 letters, digits, `.`, `_` and `-`"));
        }
        if wanted.parse::<CredentialId>().is_ok() {
            return Err(Error::invalid("identifier", "it looks like an id; choose a name that people can read"));
        }
        match store::credentials::by_identifier(tx, wanted)? {
            Some(_) => Err(Error::Conflict(format!(
                "there is a credential `{wanted}` already, and names are never given twice; choose another one"
            ))),
            None => Ok(wanted.clone()),
        }
    }

    /// An account for one credential and those that replace it.
    fn own_account(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        new: &NewCredential,
        identifier: &str,
        scopes: Scopes,
    ) -> Result<(ServiceAccount, Event), Error> {
        let wish = named_after(identifier).ok().filter(|name| !name.is_reserved());
        let free = match wish {
            Some(name) if store::accounts::get(tx, &name)?.is_none() => name.to_string(),
            wish => {
                let stem = wish.map_or_else(|| "token".to_owned(), |name| name.as_str().chars().take(54).collect());
                format!("{stem}-{}", drawn(self))
            }
        };
        let account = NewAccount {
            name: Some(free),
            description: format!("Made for the credential {identifier}"),
            workspaces: new.workspaces.clone(),
            ..NewAccount::default()
        };
        let account = self.fresh_account(caller, &account, scopes)?;
        let event = crate::accounts::add(tx, self.now(), caller, &account)?;
        Ok((account, event))
    }
}

pub(super) const fn secret_kind(kind: CredentialKind) -> SecretKind {
    match kind {
        CredentialKind::ServiceToken => SecretKind::ServiceToken,
        CredentialKind::ApiKey => SecretKind::ApiKey,
    }
}

/// Eight hexadecimal digits.
pub(super) fn drawn(control: &Control) -> String {
    domain::digest::hex(&control.entropy().bytes::<4>())
}
