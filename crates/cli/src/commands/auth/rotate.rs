//! `countersign auth rotate-keys`: every active API key of service accounts replaced, one after the other.
//!
//! Each new secret is written before the next key is touched, so whatever happens none is lost that works. People's own
//! keys are left alone: nobody else should see them.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use client::{ClientError, CredentialName};
use contract::credentials::{Credential, RotateCredential};
use domain::account::AccountName;
use domain::credential::{CredentialKind, CredentialState};
use serde_json::json;

use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::once;
use crate::span::Span;

/// Replace every active API key of one service account, or of all
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign auth rotate-keys --account billing-ci --overlap 1h --out keys.jsonl
  countersign auth rotate-keys --out - > keys.jsonl")]
pub(crate) struct Args {
    /// Only keys of this account
    #[arg(long, value_name = "NAME")]
    account: Option<AccountName>,
    /// How long the old keys go on, like `1h`; five minutes unless it is said
    #[arg(long, value_name = "DURATION")]
    overlap: Option<Span>,
    /// Where the new secrets go, as JSON lines: a new file that only you can read, or `-` for a pipe
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

pub(crate) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let keys = connection.api.credentials(CredentialKind::ApiKey).await?;
    let wanted: Vec<_> = keys.iter().filter(|key| is_wanted(key, args.account.as_ref())).collect();
    let piped = args.out == Path::new("-");
    let mut out = open(&args.out, piped)?;
    let mut rotated = Vec::new();
    for (place, key) in wanted.iter().enumerate() {
        connection.out.note(&format!("{} of {}: {} of {}", place + 1, wanted.len(), key.identifier, key.holder));
        let request =
            RotateCredential { overlap_seconds: args.overlap.map(Span::seconds), ..RotateCredential::default() };
        let (which, same) = (CredentialName::from(key.id), once::key(None));
        let rotate =
            async || connection.api.rotate_credential(CredentialKind::ApiKey, &which, &request, Some(&same)).await;
        let made = once::ask(connection.out, rotate).await;
        let fresh = made.map_err(|error| stopped(key, error).also(written(rotated.len(), wanted.len())))?;
        let line = json!({
            "account": key.holder.account(),
            "replaces": key.identifier,
            "id": fresh.id,
            "identifier": fresh.credential.as_ref().map(|credential| &credential.identifier),
            "secret": fresh.secret,
            "expires_at": fresh.expires_at,
        });
        writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| {
            Failure::new(Exit::Storage, format!("the new secret of {} cannot be written: {error}", fresh.id))
                .hint(format!("revoke {}: nobody has it; {} goes on for the overlap", fresh.id, key.identifier))
        })?;
        rotated.push(json!({ "account": key.holder.account(), "replaces": key.identifier, "id": fresh.id }));
    }
    if piped {
        connection.out.note(&format!("{} rotated", rotated.len()));
        return Ok(());
    }
    connection
        .out
        .result(&rotated, |rotated| format!("{} rotated; the new secrets are in {}", rotated.len(), args.out.display()))
}

/// Why it ends at this key, and what became of the key if it is not as it was.
fn stopped(key: &Credential, error: ClientError) -> Failure {
    let (identifier, id) = (&key.identifier, key.id);
    let hint = match once::made_before(&error) {
        Some(made) => Some(format!(
            "{identifier} was rotated, and nobody has the secret of its successor {made}: \
             `countersign key rotate {made}` makes another one"
        )),
        None if once::is_lost(&error) => Some(format!(
            "{identifier} ({id}) may have been rotated, and then nobody has the secret of its successor: \
             `countersign key show {id}` names that, and `countersign key rotate` replaces it"
        )),
        None => None,
    };
    Failure::from(error).hint_if(hint)
}

fn written(done: usize, wanted: usize) -> String {
    format!("{done} of {wanted} were rotated before, and their new secrets are written")
}

fn is_wanted(key: &Credential, only: Option<&AccountName>) -> bool {
    let account = key.holder.account();
    key.state == CredentialState::Active && account.is_some() && only.is_none_or(|only| account == Some(only))
}

fn open(out: &Path, piped: bool) -> Result<Box<dyn Write>, Failure> {
    if piped && io::stdout().is_terminal() {
        let failure = Failure::usage("secrets are not written to a terminal");
        return Err(failure.hint("name a file with `--out FILE`, or pipe the output on"));
    }
    if piped {
        return Ok(Box::new(io::stdout()));
    }
    let file: io::Result<File> = OpenOptions::new().write(true).create_new(true).mode(0o600).open(out);
    let wrong = |error| Failure::new(Exit::Storage, format!("`{}` cannot be made: {error}", out.display()));
    Ok(Box::new(file.map_err(wrong)?))
}
