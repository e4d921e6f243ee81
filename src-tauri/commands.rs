//! What a webview may ask of the shell, one file per room. A command has no opinion: it reads its arguments, calls
//! one use case and converts the answer. It returns facts, never a token or a private key.
//!
//! A new command is written here, registered in `bindings.rs`, named in `commands/names.rs`, and granted to one
//! window by a set in `permissions/`.

pub(crate) mod accounts;
pub(crate) mod app;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod policies;
pub(crate) mod roster;
pub(crate) mod signing;
