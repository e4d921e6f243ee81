//! What crosses between the webview and Rust: facts to show, never credentials.
//!
//! Wire types are handed on where the page shows them as they are; what is signed or must be readable is made here
//! from the bytes, so that the webview only ever displays it.

pub(crate) mod accounts;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod policies;
pub(crate) mod roster;
pub(crate) mod signing;

use contract::access::WhoAmI;
use domain::Instant;
use domain::key::KeyId;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Why a command failed, for the page to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Failure {
    /// Stable dotted code: the control plane's, or `console.…`.
    pub code: String,
    /// What is wrong and what would help.
    pub detail: String,
}

/// What the console as a whole shows.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct AppState {
    /// Of the console.
    pub version: String,
    /// `default`, or what `--profile` said.
    pub profile: String,
    /// Which page comes first.
    pub stage: Stage,
    /// The control plane, once one was chosen.
    pub connection: Option<Connection>,
    /// Who is signed in, while stage is `signed_in`.
    pub session: Option<Session>,
    /// Whether the session outlives this process.
    pub keyring: Keyring,
    /// Since when the control plane has not answered.
    pub offline_since: Option<Instant>,
}

/// How far the first run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nothing was chosen yet.
    Welcome,
    /// A control plane is chosen, nobody is signed in.
    SignedOut,
    /// The browser is open.
    SigningIn,
    /// Somebody is signed in.
    SignedIn,
}

/// A control plane that the console knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub(crate) struct Connection {
    /// How it is called here.
    pub name: String,
    /// Its address, which is also its issuer.
    pub url: String,
    /// Runs inside this console.
    pub embedded: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Session {
    /// The person.
    pub who: WhoAmI,
    /// This device's approver key.
    pub key: DeviceKey,
}

/// This device's approver key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct DeviceKey {
    /// How it stands.
    pub state: KeyState,
    /// Its id, once there is one.
    pub key_id: Option<KeyId>,
    /// What this device is called.
    pub device: String,
}

/// How a device's key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyState {
    /// There is no roster yet: this device can found it.
    CanFound,
    /// This device has no key.
    None,
    /// Asked to be on the roster, not signed yet.
    Waiting,
    /// On the roster: can review.
    OnRoster,
}

/// Whether secrets can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Keyring {
    /// The operating system's keyring takes and gives back.
    pub usable: bool,
    /// Why not, and what would help.
    pub problem: Option<String>,
}

/// The founding administrator, as typed.
#[derive(Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct Founder {
    /// How they are called.
    pub name: String,
    /// What they will sign in with.
    pub email: String,
    /// Chosen by them, at least 12 characters.
    pub password: String,
}

/// How to try the chain from a terminal, on the embedded control plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct GettingStarted {
    /// The environment variables to set, one `export …` per line; with the sample token while it can still be shown.
    pub setup: String,
    /// The command to run.
    pub command: String,
    /// Whether the sample token was shown already and cannot be shown again.
    pub token_gone: bool,
}
