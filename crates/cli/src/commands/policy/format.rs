//! `countersign policy format`: policies laid out as everybody lays them out.

use std::path::PathBuf;

use super::problem::Found;
use super::subject::unusable;
use super::words::count;
use crate::cli::Global;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::policy_folder::PolicyFolder;
use crate::replace::replace;

/// Lay policies out as Cedar does: the same policies, with every comment
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy format policies/policies.cedar
  countersign policy format --check policies")]
pub(crate) struct Args {
    /// Folders, or files that end in `.cedar`
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Change nothing; end with exit code 86 if a file would change
    #[arg(long)]
    check: bool,
}

/// All or nothing: a file that cannot be laid out leaves the others as they are.
pub(super) fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let out = Output { json: global.json };
    let folder = PolicyFolder::of_policies(&args.paths)?;
    let (mut changed, mut wrong) = (Vec::new(), 0);
    for (file, text) in folder.cedar_files() {
        match policy::format(&text) {
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => changed.push((file, formatted)),
            Err(error) => {
                wrong += error.problems.len();
                let problems = error.problems.iter().map(|problem| Found::alone(problem, &file, &text).text());
                problems.for_each(|problem| out.aside(&problem));
            }
        }
    }
    if wrong > 0 {
        return Err(unusable(&folder.name, wrong));
    }
    if !args.check {
        changed.iter().try_for_each(|(file, text)| replace(file, text))?;
    }
    let names: Vec<_> = changed.iter().map(|(file, _)| file.display().to_string()).collect();
    out.result(&names, |names| match names.as_slice() {
        [] => "everything is laid out".to_owned(),
        names => names.join("\n"),
    })?;
    if args.check && !changed.is_empty() {
        let sentence = format!("{} not laid out", count(changed.len(), "file is", "files are"));
        return Err(Failure::new(Exit::Failing, sentence).hint("`countersign policy format` does it"));
    }
    Ok(())
}
