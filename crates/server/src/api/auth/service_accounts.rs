//! `/api/v1/auth/service-accounts` and below.

use axum::Json;
use axum::extract::State;
use contract::Page;
use contract::access::ServiceAccount;

use crate::app::{App, Authenticated};
use crate::problem::Refusal;

pub(crate) async fn list(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Page<ServiceAccount>>, Refusal> {
    let (accounts, now) = app.run(move |control| Ok((control.accounts(&caller)?, control.now()))).await?;
    let items = accounts.into_iter().map(|(account, held)| ServiceAccount::of(account, held, now)).collect();
    Ok(Json(Page { items, next: None }))
}
