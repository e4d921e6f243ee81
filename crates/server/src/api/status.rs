//! `/healthz`, `/readyz`, `/api/v1/system/info`, `/api/v1/authn/status`, `/api/v1/authz/status`.

use axum::Json;
use axum::extract::State;
use contract::Code;
use contract::status::{Health, Status, SystemInfo};
use control::status::Health as Standing;

use crate::app::App;
use crate::problem::Refusal;

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

pub(crate) async fn readyz(State(app): State<App>) -> Result<&'static str, Refusal> {
    let ready = app.run(|control| Ok(control.check_store()?)).await;
    ready.map(|()| "ready\n").map_err(|_| Refusal::new(Code::Unavailable, "the store does not answer"))
}

pub(crate) async fn system_info(State(app): State<App>) -> Result<Json<SystemInfo>, Refusal> {
    app.run(|control| {
        let (status, reasons) = parts(worst([control.authn_health(), control.authz_health()]));
        Ok(Json(SystemInfo {
            name: "countersign".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            status,
            reasons,
            now: control.now(),
            ledger_origin: control.ledger_origin().to_owned(),
        }))
    })
    .await
}

pub(crate) async fn authn(State(app): State<App>) -> Result<Json<Status>, Refusal> {
    app.run(|control| Ok(Json(status(control.authn_health())))).await
}

pub(crate) async fn authz(State(app): State<App>) -> Result<Json<Status>, Refusal> {
    app.run(|control| Ok(Json(status(control.authz_health())))).await
}

fn status(health: Standing) -> Status {
    let (status, reasons) = parts(health);
    Status { status, reasons }
}

fn parts(health: Standing) -> (Health, Vec<String>) {
    match health {
        Standing::Placeholder(reasons) => (Health::Placeholder, reasons),
        Standing::Ready => (Health::Ready, Vec::new()),
        Standing::Degraded(reasons) => (Health::Degraded, reasons),
    }
}

fn worst(healths: [Standing; 2]) -> Standing {
    let rank = |health: &Standing| match health {
        Standing::Ready => 0,
        Standing::Degraded(_) => 1,
        Standing::Placeholder(_) => 2,
    };
    healths.into_iter().max_by_key(rank).unwrap_or(Standing::Ready)
}
