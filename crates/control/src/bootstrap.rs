//! The bootstrap token: taken from the environment, to make the first credentials with, and meant to be removed.
//!
//! It is not in the database, is marked in the ledger whenever a process starts with it and whenever it is used, and ends
//! when it says. A setting that cannot be read is an error, never a token that lasts for ever.

use domain::digest::Purpose;
use domain::event::{Event, Kind};
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{BadSecret, Secret};
use domain::{Digest, Instant};
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::authenticate::{Caller, Proof};
use crate::error::AuthenticationError;
use crate::jwt::Verifier;
use crate::{Control, Error};

/// The name of whoever presents it.
pub const NAME: &str = "bootstrap";

/// What it may do unless it is said.
const SCOPES: &[&str] = &[
    "admin:tokens:read",
    "admin:tokens:write",
    "workflows:read",
    "workflows:write",
    "workflows:execute",
    "vault:read",
    "vault:write",
];
/// The fewest characters: a token of 128 random bits in base64 has 22.
const SHORTEST: usize = 22;
const LONGEST: usize = 512;

/// A bootstrap token. Knows the digest of its secret only.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    digest: Digest,
    scopes: Scopes,
    expires_at: Option<Instant>,
}

/// A setting of the bootstrap token that cannot be used. Never tells the token.
#[derive(Debug, thiserror::Error)]
pub enum BadBootstrap {
    /// Too short to be random, too long, or with spaces in it.
    #[error(
        "the bootstrap token must be {SHORTEST} to {LONGEST} visible characters, drawn at random; \
         `openssl rand -base64 32` makes one"
    )]
    Token,
    /// It looks like a credential of another kind, for which it would be taken whenever it is presented.
    #[error(
        "the bootstrap token looks like a JWT or like a credential that a control plane made; draw another one with \
         `openssl rand -base64 32`"
    )]
    Kind,
    /// Scopes that are none.
    #[error("the bootstrap token's scopes: {0}")]
    Scopes(String),
    /// An end that is no instant.
    #[error("the bootstrap token's expiry `{0}` is neither like `2026-12-01T12:00:00Z` nor seconds since 1970")]
    ExpiresAt(String),
}

impl Bootstrap {
    /// From what the environment says. `scopes` are separated by commas or spaces, or are a JSON list; `expires_at` is RFC 3339
    /// or seconds since 1970.
    pub fn parse(token: &str, scopes: Option<&str>, expires_at: Option<&str>) -> Result<Self, BadBootstrap> {
        let token = token.trim();
        if !(SHORTEST..=LONGEST).contains(&token.len()) || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(BadBootstrap::Token);
        }
        if Verifier::takes(token) || !matches!(Secret::parse(token), Err(BadSecret::NotOurs)) {
            return Err(BadBootstrap::Kind);
        }
        let scopes = match scopes.map(str::trim).filter(|text| !text.is_empty()) {
            None => Scopes::parse(SCOPES).map_err(|error| BadBootstrap::Scopes(error.to_string()))?,
            Some(text) => listed(text)?,
        };
        let expires_at = expires_at.map(str::trim).filter(|text| !text.is_empty()).map(instant).transpose()?;
        Ok(Self { digest: Digest::of_bytes(Purpose::Secret, token.as_bytes()), scopes, expires_at })
    }

    /// When it ends, if it says.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Instant> {
        self.expires_at
    }

    fn is(&self, token: &str) -> bool {
        let presented = Digest::of_bytes(Purpose::Secret, token.as_bytes());
        self.digest.as_bytes().ct_eq(presented.as_bytes()).into()
    }
}

impl Control {
    /// Whether this is the bootstrap token; its caller, unless its time is over.
    pub(crate) fn bootstrap(&self, token: &str) -> Option<Result<Caller, AuthenticationError>> {
        self.config().auth.bootstrap.as_ref().filter(|bootstrap| bootstrap.is(token))?;
        self.bootstrap_now()
    }

    /// Whoever presented it before, if it is still taken; `None` if there is none.
    pub(crate) fn bootstrap_now(&self) -> Option<Result<Caller, AuthenticationError>> {
        let bootstrap = self.config().auth.bootstrap.as_ref()?;
        if bootstrap.expires_at.is_some_and(|end| !self.now().is_before(end)) {
            return Some(Err(AuthenticationError::BootstrapExpired));
        }
        let name = domain::account::AccountName::reserved(NAME);
        Some(Ok(Caller {
            scopes: bootstrap.scopes.clone(),
            expires_at: bootstrap.expires_at,
            ..Caller::program(Principal::ServiceAccount(name), Proof::Bootstrap)
        }))
    }

    /// Marks in the ledger that this process takes a bootstrap token. Called once, when it starts.
    pub fn announce_bootstrap(&self) -> Result<(), Error> {
        let Some(bootstrap) = self.config().auth.bootstrap.clone() else { return Ok(()) };
        tracing::warn!(
            expires_at = bootstrap.expires_at.map(|end| end.to_string()),
            "a bootstrap token is configured: create persistent tokens with it, then remove it from the environment"
        );
        self.write(move |control, tx| {
            let data = json!({ "scopes": bootstrap.scopes, "expires_at": bootstrap.expires_at });
            Ok(tx.commit(Event::new(control.now(), Kind::BootstrapEnabled).with(data))?)
        })
    }

    /// Marks in the ledger that the bootstrap token was used.
    pub(crate) fn record_bootstrap(&self, caller: &Caller) -> Result<(), Error> {
        let caller = caller.clone();
        self.write(move |control, tx| {
            let event = Event::new(control.now(), Kind::AuthenticationSucceeded).by(&caller.principal);
            Ok(tx.commit(event.with(json!({ "method": "bootstrap", "address": caller.address })))?)
        })
    }
}

fn listed(text: &str) -> Result<Scopes, BadBootstrap> {
    let names: Vec<String> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| BadBootstrap::Scopes(error.to_string()))?
    } else {
        text.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let known = domain::scope::Catalogue::default();
    known.parse(names).map_err(|error| BadBootstrap::Scopes(error.to_string()))
}

fn instant(text: &str) -> Result<Instant, BadBootstrap> {
    let bad = || BadBootstrap::ExpiresAt(text.chars().take(40).collect());
    match text.parse::<i64>() {
        // A number beyond the year 9999 is milliseconds or a slip; either way not what was meant.
        Ok(seconds) if (0..=253_402_207_200).contains(&seconds) => Ok(Instant::from_seconds(seconds)),
        Ok(_) => Err(bad()),
        Err(_) => text.parse().map_err(|_| bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "VGhpc0lzQW5FeGFtcGxlU2VjcmV0VG9rZW5TdHJpbmc";

    #[test]
    fn scopes_and_expiry_are_read_in_every_form_that_is_documented() {
        for scopes in ["admin:tokens:write,workflows:read", "admin:tokens:write workflows:read"] {
            let bootstrap = Bootstrap::parse(TOKEN, Some(scopes), None).unwrap();
            assert_eq!(bootstrap.scopes.to_string(), "admin:tokens:write workflows:read");
        }
        let listed = Bootstrap::parse(TOKEN, Some(r#"["workflows:read"]"#), Some("")).unwrap();
        assert_eq!((listed.scopes.to_string().as_str(), listed.expires_at), ("workflows:read", None));
        let iso = Bootstrap::parse(TOKEN, None, Some("2024-05-01T12:00:00Z")).unwrap();
        let epoch = Bootstrap::parse(TOKEN, None, Some("1714564800")).unwrap();
        assert_eq!(iso.expires_at, epoch.expires_at);
    }

    #[test]
    fn t_19_what_cannot_be_read_is_an_error_and_never_a_token_without_an_end() {
        for end in ["tomorrow", "2024-05-01", "1714564800000", "-1"] {
            assert!(Bootstrap::parse(TOKEN, None, Some(end)).is_err(), "{end}");
        }
        assert!(Bootstrap::parse(TOKEN, Some("admin:everything"), None).is_err());
        for other in ["eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "cs_svt_VGhpc0lzQW5FeGFtcGxlU2Vj"] {
            assert!(matches!(Bootstrap::parse(other, None, None), Err(BadBootstrap::Kind)), "{other}");
        }
        for token in ["", "hunter2", "a b c d e f g h i j k l m n o p"] {
            let error = Bootstrap::parse(token, None, None).unwrap_err().to_string();
            assert!(token.is_empty() || !error.contains(token), "{error}");
        }
    }

    #[test]
    fn its_debug_form_does_not_tell_it() {
        let bootstrap = Bootstrap::parse(TOKEN, None, None).unwrap();
        assert!(!format!("{bootstrap:?}").contains(TOKEN));
        assert!(bootstrap.is(TOKEN) && !bootstrap.is("another"));
    }
}
