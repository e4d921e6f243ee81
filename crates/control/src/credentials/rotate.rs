//! Replacing a credential.

use domain::credential::{Credential, CredentialKind, Rotation};
use domain::event::{Event, Kind};
use domain::id::CredentialId;
use domain::scope::Scopes;
use domain::secret::Secret;
use serde_json::json;
use store::Transaction;
use store::credentials::Filter;

use crate::accounts::grantable;
use crate::authenticate::Caller;
use crate::credentials::create::{Lifetime, drawn, secret_kind, within_networks};
use crate::credentials::{Which, created, meant};
use crate::{Control, Error};

/// How long the old one goes on unless it is said, in seconds.
pub const DEFAULT_OVERLAP: u32 = 300;
/// The longest that may be said: 30 days.
const MAX_OVERLAP: u32 = 30 * 24 * 3600;

/// How a credential is to be replaced.
#[derive(Clone, Debug, Default)]
pub struct Replacement {
    /// How long the old one goes on, in seconds; 0 ends it at once. [`DEFAULT_OVERLAP`], if absent.
    pub overlap: Option<u32>,
    /// How long the new one lives; as long as the old one would have, if absent.
    pub lifetime: Option<u32>,
    /// What the new one may do; what the old one may, if absent.
    pub scopes: Option<Vec<String>>,
}

impl Control {
    /// Replaces a credential. The new secret is in what this returns and nowhere else; the old one goes on for the overlap.
    /// A credential that is still in an overlap with the replaced one ends now, so that there are never three.
    pub fn rotate_credential(
        &self,
        caller: &Caller,
        kind: CredentialKind,
        which: &Which,
        replacement: Replacement,
    ) -> Result<(Secret, Credential, Credential), Error> {
        let overlap = replacement.overlap.unwrap_or(DEFAULT_OVERLAP);
        if overlap > MAX_OVERLAP {
            return Err(Error::invalid("overlap_seconds", format!("an overlap lasts 0 to {MAX_OVERLAP} seconds")));
        }
        caller.fresh(self.now())?;
        let secret = Secret::generate(secret_kind(kind), self.entropy());
        let (digest, caller, which) = (secret.digest(), caller.clone(), which.clone());
        let (old, new) = self.write(move |control, mut tx| {
            caller.refuse_repeat(&mut tx, "rotate that one, or revoke it")?;
            let now = control.now();
            let found = meant(&mut tx, &caller, "admin:tokens:write", kind, &which)?;
            within_networks(&mut tx, &caller, &found)?;
            let mut events = Vec::new();
            let wanted = replacement.scopes.as_ref();
            let scopes = wanted.map(|names| control.wanted_scopes(&mut tx, "scopes", names)).transpose()?;
            let gives = scopes.clone().unwrap_or_else(|| found.scopes.clone());
            grantable("scopes", &gives, &caller)?;
            events.extend(control.widen_holder(&mut tx, &caller, &found, &gives)?);
            let lifetime =
                replacement.lifetime.map(|seconds| control.end_of(Lifetime::Seconds(seconds))).transpose()?;
            let family = Filter { family: Some(found.family), ..Filter::default() };
            let family = store::credentials::list(&mut tx, &family)?;
            let rotation = Rotation {
                id: CredentialId::new(control.ids()),
                identifier: successor(control, &mut tx, &family)?,
                overlap,
                expires_at: lifetime,
                scopes,
                created_by: caller.principal.user(),
                never_counts: caller.never_counts.clone(),
            };
            let (old, new) = found.rotate(rotation, now)?;
            let mut ended = Vec::new();
            for earlier in family.iter().filter(|earlier| earlier.id != old.id) {
                if let Some(cut) = earlier.cut_overlap(now) {
                    store::credentials::update(&mut tx, &cut)?;
                    ended.push(cut.id);
                }
            }
            store::credentials::update(&mut tx, &old)?;
            store::credentials::insert(&mut tx, &new, &digest)?;
            let data = json!({
                "identifier": old.identifier,
                "family": old.family,
                "rotated_to": new.id,
                "overlap_seconds": overlap,
                "ends_at": old.expires_at,
                "ended": ended,
            });
            events.push(Event::new(now, Kind::CredentialRotated).by(&caller.principal).about(old.id).with(data));
            events.push(created(&new).by(&caller.principal));
            caller.remember(control, &mut tx, &new.id.to_string())?;
            tx.commit_all(events)?;
            Ok((old, new))
        })?;
        Ok((secret, old, new))
    }

    /// Gives the holder what the new credential is to reach and they lack, if the caller may change accounts.
    fn widen_holder(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        credential: &Credential,
        gives: &Scopes,
    ) -> Result<Option<Event>, Error> {
        let Some(name) = credential.holder.account() else { return Ok(None) };
        let account = store::accounts::get(tx, name)?;
        let mut account = account.ok_or_else(|| Error::Internal(format!("`{name}` has a token and is not there")))?;
        if gives.beyond(&account.scopes).is_none() || gives.beyond(&credential.scopes).is_none() {
            return Ok(None);
        }
        caller.require("accounts:write")?;
        account.scopes = account.scopes.union(gives);
        store::accounts::update(tx, &account)?;
        let event = Event::new(self.now(), Kind::AccountChanged).by(&caller.principal).about(name);
        Ok(Some(event.with(crate::accounts::facts(&account))))
    }
}

/// A name for the next of a family: the first one's, with its number.
fn successor(control: &Control, tx: &mut Transaction<'_>, family: &[Credential]) -> Result<String, Error> {
    let first = family.iter().find(|credential| credential.id == credential.family);
    let stem: String = first.map_or("token", |first| first.identifier.as_str()).chars().take(80).collect();
    let next = format!("{stem}-{}", family.len() + 1);
    let taken = store::credentials::by_identifier(tx, &next)?.is_some();
    Ok(if taken { format!("{stem}-{}", drawn(control)) } else { next })
}
