//! Whether a window can be shown at all, asked before Tauri starts: Tauri panics where a sentence is due.

use thiserror::Error;

/// No window can be shown in this session.
#[derive(Debug, Error)]
#[error(
    "no display can be opened (DISPLAY is {display}, WAYLAND_DISPLAY is {wayland}); \
     start it in a desktop session, or on a virtual display (Xvfb)"
)]
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "only Linux can lack a display"))]
pub(crate) struct NoDisplay {
    display: String,
    wayland: String,
}

#[cfg(target_os = "linux")]
pub(crate) fn probe() -> Result<(), NoDisplay> {
    let told = |name| std::env::var(name).map_or_else(|_| "not set".to_owned(), |value| format!("`{value}`"));
    gtk::init().map_err(|_| NoDisplay { display: told("DISPLAY"), wayland: told("WAYLAND_DISPLAY") })
}

#[cfg(not(target_os = "linux"))]
#[allow(clippy::unnecessary_wraps, reason = "the same signature on every platform")]
pub(crate) fn probe() -> Result<(), NoDisplay> {
    Ok(())
}
