//! `/api/v1/auth/login`, `/api/v1/auth/test`, `/api/v1/auth/validate`, `/api/v1/auth/permissions`.

use axum::Json;
use axum::extract::State;
use contract::context::{AuthContext, IdentityType, LoggedIn, Login, Permission, Permissions, Validity};
use control::Proof;
use control::password::Password;
use control::sign_in::ACCESS_TTL;

use crate::app::{App, Authenticated, Client};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn login(
    State(app): State<App>,
    Client(from): Client,
    StrictJson(request): StrictJson<Login>,
) -> Result<Json<LoggedIn>, Refusal> {
    let Login { email, password } = request;
    let password = Password::new(password);
    let session = app.run(move |control| control.login(&email, &password, from)).await?;
    Ok(Json(LoggedIn {
        access_token: session.access.reveal().to_owned(),
        token_type: "Bearer".into(),
        expires_in: ACCESS_TTL,
        scope: session.scopes.to_string(),
    }))
}

pub(crate) async fn test(Authenticated(caller): Authenticated) -> Json<AuthContext> {
    let (identity_type, token_id) = match caller.proof {
        Proof::Nothing => (IdentityType::Anonymous, None),
        Proof::Federated(kind) => (kind_of(kind), caller.token_id),
        _ if caller.principal.user().is_some() => (IdentityType::User, id(caller.proof)),
        _ => (IdentityType::Service, id(caller.proof)),
    };
    Json(AuthContext {
        authenticated: caller.proof != Proof::Nothing,
        subject: caller.principal,
        identity_type,
        scopes: caller.scopes,
        workspace_ids: caller.workspaces,
        token_id,
        expires_at: caller.expires_at,
    })
}

const fn kind_of(said: control::jwt::IdentityType) -> IdentityType {
    match said {
        control::jwt::IdentityType::User => IdentityType::User,
        control::jwt::IdentityType::Service => IdentityType::Service,
        control::jwt::IdentityType::Client => IdentityType::Client,
    }
}

fn id(proof: Proof) -> Option<String> {
    match proof {
        Proof::Session { id, .. } => Some(id.to_string()),
        Proof::Credential(id) => Some(id.to_string()),
        Proof::Federated(_) | Proof::Bootstrap | Proof::Nothing => None,
    }
}

pub(crate) async fn validate(Authenticated(caller): Authenticated) -> Json<Validity> {
    Json(Validity { valid: true, subject: caller.principal, expires_at: caller.expires_at })
}

pub(crate) async fn permissions(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Permissions>, Refusal> {
    let catalogue = app.run(control::Control::catalogue).await?;
    let held = catalogue.entries().filter(|(name, ..)| caller.scopes.contains(name));
    let permission = |(name, aliases, description): (&str, &[&str], &str)| Permission {
        name: name.to_owned(),
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        description: description.to_owned(),
    };
    Ok(Json(Permissions { permissions: held.map(permission).collect() }))
}
