//! The commands, one file each.

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod approval;
pub(crate) mod audit;
pub(crate) mod auth;
pub(crate) mod completions;
pub(crate) mod exec;
pub(crate) mod key;
pub(crate) mod man;
pub(crate) mod policy;
pub(crate) mod roster;
pub(crate) mod scope;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod webhook;
pub(crate) mod whoami;

mod credential;
mod secret;
mod ticket;
