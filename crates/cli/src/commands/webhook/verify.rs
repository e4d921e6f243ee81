//! `countersign webhook verify`: what every receiver does with a message before it reads it, as a program and as an
//! example to copy.
//!
//! The raw bytes are verified first; a body that does not hold is not read. A receiver also remembers the ids that it
//! has acted upon: a message may come more than once.

use std::io::Read as _;
use std::path::PathBuf;

use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::webhook::signature::{Headers, WebhookSecret, verify};
use serde_json::json;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Output, prose};

/// The largest body that is read, in bytes.
const LIMIT: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  countersign webhook verify --secret-file hook.secret --id msg_1 --timestamp 1795323600 --signature v1,bm90IHJlYWw= < body")]
pub(crate) struct Args {
    /// A file with the secret `whsec_…`; during a rotation with both, one on each line
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,
    /// The header `webhook-id`
    #[arg(long, value_name = "ID")]
    id: String,
    /// The header `webhook-timestamp`
    #[arg(long, value_name = "SECONDS", allow_hyphen_values = true)]
    timestamp: String,
    /// The header `webhook-signature`
    #[arg(long, value_name = "SIGNATURES")]
    signature: String,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let secrets = secrets(args)?;
    let mut body = Vec::new();
    let read = std::io::stdin().lock().take(LIMIT + 1).read_to_end(&mut body);
    read.map_err(|error| Failure::new(Exit::Storage, format!("standard input cannot be read: {error}")))?;
    if body.len() as u64 > LIMIT {
        return Err(Failure::usage(format!("the body is larger than {LIMIT} bytes; no message of ours is")));
    }
    let headers = Headers { id: &args.id, timestamp: &args.timestamp, signature: &args.signature };
    verify(&secrets, headers, &body, SystemClock.now().seconds())
        .map_err(|error| Failure::new(Exit::Refused, error))?;

    // From here on it is known who wrote it.
    let message: serde_json::Value = serde_json::from_slice(&body)
        .map_err(|error| Failure::new(Exit::Refused, format!("the body is signed and is no JSON: {error}")))?;
    let verified = json!({ "id": args.id, "type": message["type"], "timestamp": message["timestamp"] });
    Output { json: global.json }.result(&verified, |_| {
        format!("verified: {} {}", prose(&args.id), prose(message["type"].as_str().unwrap_or("without a type")))
    })
}

fn secrets(args: &Args) -> Result<Vec<WebhookSecret>, Failure> {
    let file = args.secret_file.display();
    let wrong = |why: String| Failure::new(Exit::Storage, format!("`{file}` cannot be used: {why}"));
    let text = std::fs::read_to_string(&args.secret_file).map(Zeroizing::new);
    let text = text.map_err(|error| wrong(error.to_string()))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let secrets: Vec<_> =
        lines.map(WebhookSecret::parse).collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
    // Nothing is verified by no secret.
    if secrets.is_empty() { Err(wrong("it holds no secret".into())) } else { Ok(secrets) }
}
