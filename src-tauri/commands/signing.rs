//! The signing window. Only its capability names these.

use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::signing::SigningSubject;

/// What waits to be signed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn signing_subject(console: State<'_, Console>) -> Result<SigningSubject, Failure> {
    console.signing_subject()
}

/// Signs it and sends it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn signing_confirm(console: State<'_, Console>) -> Result<(), Failure> {
    console.confirm().await
}

/// Does not sign.
#[tauri::command]
#[specta::specta]
pub(crate) async fn signing_cancel(console: State<'_, Console>) -> Result<(), Failure> {
    console.cancel_signing();
    Ok(())
}
