//! `countersign policy test`: cases put to a set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use contract::policies::{Subject, TestPolicies};
use domain::id::DraftId;
use domain::policy::SuiteReport;

use super::subject::open;
use super::words::count;
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::{Output, prose};
use crate::policy_folder::{PolicyFolder, TESTS};

/// Put a folder's cases to its policies, or those that are stored with a draft or a version
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy test policies --coverage
  countersign policy test --draft drf_01HZY3V5W2M4Q6S8T0XABCDEFG")]
pub(crate) struct Args {
    /// The folder: its cases are in `tests/*.yaml`, `*.yml` and `*.json`; without one, that which you are in
    #[arg(value_name = "DIR", conflicts_with_all = ["draft", "version"])]
    dir: Option<PathBuf>,
    /// The cases of this draft, put to it by the control plane
    #[arg(long, value_name = "ID", conflicts_with = "version")]
    draft: Option<DraftId>,
    /// The cases of this version
    #[arg(long = "version", value_name = "N")]
    version: Option<u32>,
    /// Fail if a policy determines the answer of no case
    #[arg(long)]
    coverage: bool,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let (report, folder) = match (&args.draft, args.version) {
        (None, None) => {
            let dir = args.dir.as_deref().unwrap_or(Path::new("."));
            let (folder, engine) = open(global, dir).await?;
            let cases = cases(&folder)?;
            (engine.test(&cases), Some(folder))
        }
        (draft, version) => {
            let draft = draft.as_ref().map(|draft| Subject::Draft(draft.to_string()));
            let subject = draft.or(version.map(Subject::Version)).unwrap_or_default();
            let request = TestPolicies { subject, cases: None };
            (Connection::open(global)?.api.test_policies(&request).await?, None)
        }
    };
    let out = Output { json: global.json };
    out.result(&report, |report| text(report, folder.as_ref()))?;
    verdict(&report, args.coverage)
}

fn cases(folder: &PolicyFolder) -> Result<Vec<domain::policy::Case>, Failure> {
    let cases = folder.bare_cases().filter(|cases| !cases.is_empty());
    cases.ok_or_else(|| {
        Failure::usage(format!("`{}` has no cases: no list in `{TESTS}/*.yaml`, `*.yml` or `*.json`", folder.name))
            .hint("`countersign policy case --decision ID` prints a first one")
    })
}

/// Every case that fails with its complaints, then what nothing would notice, then how many.
pub(super) fn text(report: &SuiteReport, folder: Option<&PolicyFolder>) -> String {
    let places = folder.and_then(|folder| folder.cases.as_ref()).map(Vec::as_slice).unwrap_or_default();
    let place = |index: usize| {
        places.get(index).map(|(place, _)| format!("{}: ", prose(&place.to_string()))).unwrap_or_default()
    };
    let mut lines = Vec::new();
    for (index, result) in report.results.iter().enumerate().filter(|(_, result)| !result.passed) {
        lines.push(format!("FAIL  {}{}", place(index), prose(&result.name)));
        lines.extend(result.complaints.iter().map(|complaint| format!("      {}", prose(complaint))));
    }
    let where_it_stands = folder.map(lines_of).unwrap_or_default();
    for policy in &report.untouched {
        let place = where_it_stands.get(policy).map(|place| format!("{place}: ")).unwrap_or_default();
        lines.push(format!("      {}no case touches `{}`", prose(&place), prose(policy)));
    }
    let all = report.results.len();
    let passed = format!("{} of {} passed", report.passed, count(all, "case", "cases"));
    let untouched = match report.untouched.len() {
        0 => "every policy is touched".to_owned(),
        number => format!("{} touched by none", count(number, "policy is", "policies are")),
    };
    lines.push(format!("{passed}; {untouched}"));
    lines.join("\n")
}

/// The place of each policy by its id.
fn lines_of(folder: &PolicyFolder) -> BTreeMap<String, String> {
    let mut places = BTreeMap::new();
    for (index, line) in folder.policies.whole().lines().enumerate() {
        let id = line.split_once("@id(\"").and_then(|(_, rest)| rest.split_once('"')).map(|(id, _)| id);
        if let Some(id) = id {
            let (path, line) = folder.policies.place(u32::try_from(index + 1).unwrap_or(u32::MAX));
            places.insert(id.to_owned(), format!("{}:{line}", path.display()));
        }
    }
    places
}

fn verdict(report: &SuiteReport, coverage: bool) -> Result<(), Failure> {
    if report.failed > 0 {
        let failed = count(report.failed as usize, "case fails", "cases fail");
        return Err(Failure::new(Exit::Failing, failed)
            .hint("mend the policies, or the case if it no longer says what is meant"));
    }
    if coverage && !report.untouched.is_empty() {
        let untouched =
            count(report.untouched.len(), "policy is touched by no case", "policies are touched by no case");
        return Err(Failure::new(Exit::Failing, untouched)
            .hint("a case touches a policy if the policy is among the reasons of its answer"));
    }
    Ok(())
}
