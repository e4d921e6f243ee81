//! `countersign approval verify`: a grant that was kept, checked on any machine, without asking anyone.

use std::path::{Path, PathBuf};

use client::trust::Trusted;
use domain::binding::Action;
use domain::grant::{Grant, Verified};
use domain::principal::Principal;
use domain::{Clock as _, Instant, ambient::SystemClock, strict_json};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::cli::Global;
use crate::connection::trust;
use crate::exit::{Exit, Failure};
use crate::output::{Output, fields, prose};
use crate::trusted::TrustArgs;

/// Verify a grant offline, against the action that it is said to be for
///
/// The roster is pinned with `--roster-pin`, or by trust.json for the control plane that `--url` names.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  countersign approval verify grant.json --action action.json --subject service_account:billing-ci")]
pub(crate) struct Args {
    /// The grant, as `countersign approval grant` prints it
    #[arg(value_name = "FILE")]
    grant: PathBuf,
    /// The action as JSON: `.binding.action` of what `countersign approval show --json` prints
    #[arg(long, value_name = "FILE")]
    action: PathBuf,
    /// Who asked, for example `service_account:billing-ci`
    #[arg(long, value_name = "PRINCIPAL")]
    subject: Principal,
    /// Verify as of this instant, like `2026-11-22T05:00:00Z`, instead of now
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
    #[command(flatten)]
    trust: TrustArgs,
}

pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let grant: Grant = read(&args.grant)?;
    let action: Action = read(&args.action)?;
    let issuer = global.url.as_deref().unwrap_or_default().trim_end_matches('/');
    let trusted = if issuer.is_empty() { Trusted::default() } else { trust(global)?.get(issuer)? };
    let trust = args.trust.of(&trusted, issuer, &action.env);
    let now = args.at.unwrap_or_else(|| SystemClock.now());
    let verified = trust.verify_at(&grant, &args.subject, &action, now)?;
    Output { json: global.json }.result(&report(&grant, &verified), |_| text(&grant, &verified))
}

fn report(grant: &Grant, verified: &Verified) -> serde_json::Value {
    let approvers = verified.approvers.iter().map(|(id, name)| json!({ "id": id, "name": name }));
    json!({
        "ticket": grant.ticket,
        "approvers": approvers.collect::<Vec<_>>(),
        "binding_digest": verified.binding_digest,
        "roster": verified.pin,
        "budget": grant.budget,
        "execution_expires_at": verified.until,
    })
}

fn text(grant: &Grant, verified: &Verified) -> String {
    let name = |(id, name): &(_, String)| format!("{} ({id})", prose(name));
    let mut rows = vec![
        ("verified", grant.ticket.to_string()),
        ("approved by", verified.approvers.iter().map(name).collect::<Vec<_>>().join(", ")),
        ("binding", verified.binding_digest.to_string()),
        ("roster", format!("version {}, {}", verified.pin.version, verified.pin.digest)),
        ("until", verified.until.to_string()),
    ];
    rows.extend(grant.budget.map(|budget| ("standing", budget.in_words())));
    fields(&rows)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path)
        .map_err(|error| Failure::new(Exit::Storage, format!("`{shown}` cannot be read: {error}")))?;
    strict_json::parse(&bytes).map_err(|error| Failure::usage(format!("`{shown}` is not what it should be: {error}")))
}
