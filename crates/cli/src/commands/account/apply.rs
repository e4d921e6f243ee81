//! `countersign account apply`: a manifest made true. Applied again, it changes nothing.

mod account;
mod changes;
mod pipeline;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::manifest::{Manifest, parse};

/// Larger than any manifest, so that one that is too large is told from one that is cut.
const LARGEST: u64 = (256 << 10) + 1;

/// Make a manifest true: `kind: ServiceAccount` or `kind: Pipeline`
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign account apply -f account.yml --dry-run
  countersign account apply -f account.yml --write-keys
  countersign account apply -f pipeline.yml --pipeline billing/nightly")]
pub(crate) struct Args {
    /// The manifest; `-` reads it from standard input
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Only show what would change
    #[arg(long)]
    dry_run: bool,
    /// Make a key for the account if the manifest has none, and write it there, sealed with `COUNTERSIGN_MANIFEST_KEY`
    #[arg(long, conflicts_with = "dry_run")]
    write_keys: bool,
    /// The pipeline, for a file with nothing but an `auth` block
    #[arg(long, value_name = "NAME")]
    pipeline: Option<String>,
}

pub(crate) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let file = args.file.as_path();
    let from_file = file != Path::new("-");
    if args.write_keys && !from_file {
        return Err(Failure::usage("`--write-keys` writes into the manifest, so it needs a file"));
    }
    let text = read(file)?;
    let manifest = parse(&text, args.pipeline.as_deref());
    let manifest = manifest.map_err(|error| Failure::usage(format!("`{}`: {error}", file.display())))?;
    match manifest {
        Manifest::Pipeline(_) if args.write_keys => {
            Err(Failure::usage("a pipeline has no key; leave out `--write-keys`"))
        }
        Manifest::Pipeline(pipeline) => pipeline::apply(connection, &pipeline, args.dry_run).await,
        Manifest::Account(account) if args.write_keys => {
            account::apply_with_key(connection, &account, &text, file).await
        }
        Manifest::Account(account) => account::apply(connection, &account, args.dry_run).await,
    }
}

fn read(file: &Path) -> Result<String, Failure> {
    let wrong =
        |error: std::io::Error| Failure::new(Exit::Storage, format!("`{}` cannot be read: {error}", file.display()));
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().take(LARGEST).read_to_string(&mut text).map_err(wrong)?;
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LARGEST).read_to_string(&mut text)).map_err(wrong)?;
    }
    Ok(text)
}
