//! `countersign policy show`, `versions` and `pull`: what is in force, what was, and how it comes into a folder.

use std::path::PathBuf;

use contract::policies::{PolicyVersion, PolicyVersionSummary};
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::id::DraftId;

use super::subject::{live, source};
use super::words::count;
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose, table};
use crate::pages::Pages;
use crate::policy_folder;
use crate::when;

/// Show the policies in force, or those of a version
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign policy show --version 3 --text")]
pub(crate) struct ShowArgs {
    /// A version; without one, that in force
    #[arg(long = "version", value_name = "N")]
    version: Option<u32>,
    /// Print the policies themselves
    #[arg(long)]
    text: bool,
}

/// List the versions, newest first: who published what, when, under which ticket
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign policy versions")]
pub(crate) struct VersionsArgs {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

/// Write the set in force into a folder, or a version or a draft
///
/// Files that are there with other text in them are kept unless `--force` is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy pull policies
  countersign policy pull draft --draft drf_01HZY3V5W2M4Q6S8T0XABCDEFG")]
pub(crate) struct PullArgs {
    /// The folder; it is made if it is not there
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A draft instead
    #[arg(long, value_name = "ID", conflicts_with = "version")]
    draft: Option<DraftId>,
    /// A version instead
    #[arg(long = "version", value_name = "N")]
    version: Option<u32>,
    /// Write over files that have other text in them
    #[arg(long)]
    force: bool,
}

pub(super) async fn show(global: &Global, args: &ShowArgs) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let version = match args.version {
        Some(version) => connection.api.policy_version(version).await?,
        None => live(&connection).await?,
    };
    if args.text && !global.json {
        return connection.out.result(&version, |version| readable(&version.texts.policies));
    }
    connection.out.result(&version, text)
}

/// A text as it is, but for what would steer a terminal.
fn readable(text: &str) -> String {
    text.lines().map(|line| prose(line).replace("‹U+0009›", "\t") + "\n").collect()
}

fn text(version: &PolicyVersion) -> String {
    let PolicyVersion { summary, texts, cases } = version;
    let head = fields(&[
        ("version", summary.version.to_string()),
        ("title", prose(&summary.title)),
        ("digest", summary.digest.to_string()),
        ("published", when::both(summary.published_at, SystemClock.now())),
        ("by", by(summary)),
        ("ticket", summary.ticket.map_or_else(|| "none".to_owned(), |ticket| ticket.to_string())),
        ("cases", cases.len().to_string()),
    ]);
    let Ok(engine) = policy::Engine::compile(source(texts)) else {
        return format!("{head}\n\nits policies cannot be read by this version; `--text` prints them");
    };
    let row = |policy: &policy::PolicyInfo| {
        let effect = match policy.effect {
            policy::Effect::Permit => "permit".to_owned(),
            policy::Effect::Forbid => "forbid".to_owned(),
            policy::Effect::Guard => {
                let quorum = policy.requirement.as_ref().map_or(1, |requirement| requirement.quorum);
                format!("guard, {}", count(quorum as usize, "approver", "approvers"))
            }
        };
        [prose(&policy.id), effect, prose(&policy.title)]
    };
    let rows: Vec<_> = engine.policies().iter().map(row).collect();
    format!("{head}\n\n{}", table(["POLICY", "EFFECT", "TITLE"], &rows, "no policies"))
}

fn by(summary: &PolicyVersionSummary) -> String {
    match &summary.published_by {
        Some(principal) => principal.to_string(),
        None if summary.sample => "it came with the product".to_owned(),
        None => "not known".to_owned(),
    }
}

pub(super) async fn versions(global: &Global, args: &VersionsArgs) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let versions = Pages::read(args.limit, async |cursor: Option<String>| {
        let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        Ok(connection.api.policy_versions(&query).await?)
    });
    let versions = versions.await?;
    connection.out.result(&versions.items, |versions| {
        let row = |summary: &PolicyVersionSummary| {
            let ticket = summary.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
            let title = summary.restores.map_or_else(
                || prose(&summary.title),
                |version| format!("{} (as version {version})", prose(&summary.title)),
            );
            [summary.version.to_string(), when::absolute(summary.published_at), by(summary), ticket, title]
        };
        let rows: Vec<_> = versions.iter().map(row).collect();
        table(["VERSION", "PUBLISHED", "BY", "TICKET", "TITLE"], &rows, "no versions")
    })?;
    versions.tell(connection.out);
    Ok(())
}

pub(super) async fn pull(global: &Global, args: &PullArgs) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let (name, texts, cases) = match (&args.draft, args.version) {
        (Some(draft), _) => {
            let draft = connection.api.policy_draft(*draft).await?.value;
            (format!("draft {}", draft.summary.id), draft.texts, draft.cases)
        }
        (None, version) => {
            let version = match version {
                Some(version) => connection.api.policy_version(version).await?,
                None => live(&connection).await?,
            };
            (format!("version {}", version.summary.version), version.texts, version.cases)
        }
    };
    let changed = policy_folder::pull(&args.folder, &texts, &cases, args.force)?;
    let changed: Vec<_> = changed.iter().map(|file| file.display().to_string()).collect();
    connection.out.result(&changed, |changed| match changed.as_slice() {
        [] => format!("{} is as {name} already", args.folder.display()),
        files => format!("{}\n{name} is in {}", files.join("\n"), args.folder.display()),
    })
}
