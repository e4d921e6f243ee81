//! `countersign policy publish` and `rollback`: a folder, a draft or an old version brought into force.
//!
//! Run again it goes on where it was: the same folder finds its draft, and the draft its ticket. Nothing is published but
//! what was looked through here, because the request names its digest. Deliberately absent: approving.

mod rollback;

use std::path::PathBuf;

use client::ClientError;
use contract::Code;
use contract::policies::{PolicyDraft, PolicyDraftSummary, PolicyVersion, Publication, PublishDraft};
use domain::Digest;
use domain::id::{DraftId, TicketId};
use domain::policy::DraftState;
use domain::policy::draft::digest_of_cases;
use domain::ticket::State;

use super::draft::{self, Ready};
use super::subject::source;
use super::test;
use super::words::{count, requirement};
use crate::cli::Global;
use crate::commands::{approval, ticket};
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::{Output, prose};
use crate::pages::Pages;
use crate::span::Span;

pub(crate) use rollback::{Args as RollbackArgs, run as rollback};

/// Bring a folder or a draft into force; it waits for its approval if policy asks for one
///
/// The folder is checked and its cases are run first. Its draft is made, or changed if you have one with this title. Run it
/// again once the ticket is approved, or wait with `--wait`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy publish policies --title \"Production needs two\" --wait
  countersign policy publish --draft drf_01HZY3V5W2M4Q6S8T0XABCDEFG")]
pub(crate) struct Args {
    /// The folder; what it does not have is as in the set in force
    #[arg(value_name = "DIR", required_unless_present = "draft")]
    dir: Option<PathBuf>,
    /// This draft: as it is stored, or with the folder in the place of what it says
    #[arg(long, value_name = "ID")]
    draft: Option<DraftId>,
    /// What it is for; the draft is known by it
    #[arg(long, value_name = "TEXT", required_unless_present = "draft")]
    title: Option<String>,
    /// Only if this version is in force: the one that the folder was made from
    #[arg(long, value_name = "N")]
    base: Option<u32>,
    /// Only if the draft's cases have this digest, as its approval names it
    #[arg(long, value_name = "DIGEST", conflicts_with = "dir")]
    cases: Option<Digest>,
    #[command(flatten)]
    how: How,
}

#[derive(Debug, clap::Args)]
struct How {
    /// Wait until the ticket is approved, then publish
    #[arg(long)]
    wait: bool,
    /// How long to wait at most, like `10m`
    #[arg(long, value_name = "DURATION", requires = "wait")]
    timeout: Option<Span>,
    /// Take on trust what no solver could prove of the invariants; the audit trail says so
    #[arg(long)]
    accept_unproved: bool,
}

impl Args {
    /// Refuses a draft that is not as it was described.
    fn is_meant(&self, draft: &PolicyDraft) -> Result<(), Failure> {
        let PolicyDraftSummary { id, base_version, .. } = &draft.summary;
        if let Some(base) = self.base.filter(|base| base != base_version) {
            let sentence = format!("draft {id} is made from version {base_version} by now, not from {base}");
            return Err(Failure::new(Exit::Conflict, sentence).hint(look(id)));
        }
        let cases = digest_of_cases(&draft.cases);
        if self.cases.is_some_and(|wanted| wanted != cases) {
            let sentence = format!("draft {id} has other cases by now; their digest is {cases}");
            return Err(Failure::new(Exit::Conflict, sentence).hint(look(id)));
        }
        Ok(())
    }
}

fn look(draft: &str) -> String {
    format!(
        "`countersign policy diff --draft {draft}` shows what it would change now; leave the option out to publish that"
    )
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let draft = match (&args.dir, args.draft) {
        (None, Some(id)) => {
            let draft = connection.api.policy_draft(id).await.map_err(|error| draft::found(id, error))?.value;
            args.is_meant(&draft)?;
            draft
        }
        (Some(dir), id) => {
            let ready = draft::read(&connection, dir).await?;
            if let (None, Some(done)) = (id, in_force(&ready)) {
                connection.out.note(&format!("`{}` says what is in force; there is nothing to publish", dir.display()));
                return told(&connection, &done);
            }
            of_folder(&connection, &ready, id, args).await?
        }
        (None, None) => return Err(Failure::usage("there is neither a folder nor a draft to publish")),
    };
    bring(&connection, &draft, &args.how).await
}

/// What is in force, if the folder says the same: a build that publishes each time has then nothing to do.
fn in_force(ready: &Ready) -> Option<Publication> {
    let PolicyVersion { summary, texts, cases } = &ready.live;
    let same = *texts == ready.texts && *cases == ready.cases;
    same.then_some(Publication::Published { version: summary.version, digest: summary.digest })
}

/// The folder's draft, as the folder is now.
async fn of_folder(
    connection: &Connection,
    ready: &Ready,
    id: Option<DraftId>,
    args: &Args,
) -> Result<PolicyDraft, Failure> {
    let live = ready.live.summary.version;
    if let Some(base) = args.base.filter(|base| *base != live) {
        return Err(followed(base, live, &format!("`{}`", ready.folder.name)));
    }
    check_cases(connection.out, ready)?;
    connection.out.note(&changes(ready));
    let id = match id {
        Some(id) => Some(id),
        None => known(connection, args.title.as_deref()).await?,
    };
    let Some(id) = id else {
        let made = draft::make(connection, ready, args.title.as_deref().unwrap_or_default()).await?;
        connection.out.note(&format!("draft {} is made", made.summary.id));
        return Ok(made);
    };
    let there = connection.api.policy_draft(id).await.map_err(|error| draft::found(id, error))?.value;
    let base = there.summary.base_version;
    // What came between is perhaps not in the folder: whoever says `--base` has looked.
    if base != live && args.base.is_none() {
        return Err(followed(base, live, &format!("draft {id}")));
    }
    let same = there.summary.digest == source(&ready.texts).digest() && there.cases == ready.cases;
    if same && base == live {
        return Ok(there);
    }
    let changed = draft::update(connection, id, ready, args.title.as_deref(), true).await?;
    connection.out.note(&format!("draft {id} is changed"));
    Ok(changed)
}

fn followed(base: u32, live: u32, what: &str) -> Failure {
    Failure::new(Exit::Conflict, format!("version {live} is in force, and {what} was made from version {base}")).hint(
        format!(
            "`countersign policy diff DIR` shows what differs; take over what came between, then run this with `--base \
             {live}`"
        ),
    )
}

/// What publishing the folder would change in what is in force.
fn changes(ready: &Ready) -> String {
    let PolicyVersion { summary, texts, cases } = &ready.live;
    // What a newer control plane has in force may be beyond this program: then no policy is named.
    let held = policy::Engine::compile(source(texts)).ok();
    let policies = held.as_ref().map(|held| policy::changes(&ready.engine, held));
    let unread = policies.is_none() && texts.policies != ready.texts.policies;
    let policy::Changes { added, removed, changed } = policies.unwrap_or_default();
    let parts = [("adds", added), ("changes", changed), ("takes away", removed)];
    let named = |(verb, ids): (&str, Vec<String>)| {
        let ids: Vec<_> = ids.iter().map(|id| format!("`{}`", prose(id))).collect();
        (!ids.is_empty()).then(|| format!("{verb} {}", ids.join(", ")))
    };
    let mut parts: Vec<_> = parts.into_iter().filter_map(named).collect();
    let others = [
        (unread, "the policies"),
        (texts.schema != ready.texts.schema, "the schema"),
        (texts.invariants != ready.texts.invariants, "the invariants"),
        (*cases != ready.cases, "the cases"),
    ];
    parts.extend(others.into_iter().filter(|(differs, _)| *differs).map(|(_, what)| format!("changes {what}")));
    if parts.is_empty() {
        // Comments and layout.
        parts.push("changes no policy".to_owned());
    }
    format!("`{}` {} (version {} is in force)", ready.folder.name, parts.join("; "), summary.version)
}

/// The cases are run here first, because here they have their files.
fn check_cases(out: Output, ready: &Ready) -> Result<(), Failure> {
    let report = ready.engine.test(&ready.cases);
    if report.failed == 0 {
        return Ok(());
    }
    out.aside(&test::text(&report, Some(&ready.folder)));
    let failed = count(report.failed as usize, "case fails", "cases fail");
    Err(Failure::new(Exit::Failing, format!("{failed}; nothing was published")))
}

/// The caller's open draft with this title.
async fn known(connection: &Connection, title: Option<&str>) -> Result<Option<DraftId>, Failure> {
    let Some(title) = title else { return Ok(None) };
    let me = connection.api.who_am_i().await?.principal;
    let found = find(connection, |draft| draft.title == title.trim() && draft.created_by == me).await?;
    Ok(found.and_then(|draft| draft.id.parse().ok()))
}

/// The newest draft that is open and fits.
async fn find(
    connection: &Connection,
    fits: impl Fn(&PolicyDraftSummary) -> bool,
) -> Result<Option<PolicyDraftSummary>, Failure> {
    let drafts = Pages::read(1_000, async |cursor: Option<String>| {
        let query: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        Ok(connection.api.policy_drafts(&query).await?)
    });
    let drafts = drafts.await?.items;
    Ok(drafts.into_iter().find(|draft| draft.state == DraftState::Open && fits(draft)))
}

/// Publishes; goes on with the ticket that the draft has. Policy may ask for more by then: that is another ticket.
async fn bring(connection: &Connection, draft: &PolicyDraft, how: &How) -> Result<(), Failure> {
    let PolicyDraftSummary { id, digest, ticket, .. } = &draft.summary;
    let id: DraftId = id.parse().map_err(|error| Failure::new(Exit::Internal, error))?;
    let mut request = PublishDraft { digest: *digest, ticket: None, accept_unproved: how.accept_unproved };
    if draft.summary.state == DraftState::Open
        && let Some(ticket) = ticket
    {
        request.ticket = Some(approved(connection, id, *ticket, how).await?);
    }
    loop {
        match publish(connection, id, &request).await? {
            Publication::ApprovalRequired { ticket, requirement: needed, .. } => {
                connection.out.note(&format!("publishing {id} needs {}", requirement(&needed)));
                request.ticket = Some(approved(connection, id, ticket, how).await?);
            }
            done @ Publication::Published { .. } => return told(connection, &done),
        }
    }
}

/// The ticket once it is approved; a refusal that says how to go on if it is not.
async fn approved(connection: &Connection, id: DraftId, ticket: TicketId, how: &How) -> Result<TicketId, Failure> {
    let known = if how.wait {
        approval::settled(connection, ticket, how.timeout).await?
    } else {
        connection.api.ticket(ticket).await?
    };
    if known.state == State::Pending {
        connection.out.note(&ticket::waits(&known));
        let again = format!("run this again once it is approved, or `countersign policy publish --draft {id} --wait`");
        return Err(Failure::new(
            Exit::NotApproved,
            format!("ticket {ticket} is not approved yet; nothing was published"),
        )
        .hint(again));
    }
    match ticket::refusal(&known) {
        None => Ok(ticket),
        Some(refusal) => Err(refusal.also(format!("`countersign policy draft discard {id}` gives the draft up"))),
    }
}

async fn publish(connection: &Connection, id: DraftId, request: &PublishDraft) -> Result<Publication, Failure> {
    connection.api.publish_policy_draft(id, request).await.map_err(|error| refused(id, error))
}

fn refused(id: DraftId, error: ClientError) -> Failure {
    match error.code() {
        Some(Code::Conflict | Code::Stale | Code::PolicyStale) => Failure::from(error).also(format!(
            "`countersign policy draft show {id}` says what it is now, `countersign policy diff --draft {id}` what it \
             would change in what is in force"
        )),
        _ => draft::found(id, error),
    }
}

fn told(connection: &Connection, done: &Publication) -> Result<(), Failure> {
    connection.out.result(done, |done| match done {
        Publication::Published { version, digest } => format!("version {version} is in force ({digest})"),
        Publication::ApprovalRequired { ticket, .. } => format!("ticket {} waits", prose(&ticket.to_string())),
    })
}
