//! Requests that are not done twice: the same idempotency key of the same caller with the same request gets what the
//! first one got.
//!
//! The answer is remembered in the transaction of the change, so it is there if and only if the change is, on whatever
//! replica the repeat arrives. What is remembered is an id, never a secret: where the answer had one, the repeat is
//! refused with what to do about it. Answers are kept for a day.

use domain::Digest;
use domain::digest::Purpose;
use domain::principal::Principal;
use serde::Serialize;
use serde_json::json;
use store::{Query, Transaction};

use crate::authenticate::Caller;
use crate::{Control, Error};

/// The longest key, in characters.
const LONGEST: usize = 200;

/// A key and the request that it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    key: String,
    request: Digest,
}

impl Once {
    /// `what` names what is asked for, so that one key is not taken for two things.
    pub fn new(key: &str, what: &str, request: &impl Serialize) -> Result<Self, Error> {
        if !(1..=LONGEST).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::invalid("Idempotency-Key", format!("use 1 to {LONGEST} visible ASCII characters")));
        }
        let request = Digest::of_canonical(Purpose::Request, &json!([what, request]));
        Ok(Self { key: key.to_owned(), request })
    }

    /// What the first request with this key made, if there was one.
    pub(crate) fn known(&self, q: &mut dyn Query, principal: &Principal) -> Result<Option<String>, Error> {
        match store::idempotency::find(q, principal, &self.key)? {
            Some(known) if known.request_digest == self.request => Ok(Some(known.body)),
            Some(_) => Err(Error::IdempotencyReused),
            None => Ok(None),
        }
    }

    /// Remembers what this one made.
    pub(crate) fn remember(
        &self,
        control: &Control,
        tx: &mut Transaction<'_>,
        principal: &Principal,
        made: &str,
    ) -> Result<(), Error> {
        let Self { key, request } = self;
        Ok(store::idempotency::insert(tx, principal, key, request, 201, made, control.now())?)
    }
}

impl Caller {
    /// The same caller, whose next change is not to be done twice.
    #[must_use]
    pub fn once(self, once: Option<Once>) -> Self {
        Self { once, ..self }
    }

    /// What the first of these requests made, if this is a repeat.
    pub(crate) fn repeats(&self, q: &mut dyn Query) -> Result<Option<String>, Error> {
        self.once.as_ref().map_or(Ok(None), |once| once.known(q, &self.principal))
    }

    /// Refuses a repeat of a request whose answer had a secret.
    pub(crate) fn refuse_repeat(&self, q: &mut dyn Query, remedy: &'static str) -> Result<(), Error> {
        self.repeats(q)?.map_or(Ok(()), |id| Err(Error::AlreadyDone { id, remedy }))
    }

    /// Remembers what this request made.
    pub(crate) fn remember(&self, control: &Control, tx: &mut Transaction<'_>, made: &str) -> Result<(), Error> {
        self.once.as_ref().map_or(Ok(()), |once| once.remember(control, tx, &self.principal, made))
    }
}
