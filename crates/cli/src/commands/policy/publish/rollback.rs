//! `countersign policy rollback`: an old version, published again as a new one.

use contract::policies::CreateDraft;

use super::{How, bring, find};
use crate::cli::Global;
use crate::commands::policy::draft;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};

/// Bring an old version back: its texts and cases are published again, as a new version
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign policy rollback --to 3 --wait")]
pub(crate) struct Args {
    /// The version
    #[arg(long, value_name = "N")]
    to: u32,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    #[command(flatten)]
    how: How,
}

pub(crate) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let live = connection.api.policies().await?;
    if live.version == args.to {
        return Err(Failure::new(Exit::Conflict, format!("version {} is in force", args.to))
            .hint("`countersign policy versions` lists those before it"));
    }
    let wanted = connection.api.policy_version(args.to).await.map_err(|error| {
        let failure = Failure::from(error);
        failure.hint("`countersign policy versions` lists those that there are")
    })?;
    let me = connection.api.who_am_i().await?.principal;
    let fits = |draft: &contract::policies::PolicyDraftSummary| {
        let whole = draft.restores == Some(args.to) && draft.digest == wanted.summary.digest;
        whole && draft.created_by == me && draft.base_version == live.version
    };
    let known = find(&connection, fits).await?.and_then(|draft| draft.id.parse().ok());
    let draft = if let Some(id) = known {
        connection.api.policy_draft(id).await?.value
    } else {
        let title = args.title.clone().unwrap_or_else(|| format!("Back to version {}", args.to));
        let request = CreateDraft { title, restores: Some(args.to), ..CreateDraft::default() };
        let made = draft::begin(&connection, &request).await?;
        connection.out.note(&format!("draft {} brings version {} back", made.summary.id, args.to));
        made
    };
    bring(&connection, &draft, &args.how).await
}
