//! Limits on failed attempts, by address and by identity, for every way of authenticating.
//!
//! What a person may have chosen is reserved before it is verified, so parallel guesses share one budget; what is 160
//! random bits cannot be guessed, so it is counted when it has failed, and nobody who presents a good one waits for a
//! disk. Those who are turned away are counted and not listed: a flood fills neither the ledger nor memory.

use std::collections::BTreeMap;
use std::net::IpAddr;

use domain::event::{Event, Kind};
use domain::limit::{Exhausted, Limit};
use domain::network::neighbourhood;
use domain::secret::{BadSecret, Secret};
use domain::{Digest, Instant};
use serde_json::json;

use crate::authenticate::{Caller, Presented};
use crate::error::{AuthenticationError, Whom};
use crate::jwt::Verifier;
use crate::{Control, Error};

/// How many keys are counted one by one between two flushes; the rest together.
const COUNTED: usize = 1000;
/// How often they are written down, in seconds.
const FLUSH: u32 = 60;
/// How many times what one address may fail about an identity, all addresses together may.
const EVERYWHERE: u32 = 10;

/// Who was turned away since it was last written down.
#[derive(Default)]
pub(crate) struct Throttled {
    counts: BTreeMap<String, u64>,
    since: Option<Instant>,
}

/// Attempts that count as failures until they are given back.
pub(crate) struct Reservation {
    keys: Vec<String>,
    at: Instant,
}

impl Control {
    /// Identifies whoever presents this, unless too many attempts have failed already.
    pub(super) fn within_limits(&self, presented: &Presented, from: Option<IpAddr>) -> Result<Caller, Error> {
        let keys: Vec<_> = self.address_key(from).into_iter().collect();
        let foreign = matches!(Secret::parse(&presented.token), Err(BadSecret::NotOurs));
        let guessable = foreign && !Verifier::takes(&presented.token);
        let reserved = if guessable {
            Some(self.reserve(&keys)?)
        } else {
            self.check(&keys)?;
            None
        };
        match self.identify(presented, from) {
            Ok(caller) => {
                if let Some(reserved) = reserved {
                    self.give_back(reserved)?;
                }
                Ok(caller)
            }
            Err(Error::Authentication(refusal)) => {
                if reserved.is_none() {
                    self.reserve(&keys)?;
                }
                self.record_refusal(&refusal.to_string(), ended(refusal), None, from)?;
                Err(refusal.into())
            }
            Err(Error::CredentialRefused(id, refusal)) => {
                let identity = self.identity_keys(&id.to_string(), from);
                self.reserve(&keys.into_iter().chain(identity).collect::<Vec<_>>())?;
                self.record_refusal(&refusal.to_string(), ended(refusal), Some(id.to_string()), from)?;
                Err(refusal.into())
            }
            // Nobody failed: the store did, or the keys of an issuer are out of reach.
            Err(error) => {
                if let Some(reserved) = reserved {
                    self.give_back(reserved)?;
                }
                Err(error)
            }
        }
    }

    /// The key and limit of an address, if it is known and limited.
    pub(crate) fn address_key(&self, from: Option<IpAddr>) -> Option<(String, Limit)> {
        let auth = &self.config().auth;
        let network = neighbourhood(from?, auth.ipv6_prefix);
        auth.address_limit.is_on().then(|| (format!("address:{network}"), auth.address_limit))
    }

    /// The keys and limits of an identity, if identities are limited: from one address, and from all together with more
    /// room, so that nobody elsewhere can lock a person out who types their password right. What was typed is kept as a
    /// digest: it may be a password in the wrong field.
    pub(crate) fn identity_keys(&self, identity: &str, from: Option<IpAddr>) -> Vec<(String, Limit)> {
        let auth = &self.config().auth;
        let limit = auth.identity_limit;
        if !limit.is_on() {
            return Vec::new();
        }
        let identity = Digest::of_content(identity.as_bytes());
        let everywhere = Limit { failures: limit.failures.saturating_mul(EVERYWHERE), ..limit };
        let from = from.map(|from| (format!("identity:{identity}@{}", neighbourhood(from, auth.ipv6_prefix)), limit));
        from.into_iter().chain([(format!("identity:{identity}"), everywhere)]).collect()
    }

    /// Takes an attempt of each budget, before anything is verified.
    pub(crate) fn reserve(&self, keys: &[(String, Limit)]) -> Result<Reservation, Error> {
        let at = self.now();
        if keys.is_empty() {
            return Ok(Reservation { keys: Vec::new(), at });
        }
        let names = keys.iter().map(|(key, _)| key.clone()).collect();
        let taking = keys.to_vec();
        match self.inner.store.housekeeping(move |keep| store::limits::reserve(keep, &taking, at))? {
            Ok(()) => Ok(Reservation { keys: names, at }),
            Err((place, exhausted)) => Err(self.turn_away(keys.get(place).map_or("", |(key, _)| key), exhausted)),
        }
    }

    /// The attempt succeeded, so it does not count.
    pub(crate) fn give_back(&self, reserved: Reservation) -> Result<(), Error> {
        let Reservation { keys, at } = reserved;
        if keys.is_empty() {
            return Ok(());
        }
        Ok(self.inner.store.housekeeping(move |keep| store::limits::give_back(keep, &keys, at))?)
    }

    fn check(&self, keys: &[(String, Limit)]) -> Result<(), Error> {
        if keys.is_empty() {
            return Ok(());
        }
        let now = self.now();
        self.read(|q| {
            for (key, limit) in keys {
                let window = store::limits::window(q, key)?;
                window.check(*limit, now).map_err(|exhausted| self.turn_away(key, exhausted))?;
            }
            Ok(())
        })
    }

    fn turn_away(&self, key: &str, exhausted: Exhausted) -> Error {
        self.inner.bell.turned_away(key);
        let whom = match key.strip_prefix("address:") {
            Some(address) => Whom::Address(address.trim_end_matches("/32").to_owned()),
            None => Whom::Identity,
        };
        Error::RateLimited { whom, exhausted }
    }

    /// Turns back whoever presented something as it may not be, within the limits on failed attempts.
    pub fn turn_back(&self, reason: &str, from: Option<IpAddr>) -> Result<(), Error> {
        self.reserve(&self.address_key(from).into_iter().collect::<Vec<_>>())?;
        self.record_refusal(reason, None, None, from)
    }

    fn record_refusal(
        &self,
        reason: &str,
        ended: Option<&'static str>,
        about: Option<String>,
        from: Option<IpAddr>,
    ) -> Result<(), Error> {
        let mut data = json!({ "reason": reason, "address": from });
        if let Some(ended) = ended {
            data["ended"] = ended.into();
        }
        self.write(move |control, tx| {
            let data = data.clone();
            let event = Event::new(control.now(), Kind::AuthenticationFailed).with(data);
            Ok(tx.commit(match &about {
                Some(id) => event.about(id),
                None => event,
            })?)
        })
    }

    /// Writes down who was turned away, once a minute.
    pub(crate) fn record_throttled(&self) -> Result<(), Error> {
        let now = self.now();
        let Some((counts, since)) = self.inner.bell.take_turned_away(now) else { return Ok(()) };
        if counts.is_empty() {
            return Ok(());
        }
        let told = counts.clone();
        let written = self.write(move |control, tx| {
            let event = |(key, times): (&String, &u64)| {
                let data = json!({ "key": key, "times": times, "since": since });
                Event::new(control.now(), Kind::AuthenticationThrottled).with(data)
            };
            Ok(tx.commit_all(told.iter().map(event).collect())?)
        });
        written.inspect_err(|_| self.inner.bell.put_turned_away_back(counts))
    }
}

/// How a credential has ended that was refused for it.
const fn ended(refusal: AuthenticationError) -> Option<&'static str> {
    match refusal {
        AuthenticationError::Expired | AuthenticationError::BootstrapExpired => Some("expired"),
        AuthenticationError::Rotated => Some("rotated"),
        AuthenticationError::Revoked => Some("revoked"),
        _ => None,
    }
}

impl Throttled {
    pub(crate) fn count(&mut self, key: &str) {
        let known = self.counts.len() < COUNTED || self.counts.contains_key(key);
        *self.counts.entry(if known { key.to_owned() } else { "others".to_owned() }).or_default() += 1;
    }

    /// Counts again what could not be written down.
    pub(crate) fn put_back(&mut self, counts: BTreeMap<String, u64>) {
        for (key, times) in counts {
            *self.counts.entry(key).or_default() += times;
        }
    }

    /// What is to be written down now, if the time has come.
    pub(crate) fn take(&mut self, now: Instant) -> Option<(BTreeMap<String, u64>, Instant)> {
        let since = *self.since.get_or_insert(now);
        if now.seconds_since(since) < FLUSH {
            return None;
        }
        self.since = Some(now);
        Some((std::mem::take(&mut self.counts), since))
    }
}
