//! The commands, one file each.

pub(crate) mod alerts;
pub(crate) mod approval;
pub(crate) mod audit;
pub(crate) mod exec;
pub(crate) mod roster;
pub(crate) mod serve;
pub(crate) mod status;
pub(crate) mod webhook;
pub(crate) mod whoami;

mod ticket;
