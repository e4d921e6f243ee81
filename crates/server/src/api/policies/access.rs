//! `/api/v1/policies/access`.

use axum::Json;
use axum::extract::State;
use contract::policies::{AccessReport, AccessRow, AskAccess};
use control::access::{Row, Wanted};

use crate::app::{App, Authenticated};
use crate::body::StrictJson;
use crate::problem::Refusal;

pub(crate) async fn ask(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    StrictJson(AskAccess { subject, principal, action, resource, env }): StrictJson<AskAccess>,
) -> Result<Json<AccessReport>, Refusal> {
    let (subject, wanted) = (super::subject(subject), Wanted { principal, action, resource, env });
    let report = app.run(move |control| control.access(&caller, &subject, &wanted)).await?;
    let rows = report.rows.into_iter().map(shown).collect();
    Ok(Json(AccessReport { rows, asked: report.asked, cut: report.cut, policy_set: report.policy_set }))
}

fn shown(row: Row) -> AccessRow {
    AccessRow {
        principal: row.principal,
        name: row.name,
        action: row.action,
        resource: row.resource,
        env: row.env,
        outcome: row.answer.outcome,
        approvers: row.answer.requirement.map(|requirement| requirement.quorum),
        because: row.answer.reasons.into_iter().map(|reason| reason.policy).collect(),
    }
}
