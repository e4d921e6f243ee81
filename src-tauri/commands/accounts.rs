//! The accounts room.

use client::Api;
use contract::access::{CreateUser, ServiceAccount, User};
use contract::credentials::{CreateServiceToken, FreshSecret};
use domain::id::CredentialId;
use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;

/// The service accounts with their credentials.
#[tauri::command]
#[specta::specta]
pub(crate) async fn accounts(console: State<'_, Console>) -> Result<Vec<ServiceAccount>, Failure> {
    Ok(console.api()?.accounts().await?)
}

/// The people.
#[tauri::command]
#[specta::specta]
pub(crate) async fn users(console: State<'_, Console>) -> Result<Vec<User>, Failure> {
    Ok(console.api()?.users().await?)
}

/// Adds a person; their first password is shown once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_user(console: State<'_, Console>, request: CreateUser) -> Result<FreshSecret, Failure> {
    let ask = |api: Api| {
        let request = request.clone();
        async move { api.create_user(&request).await }
    };
    console.freshly(ask).await
}

/// Makes a service token; its secret is shown once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_service_token(
    console: State<'_, Console>,
    request: CreateServiceToken,
) -> Result<FreshSecret, Failure> {
    let ask = |api: Api| {
        let request = request.clone();
        async move { api.create_service_token(&request).await }
    };
    console.freshly(ask).await
}

/// Ends a service token now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn revoke_service_token(console: State<'_, Console>, id: CredentialId) -> Result<(), Failure> {
    Ok(console.api()?.revoke_service_token(id).await?)
}
