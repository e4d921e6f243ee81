//! Passwords: Argon2id with 19 MiB, two passes, one lane; a bounded number at a time, so that a flood of logins can
//! take neither memory nor cores from the rest.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use domain::Entropy;
use zeroize::Zeroizing;

use crate::Error;
use crate::turns::Turns;

/// The fewest characters a password may have (NIST SP 800-63B asks for 8; this is a production gate).
pub const MIN_LENGTH: usize = 12;
const MAX_LENGTH: usize = 256;
const AT_ONCE: usize = 2;
const QUEUE: usize = 32;
/// A hash of nothing anyone can type, so that an unknown e-mail address costs what a known one does.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as it was typed; wiped on drop.
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes what was typed.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Refuses one that is too short or too long to be chosen.
    pub fn check_choice(&self) -> Result<(), Error> {
        let length = self.0.chars().count();
        if (MIN_LENGTH..=MAX_LENGTH).contains(&length) {
            Ok(())
        } else {
            Err(Error::invalid(
                "password",
                format!("choose {MIN_LENGTH} to {MAX_LENGTH} characters; a sentence is good"),
            ))
        }
    }
}

/// The hasher, with its bound.
pub struct Passwords(Turns);

impl Default for Passwords {
    fn default() -> Self {
        Self(Turns::new(AT_ONCE, QUEUE))
    }
}

impl Passwords {
    /// The text to store: a PHC string.
    pub fn hash(&self, password: &Password, entropy: &dyn Entropy) -> Result<String, Error> {
        let salt = entropy.bytes::<16>();
        self.in_turn(|| argon2()?.hash_password_with_salt(password.0.as_bytes(), &salt).map_err(internal))
            .map(|hash: PasswordHash| hash.to_string())
    }

    /// Whether it is the password of that stored text. Takes as long when there is no stored text.
    pub fn verify(&self, password: &Password, stored: Option<&str>) -> Result<bool, Error> {
        if password.0.chars().count() > MAX_LENGTH {
            return Ok(false);
        }
        let hash = PasswordHash::new(stored.unwrap_or(NOBODY)).map_err(internal)?;
        let fits = self.in_turn(|| Ok(argon2()?.verify_password(password.0.as_bytes(), &hash).is_ok()))?;
        Ok(fits && stored.is_some())
    }

    fn in_turn<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        let _turn = self.0.take().ok_or(Error::Busy("people are signing in"))?;
        work()
    }
}

fn argon2() -> Result<Argon2<'static>, Error> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(internal)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("password hashing: {error}"))
}
