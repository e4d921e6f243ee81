//! `countersign status`: whether the control plane answers, and what is trusted of it here. Needs no token.

use client::trust::Trusted;
use contract::status::{Health, SystemInfo};
use domain::Clock as _;
use domain::ambient::SystemClock;
use serde_json::json;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose};

/// Show how the control plane stands, and what this device trusts of it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign status --url https://countersign.example.com")]
pub(crate) struct Args {}

pub(crate) async fn run(global: &Global) -> Result<(), Failure> {
    let connection = Connection::without_token(global)?;
    let info = connection.api.system_info().await?;
    let issuer = connection.issuer();
    let trusted = connection.trust.get(&issuer)?;
    let report = json!({
        "url": issuer,
        "system": info,
        "roster_pin": trusted.roster,
        "ledger_key": trusted.ledger_key,
        "minimum_approvals": trusted.minimum_approvals,
    });
    connection.out.result(&report, |_| text(&issuer, &info, &trusted))
}

fn text(issuer: &str, info: &SystemInfo, trusted: &Trusted) -> String {
    let health = match info.status {
        Health::Placeholder => "not set up yet",
        Health::Ready => "ready",
        Health::Degraded => "degraded",
    };
    let reasons = info.reasons.iter().map(|reason| prose(reason)).collect::<Vec<_>>().join("; ");
    let standing = if reasons.is_empty() { health.to_owned() } else { format!("{health}: {reasons}") };
    let (ours, theirs) = (SystemClock.now(), info.now);
    let apart = ours.seconds_since(theirs).max(theirs.seconds_since(ours));
    let pin = trusted.roster.map_or_else(
        || "nothing yet; `countersign roster pin` pins one".to_owned(),
        |pin| format!("version {}, {}", pin.version, pin.digest),
    );
    let minimums = trusted.minimum_approvals.iter().map(|(env, number)| format!("{number} in {env}"));
    let minimums = minimums.collect::<Vec<_>>().join(", ");
    fields(&[
        ("control plane", issuer.to_owned()),
        ("version", prose(&info.version)),
        ("status", standing),
        ("ledger", prose(&info.ledger_origin)),
        ("clocks", format!("{apart} s apart")),
        ("roster pinned", pin),
        ("approvals demanded", if minimums.is_empty() { "as policy says".into() } else { minimums }),
    ])
}
