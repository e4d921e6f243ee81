//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the caller says that this is not to be done twice.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use contract::Code;
use control::Caller;
use control::once::Once;
use serde::Serialize;

use crate::problem::Refusal;

const NAME: &str = "idempotency-key";

/// The key that came with the request, if one did.
pub(crate) struct IdempotencyKey(Option<String>);

impl<S: Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Refusal> {
        let mut keys = parts.headers.get_all(NAME).iter();
        let key = keys.next().map(|key| String::from_utf8_lossy(key.as_bytes()).into_owned());
        match keys.next() {
            Some(_) => Err(Refusal::new(Code::RequestMalformed, "two Idempotency-Key headers came; send one")),
            None => Ok(Self(key)),
        }
    }
}

impl IdempotencyKey {
    /// The caller, who does not want this request done twice. `what` names what is asked for.
    pub(crate) fn of(self, caller: Caller, what: &str, request: &impl Serialize) -> Result<Caller, Refusal> {
        let once = self.0.map(|key| Once::new(&key, what, request)).transpose()?;
        Ok(caller.once(once))
    }

    pub(crate) fn into_text(self) -> Option<String> {
        self.0
    }
}
