//! `countersign man`: the manual, a page for each command. Asks nobody.

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use serde_json::json;

use crate::cli::{Cli, Global};
use crate::exit::{Exit, Failure};
use crate::output::Output;

/// Write the manual: a page for each command
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign man --out /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// The folder to write the pages into; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(crate) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let folder: &Path = &args.out;
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| {
        Failure::new(Exit::Storage, format!("the manual cannot be written to `{}`: {error}", folder.display()))
    })?;
    let out = Output { json: global.json };
    out.result(&json!({ "folder": folder }), |_| format!("the manual is in `{}`", folder.display()))
}
