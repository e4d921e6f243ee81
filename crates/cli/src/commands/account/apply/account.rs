//! A service account's manifest made true. What it does not mention stays as it is.
//!
//! The manifest's key is made by the control plane and never by whoever writes the manifest: what a person chose, or drew
//! badly, is no credential. So it is written there and checked there, and never sent to be taken.

use std::path::Path;

use client::api::{NewCredential, Tagged};
use contract::Code;
use contract::access::ServiceAccount;
use contract::accounts::{CreateAccount, ReplaceAccount};
use contract::credentials::{CreateApiKey, FreshSecret};
use domain::ambient::OsEntropy;
use domain::secret::Secret;
use serde::Serialize;

use super::changes::Changes;
use crate::commands::account::key;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::manifest::sealed::ManifestKey;
use crate::manifest::{AccountManifest, edit};
use crate::once;
use crate::replace::replace;

pub(super) async fn apply(connection: &Connection, manifest: &AccountManifest, dry_run: bool) -> Result<(), Failure> {
    let known = find(connection, manifest).await?;
    let changes = match &known {
        Some(known) if dry_run => compare(&known.value, manifest).1,
        None if dry_run => wish(manifest).1,
        known => make_true(connection, manifest, known.as_ref()).await?.0,
    };
    changes.print(connection.out, dry_run)?;
    match &manifest.spec.api_key {
        Some(sealed) if known.is_some() => key::check(connection, &manifest.name, sealed).await,
        Some(_) if !dry_run => {
            connection.out.note("the account is new, so `apiKey` cannot be its key; `--write-keys` makes one");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The same, and a key in the file if there was none. What could go wrong with the file or the account is tried before a
/// key is made; from then on, whatever fails names the key.
pub(super) async fn apply_with_key(
    connection: &Connection,
    manifest: &AccountManifest,
    text: &str,
    file: &Path,
) -> Result<(), Failure> {
    let sealed = manifest.spec.api_key.as_deref().filter(|text| !text.starts_with('$'));
    if sealed.is_some() {
        return apply(connection, manifest, false).await;
    }
    let key = ManifestKey::required()?;
    let told = |error| Failure::usage(format!("`{}`: {error}", file.display()));
    replace(file, text)?;
    edit::with_key(text, "aes256gcm:v1:").map_err(told)?;
    let known = find(connection, manifest).await?;
    let (changes, account) = make_true(connection, manifest, known.as_ref()).await?;
    let fresh = make_key(connection, &account).await?;
    let lost = || {
        let sentence = format!("a key was made ({}), and it could not be kept", fresh.id);
        Failure::new(Exit::Internal, sentence).hint(format!("revoke it: nobody has it; its id is {}", fresh.id))
    };
    let secret = Secret::parse(&fresh.secret).map_err(|_| lost())?;
    let sealed = key.seal(&manifest.name, &secret, &OsEntropy).map_err(|_| lost())?;
    let written = edit::with_key(text, &sealed).map_err(|_| lost())?;
    replace(file, &written).map_err(|_| lost())?;
    connection.out.note(&format!("`{}` has the new key {}, sealed", file.display(), fresh.id));
    changes.print(connection.out, false)
}

/// A key that reaches all that the account does, as the account is now.
async fn make_key(connection: &Connection, account: &ServiceAccount) -> Result<FreshSecret, Failure> {
    let wanted = NewCredential::ApiKey(CreateApiKey {
        name: "manifest".into(),
        account: Some(account.name.to_string()),
        workspaces: account.workspaces.clone(),
        ..CreateApiKey::default()
    });
    let same = once::key(None);
    let create = async || connection.api.create_credential(&wanted, Some(&same)).await;
    once::ask(connection.out, create).await.map_err(|error| {
        let hint = match once::made_before(&error) {
            Some(id) => Some(format!("nobody has that key; `countersign key revoke {id}` ends it; then apply again")),
            None if once::is_lost(&error) => Some(format!(
                "a key may have been made that nobody has; `countersign account show {}` would list it, the newest first",
                account.name
            )),
            None => None,
        };
        Failure::from(error).hint_if(hint)
    })
}

async fn find(connection: &Connection, manifest: &AccountManifest) -> Result<Option<Tagged<ServiceAccount>>, Failure> {
    match connection.api.account(&manifest.name).await {
        Ok(known) => Ok(Some(known)),
        Err(error) if error.code() == Some(Code::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes the account, if it is not there, and gives it what only a change can. Tells what changed, and gives the account
/// as it is then. No key is made with it: one that is made before all else is right could be lost with what goes wrong.
async fn make_true(
    connection: &Connection,
    manifest: &AccountManifest,
    known: Option<&Tagged<ServiceAccount>>,
) -> Result<(Changes, ServiceAccount), Failure> {
    if let Some(known) = known {
        return change(connection, known, manifest).await;
    }
    let (wanted, changes) = wish(manifest);
    connection.api.create_account(&wanted).await?;
    let made = connection.api.account(&manifest.name).await?;
    let (_, account) = change(connection, &made, manifest).await?;
    Ok((changes, account))
}

async fn change(
    connection: &Connection,
    known: &Tagged<ServiceAccount>,
    manifest: &AccountManifest,
) -> Result<(Changes, ServiceAccount), Failure> {
    let (wanted, changes) = compare(&known.value, manifest);
    if changes.is_empty() {
        return Ok((changes, known.value.clone()));
    }
    let account = connection.api.replace_account(&manifest.name, &wanted, &known.tag).await?;
    Ok((changes, account))
}

fn compare(old: &ServiceAccount, manifest: &AccountManifest) -> (ReplaceAccount, Changes) {
    let spec = &manifest.spec;
    let wanted = ReplaceAccount {
        title: spec.title.clone().unwrap_or_else(|| old.title.clone()),
        description: spec.description.clone().unwrap_or_else(|| old.description.clone()),
        team: Some(spec.team.clone().unwrap_or_else(|| old.team.clone())),
        scopes: texts(spec.scopes.iter()),
        workspaces: sorted(spec.workspaces.as_ref().unwrap_or(&old.workspaces)),
        networks: sorted(spec.networks.as_ref().unwrap_or(&old.networks)),
        trusts: sorted(spec.trusts.as_ref().unwrap_or(&old.trusts)),
        expires_at: spec.expiration.or(old.expires_at),
    };
    let mut changes = Changes::of(format!("service account {}", manifest.name), false);
    changes.field("title", &old.title, &wanted.title);
    changes.field("description", &old.description, &wanted.description);
    changes.field("team", &old.team, &wanted.team);
    changes.field("scopes", &old.scopes, &wanted.scopes);
    changes.field("workspaces", sorted(&old.workspaces), &wanted.workspaces);
    changes.field("networks", sorted(&old.networks), &wanted.networks);
    changes.field("trusts", sorted(&old.trusts), &wanted.trusts);
    changes.field("expiration", old.expires_at, wanted.expires_at);
    (wanted, changes)
}

/// An account that is not there yet.
fn wish(manifest: &AccountManifest) -> (CreateAccount, Changes) {
    let spec = &manifest.spec;
    let wanted = CreateAccount {
        name: manifest.name.to_string(),
        description: spec.description.clone().unwrap_or_default(),
        scopes: texts(spec.scopes.iter()),
        networks: sorted(spec.networks.as_deref().unwrap_or_default()),
        workspaces: sorted(spec.workspaces.as_deref().unwrap_or_default()),
        team: spec.team.clone(),
        expires_at: spec.expiration,
        issue_key: false,
    };
    let mut changes = Changes::of(format!("service account {}", manifest.name), true);
    changes.field("title", "", spec.title.as_deref().unwrap_or_default());
    changes.field("description", "", &wanted.description);
    changes.field("team", None::<()>, &wanted.team);
    changes.field("scopes", None::<()>, &wanted.scopes);
    changes.field("workspaces", [""; 0], &wanted.workspaces);
    changes.field("networks", [""; 0], &wanted.networks);
    changes.field("trusts", [""; 0], sorted(spec.trusts.as_deref().unwrap_or_default()));
    changes.field("expiration", None::<()>, wanted.expires_at);
    (wanted, changes)
}

fn texts<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    names.map(str::to_owned).collect()
}

/// As texts, sorted, none twice, so that an order means nothing.
fn sorted<T: ToString + Serialize>(items: &[T]) -> Vec<String> {
    let mut all: Vec<_> = items.iter().map(ToString::to_string).collect();
    all.sort_unstable();
    all.dedup();
    all
}
