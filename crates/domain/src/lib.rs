//! The words of the trust model as values, and its rules as functions from values to values.
//!
//! Nothing here reads a clock, draws randomness, or does input and output: callers pass a [`Clock`] and an
//! [`Entropy`]. What a rule needs to know it is told, so every rule can be tested at any instant and a grant can
//! be verified offline by the same code that made it.
//!
//! Deliberately absent: SQL, HTTP, async, Cedar.

pub mod account;
pub mod after_review;
pub mod alert;
#[cfg(feature = "ambient")]
pub mod ambient;
pub mod binding;
pub mod budget;
pub mod credential;
pub mod digest;
pub mod entropy;
pub mod event;
pub mod grant;
pub mod id;
pub mod jws;
pub mod key;
pub mod limit;
pub mod network;
pub mod outcome;
pub mod pipeline;
pub mod policy;
pub mod principal;
pub mod reveal;
pub mod review;
pub mod roster;
mod schema;
pub mod scope;
pub mod secret;
pub mod strict_json;
pub mod task;
#[cfg(test)]
pub(crate) mod testing;
pub mod ticket;
pub mod time;
pub mod webhook;
pub mod words;

pub use digest::Digest;
pub use entropy::{Entropy, Ids};
pub use time::{Clock, Instant};
