//! `countersign policy draft`: sets that are being edited.

use std::path::{Path, PathBuf};

use contract::Code;
use contract::policies::{CreateDraft, PolicyDraft, PolicyDraftSummary, PolicyVersion, ReplaceDraft};
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::id::DraftId;
use domain::policy::DraftState;

use super::subject::{compile, live};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::once;
use crate::output::{fields, prose, table};
use crate::pages::Pages;
use crate::policy_folder::PolicyFolder;
use crate::when;

/// See, make, change and discard drafts
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign policy draft list")]
pub(crate) enum Command {
    /// List the drafts, newest first
    #[command(after_help = "Example:\n  countersign policy draft list")]
    List {
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show a draft; `countersign policy pull DIR --draft ID` writes its texts into a folder
    #[command(after_help = "Example:\n  countersign policy draft show drf_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Show {
        /// The draft
        id: DraftId,
    },
    /// Make a draft of a folder
    #[command(after_help = "Example:\n  countersign policy draft create policies --title \"Production needs one\"")]
    Create {
        /// The folder; what it does not have is as in the set in force
        dir: PathBuf,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        title: String,
    },
    /// Put a folder in the place of a draft's texts and cases
    #[command(after_help = "Example:
  countersign policy draft update drf_01HZY3V5W2M4Q6S8T0XABCDEFG policies --rebase")]
    Update {
        /// The draft
        id: DraftId,
        /// The folder; what it does not have is as in the set in force
        dir: PathBuf,
        /// What it is for, from now on
        #[arg(long, value_name = "TEXT")]
        title: Option<String>,
        /// Hold it against the version in force now: you have looked at what changed meanwhile
        #[arg(long)]
        rebase: bool,
    },
    /// Discard a draft; it stays in the audit trail
    #[command(after_help = "Example:\n  countersign policy draft discard drf_01HZY3V5W2M4Q6S8T0XABCDEFG")]
    Discard {
        /// The draft
        id: DraftId,
    },
}

pub(super) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let draft = match *command {
        Command::List { limit } => return list(&connection, limit).await,
        Command::Show { id } => connection.api.policy_draft(id).await.map_err(|error| found(id, error))?.value,
        Command::Discard { id } => {
            connection.api.discard_policy_draft(id, None).await.map_err(|error| found(id, error))?
        }
        Command::Create { ref dir, ref title } => make(&connection, &read(&connection, dir).await?, title).await?,
        Command::Update { id, ref dir, ref title, rebase } => {
            update(&connection, id, &read(&connection, dir).await?, title.as_deref(), rebase).await?
        }
    };
    connection.out.result(&draft, text)
}

/// A folder that compiles, with the version in force and what the folder does not have taken from it.
pub(super) struct Ready {
    pub(super) live: PolicyVersion,
    pub(super) texts: contract::policies::PolicyTexts,
    pub(super) cases: Vec<domain::policy::Case>,
    pub(super) folder: PolicyFolder,
    pub(super) engine: policy::Engine,
}

pub(super) async fn read(connection: &Connection, dir: &Path) -> Result<Ready, Failure> {
    let folder = PolicyFolder::open(dir)?;
    let live = live(connection).await?;
    let texts = folder.texts(Some(&live.texts));
    let texts = texts.ok_or_else(|| Failure::usage(format!("`{}` has no schema", folder.name)))?;
    let engine = compile(connection.out, &folder, &texts)?;
    let cases = folder.bare_cases().unwrap_or_else(|| live.cases.clone());
    Ok(Ready { live, texts, cases, folder, engine })
}

pub(super) async fn make(connection: &Connection, ready: &Ready, title: &str) -> Result<PolicyDraft, Failure> {
    let (texts, cases) = (Some(ready.texts.clone()), Some(ready.cases.clone()));
    let request = CreateDraft { title: title.to_owned(), texts, cases, restores: None };
    begin(connection, &request).await
}

/// Makes a draft, and makes it once more under the same key if no answer arrives.
pub(super) async fn begin(connection: &Connection, request: &CreateDraft) -> Result<PolicyDraft, Failure> {
    let key = once::key(None);
    Ok(once::ask(connection.out, async || connection.api.create_policy_draft(request, &key).await).await?)
}

/// Replaces what a draft says, if nobody else changed it since it was read.
pub(super) async fn update(
    connection: &Connection,
    id: DraftId,
    ready: &Ready,
    title: Option<&str>,
    rebase: bool,
) -> Result<PolicyDraft, Failure> {
    let there = connection.api.policy_draft(id).await.map_err(|error| found(id, error))?;
    let request = ReplaceDraft {
        title: title.unwrap_or(&there.value.summary.title).to_owned(),
        texts: ready.texts.clone(),
        cases: ready.cases.clone(),
        base_version: rebase.then_some(ready.live.summary.version),
    };
    let changed = connection.api.replace_policy_draft(id, &request, &there.tag).await;
    changed.map_err(|error| match error.code() {
        Some(Code::Stale | Code::Conflict) => Failure::from(error)
            .hint(format!("`countersign policy pull DIR --draft {id}` shows what it is now; then run this again")),
        _ => error.into(),
    })
}

/// A refusal that there is no such draft, with what would help.
pub(super) fn found(id: DraftId, error: client::ClientError) -> Failure {
    match error.code() {
        Some(Code::NotFound) => Failure::from(error)
            .hint(format!("`countersign policy draft list` names those that there are; `{id}` is not one")),
        _ => error.into(),
    }
}

async fn list(connection: &Connection, limit: usize) -> Result<(), Failure> {
    let drafts = Pages::read(limit, async |cursor: Option<String>| {
        let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        Ok(connection.api.policy_drafts(&query).await?)
    });
    let drafts = drafts.await?;
    connection.out.result(&drafts.items, |drafts| {
        let row = |draft: &PolicyDraftSummary| {
            let base =
                if draft.stale { format!("{} (stale)", draft.base_version) } else { draft.base_version.to_string() };
            let ticket = draft.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
            let changed = when::absolute(draft.changed_at);
            let state = match draft.state {
                DraftState::Open => "open",
                DraftState::Discarded { .. } => "discarded",
                DraftState::Published { .. } => "published",
            };
            let id = draft.id.clone();
            [id, state.to_owned(), base, draft.created_by.to_string(), changed, ticket, prose(&draft.title)]
        };
        let rows: Vec<_> = drafts.iter().map(row).collect();
        table(["DRAFT", "STATE", "BASE", "BY", "CHANGED", "TICKET", "TITLE"], &rows, "no drafts")
    })?;
    drafts.tell(connection.out);
    Ok(())
}

fn text(draft: &PolicyDraft) -> String {
    let PolicyDraft { summary, texts: _, cases } = draft;
    let (now, stale) = (SystemClock.now(), if summary.stale { "; another version came into force since" } else { "" });
    let mut rows = vec![
        ("draft", summary.id.clone()),
        ("title", prose(&summary.title)),
        ("digest", summary.digest.to_string()),
        ("state", state(&summary.state)),
        ("base", format!("version {}{stale}", summary.base_version)),
        ("by", summary.created_by.to_string()),
        ("changed", when::both(summary.changed_at, now)),
        ("cases", cases.len().to_string()),
    ];
    rows.extend(summary.restores.map(|version| ("restores", format!("version {version}"))));
    rows.extend(summary.ticket.map(|ticket| ("ticket", ticket.to_string())));
    fields(&rows)
}

fn state(state: &DraftState) -> String {
    match state {
        DraftState::Open => "open".to_owned(),
        DraftState::Discarded { at, by } => format!("discarded by {by} at {at}"),
        DraftState::Published { at, by, version, .. } => format!("published by {by} at {at}, as version {version}"),
    }
}
