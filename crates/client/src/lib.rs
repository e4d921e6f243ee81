//! The typed client of a control plane: its calls, signing in by browser, the keyring, and what a device trusts.
//!
//! Tokens stay inside: nothing here returns one. Redirects are never followed, so a credential goes to the configured
//! address and nowhere else. Deliberately absent: rules and text for people beyond error messages.

pub mod api;
pub mod changes;
pub mod error;
pub mod keys;
pub mod session;
pub mod sign_in;
pub mod trust;
pub mod vault;
pub mod witness;

mod address;
mod oauth;
mod roots;
mod transport;

pub use address::{Address, BadAddress};
pub use api::{Api, CredentialName, NewCredential};
pub use error::ClientError;
pub use roots::{BadRoots, Roots};
pub use session::{Credentials, Session};
pub use vault::{Vault, VaultError};
