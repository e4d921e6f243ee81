//! Where a fresh secret goes, whatever it belongs to: a terminal, a pipe, a new file, or JSON. Never stderr.
//!
//! Invariant: nothing is made before there is a place for its secret, and a secret that could not be put there is told
//! as lost, with the command that ends what nobody has.

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use contract::credentials::FreshSecret;

use crate::exit::{Exit, Failure};
use crate::once;
use crate::output::Output;

/// What the command line says of the secret.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Secret")]
pub(crate) struct SecretArgs {
    /// Write the secret into this new file, readable by you alone; a file that is there is left alone
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The same key with the same request is carried out once; drawn, if absent
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
}

/// What a secret belongs to, in words.
pub(super) struct Made {
    /// What was done, as a sentence that a secret follows: `Service token created.`
    pub(super) head: String,
    /// The same within a sentence: ``the service token `ci` was created``.
    pub(super) done: String,
    /// What else is worth knowing: labels and values.
    pub(super) facts: String,
    /// What to do if nobody gets the secret.
    pub(super) remedy: String,
}

/// Where a secret will go.
pub(super) struct Place {
    kind: PlaceKind,
    out: Output,
}

enum PlaceKind {
    Terminal,
    Pipe,
    File { path: PathBuf, file: File },
}

impl SecretArgs {
    /// The idempotency key of the request.
    pub(super) fn key(&self) -> String {
        once::key(self.idempotency_key.as_deref())
    }

    /// Makes sure that there is a place.
    pub(super) fn place(&self, out: Output) -> Result<Place, Failure> {
        let kind = match &self.out {
            Some(path) => {
                let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
                let file = opened.map_err(|error| {
                    let failure = Failure::new(Exit::Storage, format!("cannot make `{}`: {error}", path.display()));
                    failure.hint("nothing was asked of the control plane; name a file that is not there yet")
                })?;
                PlaceKind::File { path: path.clone(), file }
            }
            None if io::stdout().is_terminal() => PlaceKind::Terminal,
            None => PlaceKind::Pipe,
        };
        Ok(Place { kind, out })
    }
}

impl Place {
    /// Takes the empty file away again: nothing was made.
    pub(super) fn unused(self, failure: Failure) -> Failure {
        if let PlaceKind::File { path, .. } = &self.kind {
            // What is left is an empty file; the failure itself is worth more than that.
            drop(std::fs::remove_file(path));
        }
        failure
    }

    /// Puts the secret there, and says what it belongs to.
    pub(super) fn hand_over(mut self, made: &Made, fresh: &FreshSecret) -> Result<Self, Failure> {
        self.put(made, fresh).map_err(|why| {
            let sentence = format!("{}, and its secret could not be handed over: {why}", made.done);
            Failure::new(Exit::Storage, sentence).hint(format!("nobody has it; {}", made.remedy))
        })?;
        Ok(self)
    }

    fn put(&mut self, made: &Made, fresh: &FreshSecret) -> Result<(), String> {
        let Made { head, facts, .. } = made;
        let plain = Output { json: false };
        match &mut self.kind {
            PlaceKind::File { path, file } => {
                let written = writeln!(file, "{}", fresh.secret).and_then(|()| file.sync_all());
                written.map_err(|error| format!("`{}` cannot be written: {error}", path.display()))?;
                // The secret is safe by now: whoever stopped reading what is said about it has not lost it.
                let said = self.out.result(&without_secret(fresh, path), |_| {
                    format!("{head} Its secret is in `{}`.\n\n{facts}", path.display())
                });
                drop(said);
                Ok(())
            }
            _ if self.out.json => self.out.result(fresh, |_| String::new()).map_err(|error| why(&error)),
            PlaceKind::Terminal => {
                let secret = &fresh.secret;
                let keep = "Store this secret securely. It will not be shown again.";
                let text = format!("{head}\n\n    {secret}\n\n{keep}\n\n{facts}");
                plain.result(&(), |()| text).map_err(|error| why(&error))
            }
            PlaceKind::Pipe => {
                plain.result(&(), |()| fresh.secret.clone()).map_err(|error| why(&error))?;
                let keep = "Its secret went to standard output. It will not be shown again.";
                plain.aside(&format!("{head} {keep}\n\n{facts}"));
                Ok(())
            }
        }
    }

    /// Says more about it, beside what was said. With `--json` all was said.
    pub(super) fn add(&self, text: &str) -> Result<(), Failure> {
        match self.kind {
            _ if self.out.json => Ok(()),
            PlaceKind::Pipe => {
                self.out.aside(&format!("\n{text}"));
                Ok(())
            }
            _ => self.out.result(&(), |()| format!("\n{text}")),
        }
    }
}

/// The answer with the file in the place of the secret.
fn without_secret(fresh: &FreshSecret, path: &std::path::Path) -> serde_json::Value {
    serde_json::json!({
        "id": fresh.id,
        "secret_file": path,
        "message": fresh.message,
        "expires_at": fresh.expires_at,
        "credential": fresh.credential,
        "account": fresh.account,
    })
}

fn why(failure: &Failure) -> String {
    match failure {
        Failure::Told { sentence, .. } => sentence.clone(),
        Failure::Signalled(signal) => signal.to_string(),
        Failure::NobodyReads => "nobody reads standard output".to_owned(),
    }
}
