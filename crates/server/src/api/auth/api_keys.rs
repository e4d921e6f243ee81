//! `/api/v1/auth/api-keys`.

use axum::extract::State;
use axum::response::IntoResponse;
use contract::Code;
use contract::credentials::CreateApiKey;
use control::credentials::{ForWhom, Lifetime, NewCredential};
use domain::credential::CredentialKind;

use super::credentials::Kind;
use super::{MESSAGE, fresh};
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

/// The kind of these.
pub(crate) struct ApiKeys;

impl Kind for ApiKeys {
    const KIND: CredentialKind = CredentialKind::ApiKey;
    const ROTATION: &'static str = "rotation of an API key";
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateApiKey>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "API key", &request)?;
    let CreateApiKey { name, account, identifier, scopes, workspaces, networks, expires_at, expires_in_seconds } =
        request;
    let lifetime = match (expires_at, expires_in_seconds) {
        (Some(_), Some(_)) => {
            return Err(Refusal::new(Code::Unprocessable, "give either `expires_at` or `expires_in_seconds`"));
        }
        (Some(end), None) => Lifetime::Until(end),
        (None, seconds) => Lifetime::seconds(seconds),
    };
    let holder = account.map_or(ForWhom::Caller, ForWhom::Account);
    let new =
        NewCredential { kind: ApiKeys::KIND, holder, identifier, label: name, scopes, workspaces, networks, lifetime };
    let made = app.run(move |control| Ok((control.create_credential(&caller, new)?, control.now())));
    let ((secret, credential), now) = made.await?;
    Ok(fresh(&secret, credential, now, MESSAGE.into()))
}
