//! The frame: where the console stands, the first run, signing in and out.

use tauri::State;

use crate::console::Console;
use crate::ipc::{AppState, Failure, Founder, GettingStarted};

/// Everything the frame shows.
#[tauri::command]
#[specta::specta]
pub(crate) async fn app_state(console: State<'_, Console>) -> Result<AppState, Failure> {
    console.app_state().await
}

/// Starts an embedded control plane with this founding administrator and samples.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_it_here(console: State<'_, Console>, founder: Founder) -> Result<(), Failure> {
    console.try_it_here(founder).await
}

/// How to try the chain from a terminal; nothing where the control plane is not embedded.
#[tauri::command]
#[specta::specta]
pub(crate) async fn getting_started(console: State<'_, Console>) -> Result<Option<GettingStarted>, Failure> {
    console.getting_started().await
}

/// Makes the sample account a new token.
#[tauri::command]
#[specta::specta]
pub(crate) async fn new_sample_token(console: State<'_, Console>) -> Result<(), Failure> {
    console.new_sample_token().await
}

/// Attaches to a control plane.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connect(console: State<'_, Console>, url: String) -> Result<(), Failure> {
    console.connect(&url).await
}

/// Signs in by the system browser; answers when that is done.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(console: State<'_, Console>) -> Result<(), Failure> {
    console.sign_in(None).await.map(drop)
}

/// Ends a sign-in that waits for the browser.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_sign_in(console: State<'_, Console>) -> Result<(), Failure> {
    console.cancel_sign_in();
    Ok(())
}

/// Ends the session.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_out(console: State<'_, Console>) -> Result<(), Failure> {
    console.sign_out().await
}
