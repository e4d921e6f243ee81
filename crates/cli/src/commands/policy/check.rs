//! `countersign policy check`: what is wrong in a folder or in files, without a control plane.

mod prove;

use std::path::PathBuf;

use domain::policy::Finding;
use domain::scope::Catalogue;
use policy::Engine;
use serde_json::{Value, json};

use self::prove::Proofs;
use super::compare::Solving;
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
  countersign policy check policies --prove
  countersign policy check schema.cedarschema prod.cedar dev.cedar")]
pub(crate) struct Args {
    /// A folder, or files one by one; without any, the folder that you are in
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// A scope that your control plane's catalogue has beside those of the product
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Ask the solver too: what is odd over every possible request, and whether the invariants are kept
    #[arg(long)]
    prove: bool,
    #[command(flatten)]
    solving: Solving,
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
            let problems: Vec<_> = found.iter().map(Found::json).collect();
            let json =
                json!({ "digest": digest, "problems": problems, "findings": [], "invariants": [], "policies": 0 });
            out.result(&json, |_| found.iter().map(Found::text).collect::<Vec<_>>().join("\n"))?;
            return Err(unusable(&folder.name, found.len()));
        }
    };
    let policies = engine.policies().len();
    let own = args.scopes.iter().map(|scope| (scope.clone(), String::new())).collect();
    let mut findings = engine.findings(&Catalogue::with(own));
    let proofs = if args.prove || args.solving.is_asked() {
        Some(Proofs::of(engine, args.solving.options()).await?)
    } else {
        None
    };
    findings.extend(proofs.iter().flat_map(|proofs| proofs.found.findings.clone()));
    let findings: Vec<_> = findings.iter().map(|finding| Placed::of(finding, &folder.policies)).collect();
    let json = json!({
        "digest": digest,
        "problems": [],
        "findings": findings.iter().map(Placed::json).collect::<Vec<_>>(),
        "invariants": proofs.as_ref().map(|proofs| &proofs.invariants),
        "policies": policies,
    });
    out.result(&json, |_| {
        let lines: String = findings.iter().map(Placed::text).collect();
        let proofs = proofs.as_ref().map(|proofs| proofs.text() + "\n").unwrap_or_default();
        format!("{lines}{proofs}{} ({digest})", count(policies, "policy compiles", "policies compile"))
    })?;
    proofs.as_ref().map_or(Ok(()), Proofs::verdict)?;
    match findings.iter().filter(|placed| placed.finding.grave).count() {
        0 => Ok(()),
        grave => Err(Failure::new(Exit::Failing, format!("{} grave", count(grave, "finding is", "findings are")))),
    }
}

/// A finding with the file that it is about.
struct Placed<'a> {
    finding: &'a Finding,
    path: String,
    line: u32,
}

impl<'a> Placed<'a> {
    fn of(finding: &'a Finding, policies: &Text) -> Self {
        let (path, line) = policies.place(finding.line);
        Self { finding, path: path.display().to_string(), line }
    }

    fn json(&self) -> Value {
        json!({ "path": self.path, "line": self.line, "finding": self.finding })
    }

    fn text(&self) -> String {
        let Self { finding, path, line } = self;
        let weight = if finding.grave { "grave" } else { "odd" };
        format!("{}:{line}: {weight}: `{}`: {}\n", prose(path), prose(&finding.policy), prose(&finding.sentence))
    }
}
