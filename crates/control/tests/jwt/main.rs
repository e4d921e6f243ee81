//! JWTs of outside issuers against the attack table: real keys, made here, and a clock that the test moves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod any_bytes;
mod claims;
mod fixtures;
mod key_ring;
mod keys;
mod kinds;
mod settings;
mod signer;
mod times;
mod vectors;
