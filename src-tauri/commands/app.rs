//! Facts about this program.

use serde::Serialize;
use specta::Type;
use tauri::State;

use crate::profile::Profile;

/// Which program this is, and for whom it was started.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct AppInfo {
    /// The version of the console.
    version: String,
    /// `default`, or what `--profile` said.
    profile: String,
}

/// Tells the version and the profile.
#[tauri::command]
#[specta::specta]
#[allow(clippy::needless_pass_by_value, reason = "tauri hands state over by value")]
pub(crate) fn app_info(profile: State<'_, Profile>) -> AppInfo {
    AppInfo { version: env!("CARGO_PKG_VERSION").to_owned(), profile: profile.name().to_owned() }
}
