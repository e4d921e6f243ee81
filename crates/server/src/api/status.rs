//! `/healthz`, `/readyz`, `/metrics`, `/api/v1/system/info`, `/api/v1/authn/status`, `/api/v1/authz/status`.

use std::time::Duration;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use contract::status::{Health, Status, SystemInfo};
use control::status::Health as Standing;

use crate::address::{self, ClientAddress};
use crate::app::App;
use crate::problem::Refusal;
use crate::settings::MetricsAccess;
use crate::{metrics, outer, readiness};

/// How long the store may take to say what waits. If it takes longer, what it said last is told.
const BACKLOG: Duration = Duration::from_secs(2);

pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

pub(crate) async fn readyz(State(app): State<App>) -> Response {
    let found = readiness::look(&app).await;
    let status = if found.status == Health::Ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(found)).into_response()
}

/// To whom the settings do not let it tell anything, this path does not exist.
pub(crate) async fn metrics(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let near = ClientAddress::of(request.extensions()).0.is_loopback() && !address::is_passed_on(request.headers());
    let told = match app.front.metrics {
        MetricsAccess::Public => true,
        MetricsAccess::Loopback => near,
        MetricsAccess::Off => false,
    };
    if !told {
        return Err(outer::not_found().await);
    }
    if let Some(pulse) = app.control.ledger_pulse() {
        let age = app.control.now().seconds_since(pulse.at);
        app.metrics.ledger(pulse.size, Some(Duration::from_secs(age.into())));
    }
    let backlog = tokio::time::timeout(BACKLOG, app.run(control::Control::backlog));
    if let Ok(Ok(backlog)) = backlog.await {
        app.metrics.backlog(&backlog, app.control.now());
    }
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics.render()).into_response())
}

pub(crate) async fn system_info(State(app): State<App>) -> Result<Json<SystemInfo>, Refusal> {
    let checks = readiness::look(&app).await.checks;
    let broken: Vec<_> = checks.into_values().filter_map(|check| check.reason).collect();
    let depends = if broken.is_empty() { Standing::Ready } else { Standing::Degraded(broken) };
    app.run(move |control| {
        let (status, reasons) = parts(worst([depends, control.authn_health(), control.authz_health()]));
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

fn worst(healths: [Standing; 3]) -> Standing {
    let rank = |health: &Standing| match health {
        Standing::Ready => 0,
        Standing::Degraded(_) => 1,
        Standing::Placeholder(_) => 2,
    };
    healths.into_iter().max_by_key(rank).unwrap_or(Standing::Ready)
}
