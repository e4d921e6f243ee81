//! Signatures of messages (Standard Webhooks 1.0.0, "Signature scheme"): HMAC-SHA256 over `id.timestamp.body`.
//!
//! [`verify`] is what a receiver does with what came: the raw bytes first, and nothing is read out of a body that was not
//! verified. A receiver also keeps the ids that it has seen, since a message may come more than once.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Digest;
use crate::digest::Purpose;
use crate::entropy::Entropy;

/// How many random bytes a fresh secret has.
const FRESH: usize = 32;
/// How far the sender's clock may be from the receiver's, in seconds.
pub const TOLERANCE: u32 = 300;

/// A secret that messages are signed with. In text: `whsec_` and base64.
pub struct WebhookSecret(Zeroizing<Vec<u8>>);

/// A text that is no secret. Says nothing of the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no webhook secret: that is `whsec_` and 24 to 64 bytes in base64")]
pub struct BadWebhookSecret;

/// What came with a message.
#[derive(Clone, Copy, Debug)]
pub struct Headers<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`.
    pub timestamp: &'a str,
    /// `webhook-signature`.
    pub signature: &'a str,
}

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// The id is not one.
    #[error("the webhook-id is empty, too long, or has other characters than letters, digits, `_` and `-`")]
    Id,
    /// The time is not one.
    #[error("the webhook-timestamp is not a number of seconds since 1970")]
    Timestamp,
    /// The message is too old, or from the future.
    #[error("the webhook-timestamp is more than {TOLERANCE} s from now; the message may be a repetition")]
    Stale,
    /// Nothing of the known kind signs it.
    #[error("no signature fits: it was made with another secret, or the message was changed")]
    Signature,
}

impl WebhookSecret {
    /// A fresh one.
    #[must_use]
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(entropy.bytes::<FRESH>().to_vec()))
    }

    /// From the bytes themselves, as they are kept sealed. 24 to 64 of them.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, BadWebhookSecret> {
        let bytes = Zeroizing::new(bytes);
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(BadWebhookSecret) }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, BadWebhookSecret> {
        let encoded = text.trim().strip_prefix("whsec_").ok_or(BadWebhookSecret)?;
        Self::from_bytes(STANDARD.decode(encoded).map_err(|_| BadWebhookSecret)?)
    }

    /// The text form, for the one place that shows it.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("whsec_{}", STANDARD.encode(&*self.0)))
    }

    /// The bytes, for the one place that seals them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What is shown instead of the secret: the first eight bytes of its digest.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        Digest::of_bytes(Purpose::Secret, &self.0).hex().chars().take(16).collect()
    }

    /// The signature of a message, as it stands in `webhook-signature`.
    #[must_use]
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let code = self.code(id, &timestamp.to_string(), body).finalize().into_bytes();
        format!("v1,{}", STANDARD.encode(code))
    }

    fn code(&self, id: &str, timestamp: &str, body: &[u8]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes a key of any length");
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            code.update(part);
        }
        code
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// Whether a message was signed with one of the secrets, at most [`TOLERANCE`] from now. `now` in seconds since 1970.
pub fn verify(secrets: &[WebhookSecret], headers: Headers<'_>, body: &[u8], now: i64) -> Result<(), SignatureRefusal> {
    let Headers { id, timestamp, signature } = headers;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    if !(1..=256).contains(&id.len()) || !id.bytes().all(plain) {
        return Err(SignatureRefusal::Id);
    }
    let digits = (1..=12).contains(&timestamp.len()) && timestamp.bytes().all(|byte| byte.is_ascii_digit());
    let at: i64 = timestamp.parse().ok().filter(|_| digits).ok_or(SignatureRefusal::Timestamp)?;
    if now.abs_diff(at) > u64::from(TOLERANCE) {
        return Err(SignatureRefusal::Stale);
    }
    let given = signature.split(' ').filter_map(|one| one.strip_prefix("v1,"));
    let given: Vec<_> = given.filter_map(|one| STANDARD.decode(one).ok()).take(8).collect();
    let fits =
        |code: &Vec<u8>| secrets.iter().any(|secret| secret.code(id, timestamp, body).verify_slice(code).is_ok());
    if given.iter().any(fits) { Ok(()) } else { Err(SignatureRefusal::Signature) }
}

#[cfg(test)]
mod tests {
    use SignatureRefusal as R;

    use super::*;

    const NOW: i64 = 1_800_000_000;
    const ID: &str = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";
    const BODY: &[u8] = br#"{"type":"alert.raised"}"#;

    fn secret(byte: u8) -> WebhookSecret {
        WebhookSecret::from_bytes(vec![byte; 24]).unwrap()
    }

    fn check(id: &str, timestamp: &str, signature: &str, body: &[u8]) -> Result<(), SignatureRefusal> {
        verify(&[secret(1)], Headers { id, timestamp, signature }, body, NOW)
    }

    /// From the specification's own libraries: `whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
    #[test]
    fn the_published_vector_is_signed_the_same() {
        let secret = WebhookSecret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn h_09_twenty_messages_that_are_not_what_was_signed_are_refused() {
        let good = secret(1).sign(ID, NOW, BODY);
        let code = good.strip_prefix("v1,").unwrap();
        let (now, other) = (NOW.to_string(), secret(2).sign(ID, NOW, BODY));
        check(ID, &now, &good, BODY).unwrap();
        check(ID, &now, &format!("v1a,xx {other} {good}"), BODY).unwrap();
        let at = |shift: i64| ((NOW + shift).to_string(), secret(1).sign(ID, NOW + shift, BODY));
        let (late, early) = (at(-301), at(301));
        let at_the_edge = at(-300);
        check(ID, &at_the_edge.0, &at_the_edge.1, BODY).unwrap();
        let changed = [BODY, b" "].concat();
        let vectors: [(&str, &str, &str, &[u8], R); 20] = [
            ("msg_other", &now, &good, BODY, R::Signature),
            ("", &now, &good, BODY, R::Id),
            ("a.b", &now, &good, BODY, R::Id),
            ("msg 1", &now, &good, BODY, R::Id),
            (ID, &late.0, &late.1, BODY, R::Stale),
            (ID, &early.0, &early.1, BODY, R::Stale),
            (ID, &at_the_edge.0, &good, BODY, R::Signature),
            (ID, "", &good, BODY, R::Timestamp),
            (ID, "-1", &good, BODY, R::Timestamp),
            (ID, "1.8e9", &good, BODY, R::Timestamp),
            (ID, "999999999999999999999", &good, BODY, R::Timestamp),
            (ID, &now, &good, &changed, R::Signature),
            (ID, &now, &good, b"", R::Signature),
            (ID, &now, &good[..good.len() - 4], BODY, R::Signature),
            (ID, &now, "v1,", BODY, R::Signature),
            (ID, &now, "", BODY, R::Signature),
            (ID, &now, &format!("v2,{code}"), BODY, R::Signature),
            (ID, &now, &format!("v1a,{code}"), BODY, R::Signature),
            (ID, &now, code, BODY, R::Signature),
            (ID, &now, &other, BODY, R::Signature),
        ];
        for (n, (id, timestamp, signature, body, refusal)) in vectors.into_iter().enumerate() {
            assert_eq!(check(id, timestamp, signature, body).unwrap_err(), refusal, "{n}");
        }
    }

    #[test]
    fn h_08_an_empty_or_short_secret_is_none() {
        for bad in ["", "whsec_", "whsec_AAAA", "hunter2", &format!("whsec_{}", STANDARD.encode([0; 65]))] {
            assert!(WebhookSecret::parse(bad).is_err(), "{bad}");
        }
        assert!(verify(&[], Headers { id: ID, timestamp: "1800000000", signature: "v1," }, BODY, NOW).is_err());
    }

    #[test]
    fn h_09_during_a_rotation_either_secret_verifies() {
        let both = format!("{} {}", secret(2).sign(ID, NOW, BODY), secret(1).sign(ID, NOW, BODY));
        for known in [secret(1), secret(2)] {
            let headers = Headers { id: ID, timestamp: "1800000000", signature: &both };
            verify(&[known], headers, BODY, NOW).unwrap();
        }
    }

    #[test]
    fn a_secret_reads_back_and_tells_nothing_by_accident() {
        let secret = secret(7);
        let again = WebhookSecret::parse(&secret.reveal()).unwrap();
        assert_eq!(again.fingerprint(), secret.fingerprint());
        assert_eq!((format!("{secret:?}"), secret.fingerprint().len()), ("WebhookSecret".to_owned(), 16));
    }
}
