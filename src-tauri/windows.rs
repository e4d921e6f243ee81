//! The two windows. `main` shows the rooms; `signing` is made on demand, stands above it, and is the only one whose
//! capability can sign. Their sizes are in `tauri.conf.json`.
//!
//! Invariant: a window shows only pages that were built into the program. Every other navigation, every new window
//! and every download is refused, whoever asks.

use std::path::Path;

use tauri::{
    AppHandle, Manager, Runtime, Url, WebviewWindow, WebviewWindowBuilder, plugin::TauriPlugin,
    webview::NewWindowResponse,
};
use tauri_plugin_window_state::StateFlags;

use crate::profile::{BadFolder, Profile};

/// The label of the window with the rooms.
pub const MAIN: &str = "main";
/// The label of the window that signs.
pub const SIGNING: &str = "signing";

/// A window that cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The platform refused it.
    #[error("cannot open the window: {0}")]
    Platform(#[from] tauri::Error),
    /// Its storage has no place.
    #[error(transparent)]
    Folder(#[from] BadFolder),
}

/// Opens the window with the rooms.
pub fn open_main<R: Runtime>(app: &AppHandle<R>) -> Result<WebviewWindow<R>, CannotOpen> {
    open(app, MAIN)
}

/// Opens the window that signs, or brings the open one to the front. What it shows is kept in Rust.
pub fn open_signing<R: Runtime>(app: &AppHandle<R>) -> Result<WebviewWindow<R>, CannotOpen> {
    if let Some(window) = app.get_webview_window(SIGNING) {
        window.set_focus()?;
        return Ok(window);
    }
    open(app, SIGNING)
}

/// Brings the window with the rooms to the front.
pub fn show_main<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let shown = window.show().and_then(|()| window.unminimize()).and_then(|()| window.set_focus());
    if let Err(error) = shown {
        tracing::warn!(%error, "the main window cannot be brought to the front");
    }
}

/// Keeps size and place of the main window between two starts. The signing window always opens in the middle.
pub(crate) fn remember_where_they_were<R: Runtime>(folder: &Path) -> TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new()
        .with_filename(folder.join("window.json").to_string_lossy())
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .with_denylist(&[SIGNING])
        .build()
}

fn open<R: Runtime>(app: &AppHandle<R>, label: &str) -> Result<WebviewWindow<R>, CannotOpen> {
    let config = app.config().app.windows.iter().find(|window| window.label == label);
    let config = config.ok_or(tauri::Error::WindowNotFound)?;
    // One storage for both: WebKit lets only the first one be driven by tests.
    let storage = app.state::<Profile>().folder(app)?.join("webview");
    let window = WebviewWindowBuilder::from_config(app, config)?
        .data_directory(storage)
        .on_navigation(is_ours)
        .on_new_window(|_url, _features| NewWindowResponse::Deny)
        .on_download(|_webview, _download| false)
        .build()?;
    Ok(window)
}

/// Whether an address is one of the pages that were built in (or of the UI's dev server, without `bundled-ui`).
fn is_ours(url: &Url) -> bool {
    let origin = (url.scheme(), url.host_str(), url.port());
    match origin {
        ("tauri", Some("localhost"), None) => cfg!(not(any(windows, target_os = "android"))),
        ("http" | "https", Some("tauri.localhost"), None) => {
            cfg!(any(windows, target_os = "android"))
        }
        ("http", Some("127.0.0.1"), Some(1420)) => tauri::is_dev(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_built_in_pages_are_ours() {
        assert!(cfg!(windows) || is_ours(&"tauri://localhost/approvals/1".parse().unwrap()));
        for foreign in [
            "https://example.com/",
            "http://127.0.0.1:8080/",
            "http://localhost/",
            "tauri://evil/",
            "tauri://localhost.evil/",
            "tauri://localhost:1420/",
            "ipc://localhost/app_state",
            "asset://localhost/etc/passwd",
            "file:///etc/passwd",
            "data:text/html,x",
            "javascript:alert(1)",
            "about:blank",
            "blob:tauri://localhost/1",
        ] {
            assert!(!is_ours(&foreign.parse().unwrap()), "{foreign}");
        }
    }
}
