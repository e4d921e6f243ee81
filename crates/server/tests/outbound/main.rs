//! The way out against hostile addresses, names and servers; and key sets fetched through it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod addresses;
mod answers;
mod jwks;
mod secure;
mod sites;
