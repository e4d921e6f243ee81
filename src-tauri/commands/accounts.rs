//! The accounts room.

use client::Api;
use contract::access::{CreateUser, ServiceAccount, User};
use contract::accounts::ReplaceAccount;
use contract::credentials::{CreateServiceToken, FreshSecret};
use domain::account::AccountName;
use domain::id::CredentialId;
use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::accounts::{LookedAt, NarrowAccount, UsagePage};

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

/// What an account was given, held against what it used in so many days, 1 to 366.
#[tauri::command]
#[specta::specta]
pub(crate) async fn account_usage(
    console: State<'_, Console>,
    name: AccountName,
    days: u32,
) -> Result<UsagePage, Failure> {
    let api = console.api()?;
    // The account before its usage, so that a change in between is found when a narrower grant is applied.
    let account = api.account(&name).await?;
    let usage = api.account_usage(&name, days).await?;
    Ok(UsagePage { account: account.value, tag: account.tag, usage })
}

/// Gives an account a narrower grant, if the account and the policies in force are still those that it was replayed on.
#[tauri::command]
#[specta::specta]
pub(crate) async fn narrow_account(
    console: State<'_, Console>,
    request: NarrowAccount,
) -> Result<ServiceAccount, Failure> {
    let NarrowAccount { name, grant, tag, policy_set } = request;
    let api = console.api()?;
    let account = api.account(&name).await?;
    let now = LookedAt { tag: account.tag.clone(), policy_set: api.policies().await?.digest };
    now.still(&LookedAt { tag, policy_set })?;
    let wanted = ReplaceAccount::narrowed(&account.value, &grant);
    Ok(api.replace_account(&name, &wanted, &account.tag).await?)
}
