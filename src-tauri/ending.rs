//! Ending when the session ends or Ctrl-C is pressed: by the same way as closing the last window, so that nothing
//! that is being written is cut off.

use tauri::{AppHandle, Runtime};

/// Leaves in good order when the platform asks the process to end.
#[cfg(unix)]
pub(crate) fn listen<R: Runtime>(app: &AppHandle<R>) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let asked = async || -> std::io::Result<()> {
            let mut terminate = signal(SignalKind::terminate())?;
            let mut interrupt = signal(SignalKind::interrupt())?;
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            Ok(())
        };
        match asked().await {
            Ok(()) => app.exit(0),
            Err(error) => tracing::warn!(%error, "signals cannot be listened to; they end the console at once"),
        }
    });
}

/// Other platforms close the windows of a session that ends.
#[cfg(not(unix))]
pub(crate) fn listen<R: Runtime>(_app: &AppHandle<R>) {}
