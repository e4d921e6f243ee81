//! `countersign policy case`: a recorded decision as a case that asks the same and expects the same.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use contract::audit::AuditEntry;
use domain::event::{Entry, Kind};
use domain::id::DecisionId;
use domain::outcome::{Outcome, Reason, Requirement};
use domain::policy::{Case, Question};
use serde::Deserialize;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::policy_folder;

/// The longest line of an export that is read, in bytes.
const LINE: u64 = 4 << 20;

/// Print a recorded decision as a test case: append it to a file in `tests/`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy case --decision dec_01HZY3V5W2M4Q6S8T0XABCDEFG --name \"Nightly needs two\" >> policies/tests/prod.yaml
  countersign policy case --decision dec_01HZY3V5W2M4Q6S8T0XABCDEFG --export audit.jsonl")]
pub(crate) struct Args {
    /// The decision
    #[arg(long, value_name = "ID")]
    decision: DecisionId,
    /// What the case shows, as a sentence
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Expect this answer, instead of the one that was given
    #[arg(long, value_name = "ANSWER", value_parser = answer)]
    expect: Option<Outcome>,
    /// Look for it in this export of the audit trail, JSON Lines, instead of asking the control plane
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
}

/// What a decision entry holds.
#[derive(Deserialize)]
struct Recorded {
    question: Question,
    answer: Answered,
}

#[derive(Deserialize)]
struct Answered {
    outcome: Outcome,
    reasons: Vec<Reason>,
    requirement: Option<Requirement>,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let id = args.decision.to_string();
    let entry = match &args.export {
        Some(file) => exported(file, &id)?,
        None => served(&Connection::open(global)?, &id).await?,
    };
    let recorded: Recorded = serde_json::from_value(entry.data)
        .map_err(|error| Failure::new(Exit::Usage, format!("decision {id} cannot be read: {error}")))?;
    let Recorded { question, answer } = recorded;
    let name = args.name.clone().unwrap_or_else(|| sentence(&question, args.expect.unwrap_or(answer.outcome)));
    let mut case = Case::of(&question, args.expect.unwrap_or(answer.outcome), name);
    if args.expect.is_none_or(|outcome| outcome == answer.outcome) {
        case.expect.because = answer.reasons.into_iter().map(|reason| reason.policy).collect();
        case.expect.approvers = answer.requirement.map(|requirement| requirement.quorum);
    }
    let yaml = policy_folder::yaml(std::slice::from_ref(&case))
        .map_err(|error| Failure::new(Exit::Internal, format!("no YAML can be made of it: {error}")))?;
    Output { json: global.json }.result(&case, |_| yaml)
}

fn answer(text: &str) -> Result<Outcome, String> {
    serde_json::from_value(text.into()).map_err(|_| "it is `allow`, `deny` or `require_approval`".to_owned())
}

fn sentence(question: &Question, outcome: Outcome) -> String {
    let Question { principal, action, resources, env, .. } = question;
    let more = if resources.len() > 1 { " and more" } else { "" };
    let resource = resources.first().map(String::as_str).unwrap_or_default();
    format!("{} asks for {action} on {resource}{more} in {env}: {}", principal.reference(), outcome.name())
}

async fn served(connection: &Connection, id: &str) -> Result<Entry, Failure> {
    let page = connection.api.trail(&[("kind", "decision.made"), ("about", id)]).await?;
    let entry = page.items.first().map(AuditEntry::entry).transpose();
    let entry =
        entry.map_err(|error| Failure::new(Exit::LedgerBroken, format!("{id} is not an audit entry: {error}")))?;
    entry.ok_or_else(|| {
        missing(id, "the audit trail")
            .hint("`countersign audit --action decision.made` lists decisions; you see your own without `audit:read`")
    })
}

fn exported(file: &Path, id: &str) -> Result<Entry, Failure> {
    let shown = file.display();
    let wrong = |error: std::io::Error| Failure::new(Exit::Storage, format!("`{shown}` cannot be read: {error}"));
    let mut reader = BufReader::new(File::open(file).map_err(wrong)?);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = reader.by_ref().take(LINE).read_until(b'\n', &mut line).map_err(wrong)?;
        if length == 0 {
            return Err(missing(id, &format!("`{shown}`")).hint("is the export of the right time, and whole?"));
        }
        // Only a line that names it is worth reading.
        let names_it = line.windows(id.len()).any(|part| part == id.as_bytes());
        let entry = if names_it { entry(&line) } else { None };
        if let Some(entry) =
            entry.filter(|entry| entry.kind == Kind::DecisionMade && entry.about.as_deref() == Some(id))
        {
            return Ok(entry);
        }
    }
}

/// An entry by itself, or in the envelope that `countersign audit --json` and the API put around it.
fn entry(line: &[u8]) -> Option<Entry> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Line {
        Bare(Entry),
        Within { entry: Entry },
        Served(AuditEntry),
    }
    match serde_json::from_slice(line).ok()? {
        Line::Bare(entry) | Line::Within { entry } => Some(entry),
        Line::Served(served) => served.entry().ok(),
    }
}

fn missing(id: &str, place: &str) -> Failure {
    Failure::new(Exit::NotFound, format!("decision {id} is not in {place}"))
}
