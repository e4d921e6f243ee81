//! `/api/v1/auth/service-tokens`.

use axum::extract::State;
use axum::response::IntoResponse;
use contract::credentials::CreateServiceToken;
use control::credentials::{ForWhom, Lifetime, NewCredential};
use domain::credential::CredentialKind;

use super::credentials::Kind;
use super::{MESSAGE, fresh};
use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::once::IdempotencyKey;
use crate::problem::Refusal;

/// The kind of these.
pub(crate) struct ServiceTokens;

impl Kind for ServiceTokens {
    const KIND: CredentialKind = CredentialKind::ServiceToken;
    const ROTATION: &'static str = "rotation of a service token";
}

pub(crate) async fn create(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    key: IdempotencyKey,
    StrictJson(request): StrictJson<CreateServiceToken>,
) -> Result<impl IntoResponse, Refusal> {
    let caller = key.of(caller, "service token", &request)?;
    let CreateServiceToken { account, identifier, label, scopes, workspaces, networks, expires_in_seconds } = request;
    let new = NewCredential {
        kind: ServiceTokens::KIND,
        holder: account.map_or(ForWhom::OwnAccount, ForWhom::Account),
        identifier,
        label,
        scopes,
        workspaces,
        networks,
        lifetime: Lifetime::seconds(expires_in_seconds),
    };
    let made = app.run(move |control| Ok((control.create_credential(&caller, new)?, control.now())));
    let ((secret, credential), now) = made.await?;
    Ok(fresh(&secret, credential, now, MESSAGE.into()))
}
