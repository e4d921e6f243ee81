//! `countersign policy check`: what is wrong in a folder or in files, without a control plane.

use std::path::PathBuf;

use policy::Engine;
use serde_json::json;

use super::problem::Found;
use super::subject::{alone, source, unusable};
use super::words::count;
use crate::cli::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Output, prose};
use crate::policy_folder::{PolicyFolder, Text};

/// Say what is wrong and what is odd in a policy set, with file, line and column
///
/// Nothing leaves this computer; only a folder without `schema.cedarschema` is completed by the one in force.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy check policies
  countersign policy check schema.cedarschema prod.cedar dev.cedar")]
pub(crate) struct Args {
    /// A folder, or files one by one; without any, the folder that you are in
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let out = Output { json: global.json };
    let folder = PolicyFolder::read(&args.paths)?;
    let source = source(&alone(global, &folder).await?);
    let digest = source.digest();
    let engine = match Engine::compile(source) {
        Ok(engine) => engine,
        Err(error) => {
            let found: Vec<_> = error.problems.iter().map(|problem| Found::of(problem, Some(&folder))).collect();
            let json = json!({
                "digest": digest,
                "problems": found.iter().map(Found::json).collect::<Vec<_>>(),
                "findings": [],
                "policies": 0,
            });
            out.result(&json, |_| found.iter().map(Found::text).collect::<Vec<_>>().join("\n"))?;
            return Err(unusable(&folder.name, found.len()));
        }
    };
    let findings = engine.findings();
    let policies = engine.policies().len();
    let placed: Vec<_> = findings.iter().map(|finding| (place(&folder.policies, finding.line), finding)).collect();
    let json = json!({
        "digest": digest,
        "problems": [],
        "findings": placed.iter().map(|((path, line), finding)| json!({ "path": path, "line": line, "finding": finding })).collect::<Vec<_>>(),
        "policies": policies,
    });
    out.result(&json, |_| {
        let line = |((path, line), finding): &((String, u32), &domain::policy::Finding)| {
            let weight = if finding.grave { "grave" } else { "odd" };
            format!("{}:{line}: {weight}: `{}`: {}\n", prose(path), prose(&finding.policy), prose(&finding.sentence))
        };
        let lines: String = placed.iter().map(line).collect();
        format!("{lines}nothing is wrong with {} ({digest})", count(policies, "policy", "policies"))
    })?;
    match findings.iter().filter(|finding| finding.grave).count() {
        0 => Ok(()),
        grave => Err(Failure::new(Exit::Failing, format!("{} grave", count(grave, "finding is", "findings are")))),
    }
}

fn place(policies: &Text, line: u32) -> (String, u32) {
    let (path, line) = policies.place(line);
    (path.display().to_string(), line)
}
