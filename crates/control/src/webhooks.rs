//! Webhooks: made, changed, switched off and tried out by people.
//!
//! A webhook speaks with its owner's rights, as they are when a message is sent. Whoever changes where messages go, or
//! which, becomes the owner, so nobody sends themselves what they may not read. Deliberately absent: HTTP; `server` sends.

mod deliveries;
mod rights;
mod sealing;
mod sending;
mod turns;

use domain::Instant;
use domain::event::{Event, Kind};
use domain::id::WebhookId;
use domain::webhook::signature::WebhookSecret;
use domain::webhook::{EventPattern, Webhook, description, patterns};
use serde_json::json;
use store::webhooks::{Kept, Sealed};
use store::{Query, Transaction};

use crate::authenticate::Caller;
use crate::{Control, Error};

pub use deliveries::DeliveryPage;
pub use sealing::{BadSealingKey, SealingKey};
pub use sending::{Attempt, Outgoing};

const READ: &str = "alerts:read";
const WRITE: &str = "alerts:write";
/// The most webhooks that are told something.
const MOST: usize = 100;
/// The longest address, in bytes.
const URL_MAX: usize = 2048;
/// How long the old secret goes on signing unless it is said, and at most, in seconds.
pub const DEFAULT_OVERLAP: u32 = 24 * 3600;
const MAX_OVERLAP: u32 = 30 * 24 * 3600;
/// What helps if a secret never arrived.
const ROTATE: &str = "rotate its secret";

/// What somebody wants of a webhook.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Where messages go. Whether the server goes there is for the caller to have checked.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which events it wants.
    pub events: Vec<String>,
    /// Whether it is told anything.
    pub active: bool,
}

impl Control {
    /// All webhooks, newest first.
    pub fn webhooks(&self, caller: &Caller) -> Result<Vec<Kept>, Error> {
        caller.require(READ)?;
        self.read(|q| Ok(store::webhooks::list(q, false)?))
    }

    /// One webhook.
    pub fn webhook(&self, caller: &Caller, id: WebhookId) -> Result<Kept, Error> {
        caller.require(READ)?;
        self.read(|q| find(q, id))
    }

    /// Makes a webhook. The secret is in what this returns and nowhere else.
    pub fn create_webhook(&self, caller: &Caller, wish: Wish) -> Result<(WebhookSecret, Kept), Error> {
        caller.require(WRITE)?;
        caller.fresh(self.now())?;
        let secret = WebhookSecret::generate(self.entropy());
        let id = WebhookId::new(self.ids());
        let sealed = self.seal(id, &secret)?;
        let caller = caller.clone();
        let kept = self.write(move |control, mut tx| {
            caller.refuse_repeat(&mut tx, ROTATE)?;
            one_more(&mut tx)?;
            let now = control.now();
            let webhook = Webhook {
                id,
                url: String::new(),
                description: String::new(),
                events: Vec::new(),
                active: true,
                disabled_reason: None,
                owner: caller.principal.clone(),
                created_at: now,
                changed_at: now,
            };
            let webhook = control.granted(&mut tx, &caller, webhook, &wish)?;
            let secrets = vec![sealed.clone()];
            store::webhooks::insert(&mut tx, &webhook, &secrets)?;
            caller.remember(control, &mut tx, &id.to_string())?;
            let event = Event::new(now, Kind::WebhookCreated).by(&caller.principal).about(id);
            tx.commit(event.with(facts(&webhook, &secrets)))?;
            Ok(Kept { webhook, secrets, fare: store::webhooks::Fare::default(), revision: 1 })
        })?;
        Ok((secret, kept))
    }

    /// Changes a webhook. Whoever does becomes its owner. `expected` are the revisions that the caller may have read; absent
    /// means any.
    pub fn change_webhook(
        &self,
        caller: &Caller,
        id: WebhookId,
        wish: Wish,
        expected: Option<Vec<i64>>,
    ) -> Result<Kept, Error> {
        caller.require(WRITE)?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let found = find(&mut tx, id)?;
            if expected.as_ref().is_some_and(|known| !known.contains(&found.revision)) {
                return Err(Error::Stale);
            }
            if wish.active && !found.webhook.active {
                one_more(&mut tx)?;
            }
            let webhook = control.granted(&mut tx, &caller, found.webhook.clone(), &wish)?;
            if !webhook.active {
                store::deliveries::drop_all(&mut tx, id, control.now())?;
            }
            control.keep(tx, &caller, Kind::WebhookChanged, &webhook, &found.secrets)
        })
    }

    /// Switches a webhook off; what waits for it is dropped. Again changes nothing.
    pub fn disable_webhook(&self, caller: &Caller, id: WebhookId, reason: Option<&str>) -> Result<Kept, Error> {
        caller.require(WRITE)?;
        let reason = description(reason.unwrap_or_default()).map_err(|error| Error::invalid("reason", error))?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let Kept { mut webhook, secrets, fare, revision } = find(&mut tx, id)?;
            if !webhook.active {
                return Ok(Kept { webhook, secrets, fare, revision });
            }
            webhook.active = false;
            webhook.changed_at = control.now();
            webhook.disabled_reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
            store::deliveries::drop_all(&mut tx, id, control.now())?;
            control.keep(tx, &caller, Kind::WebhookDisabled, &webhook, &secrets)
        })
    }

    /// Gives a webhook a fresh secret, which is in what this returns and nowhere else. The one before goes on signing
    /// beside it for the overlap, in seconds; one that was still in an overlap ends now.
    pub fn rotate_webhook_secret(
        &self,
        caller: &Caller,
        id: WebhookId,
        overlap: Option<u32>,
    ) -> Result<(WebhookSecret, Kept), Error> {
        caller.require(WRITE)?;
        caller.fresh(self.now())?;
        let overlap = overlap.unwrap_or(DEFAULT_OVERLAP);
        if overlap > MAX_OVERLAP {
            return Err(Error::invalid("overlap_seconds", format!("0 to {MAX_OVERLAP}")));
        }
        let secret = WebhookSecret::generate(self.entropy());
        let sealed = self.seal(id, &secret)?;
        let caller = caller.clone();
        let kept = self.write(move |control, mut tx| {
            caller.refuse_repeat(&mut tx, ROTATE)?;
            let Kept { mut webhook, secrets, .. } = find(&mut tx, id)?;
            let now = control.now();
            webhook.changed_at = now;
            caller.remember(control, &mut tx, &id.to_string())?;
            let old = secrets.into_iter().next().filter(|_| overlap > 0);
            let old = old.map(|old| Sealed { ends_at: Some(now.plus(overlap)), ..old });
            let secrets: Vec<_> = std::iter::once(sealed.clone()).chain(old).collect();
            control.keep(tx, &caller, Kind::WebhookSecretRotated, &webhook, &secrets)
        })?;
        Ok((secret, kept))
    }

    fn keep(
        &self,
        mut tx: Transaction<'_>,
        caller: &Caller,
        kind: Kind,
        webhook: &Webhook,
        secrets: &[Sealed],
    ) -> Result<Kept, Error> {
        let id = webhook.id;
        store::webhooks::update(&mut tx, webhook, secrets)?;
        let kept = find(&mut tx, id)?;
        let event = Event::new(self.now(), kind).by(&caller.principal).about(id);
        tx.commit(event.with(facts(webhook, secrets)))?;
        Ok(kept)
    }

    /// The webhook as somebody wants it, if they may read all that it would be told.
    fn granted(&self, q: &mut dyn Query, caller: &Caller, webhook: Webhook, wish: &Wish) -> Result<Webhook, Error> {
        if wish.url.is_empty() || wish.url.len() > URL_MAX {
            return Err(Error::invalid("url", format!("1 to {URL_MAX} bytes")));
        }
        let events = patterns(&wish.events).map_err(|error| Error::invalid("events", error))?;
        for scope in needed(&events) {
            caller.require(scope)?;
            if !rights::owner_may(q, &caller.principal, scope, self.now())? {
                return Err(Error::NotEligible(
                    "a webhook speaks with the rights of a user or a service account that is kept here; \
                     make it as one of those"
                        .into(),
                ));
            }
        }
        Ok(Webhook {
            url: wish.url.clone(),
            description: description(&wish.description).map_err(|error| Error::invalid("description", error))?,
            events,
            active: wish.active,
            disabled_reason: webhook.disabled_reason.filter(|_| !wish.active),
            owner: caller.principal.clone(),
            changed_at: self.now(),
            ..webhook
        })
    }
}

fn find(q: &mut dyn Query, id: WebhookId) -> Result<Kept, Error> {
    store::webhooks::get(q, id)?.ok_or_else(|| Error::not_found(format_args!("webhook {id}")))
}

/// Makes sure that one more webhook may be told something.
fn one_more(q: &mut dyn Query) -> Result<(), Error> {
    if store::webhooks::list(q, true)?.len() < MOST {
        return Ok(());
    }
    Err(Error::Conflict(format!("there are {MOST} webhooks already; switch one off")))
}

/// The scopes that it takes to be told all of this.
fn needed(events: &[EventPattern]) -> impl Iterator<Item = &'static str> {
    let alerts_only = events.iter().all(|pattern| pattern.as_str().starts_with("alert."));
    [Some(READ), (!alerts_only).then_some("audit:read")].into_iter().flatten()
}

/// What an entry says of a webhook. Of the address only where it leads: the rest may be a secret of the other side.
fn facts(webhook: &Webhook, secrets: &[Sealed]) -> serde_json::Value {
    let ends: Vec<(&str, Option<Instant>)> =
        secrets.iter().map(|sealed| (sealed.fingerprint.as_str(), sealed.ends_at)).collect();
    json!({
        "origin": origin(&webhook.url),
        "events": webhook.events,
        "active": webhook.active,
        "owner": webhook.owner,
        "reason": webhook.disabled_reason,
        "secrets": ends.iter().map(|(print, end)| json!({ "fingerprint": print, "ends_at": end })).collect::<Vec<_>>(),
    })
}

fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trail_says_where_an_address_leads_and_not_its_path() {
        for (url, shown) in [
            ("https://hooks.example/T0/secret", "https://hooks.example"),
            ("https://hooks.example:8443?token=x", "https://hooks.example:8443"),
            ("https://hooks.example", "https://hooks.example"),
            ("nonsense", "nonsense"),
        ] {
            assert_eq!(origin(url), shown);
        }
    }

    #[test]
    fn alerts_alone_need_no_right_to_the_trail() {
        let needs = |texts: &[&str]| needed(&patterns(texts).unwrap()).collect::<Vec<_>>();
        assert_eq!(needs(&["alert.*", "alert.raised"]), ["alerts:read"]);
        assert_eq!(needs(&["alert.*", "ticket.opened"]), ["alerts:read", "audit:read"]);
        assert_eq!(needs(&["*"]), ["alerts:read", "audit:read"]);
    }
}
