//! `countersign policy diff`: what is different in the texts.

use std::path::PathBuf;

use contract::policies::PolicyTexts;
use serde_json::json;
use similar::TextDiff;

use super::subject::{Which, live, with_live};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::prose;
use crate::policy_folder::PolicyFolder;

/// Show what a folder, a draft or a version would change in the texts in force
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy diff policies
  countersign policy diff --version 3")]
pub(crate) struct Args {
    /// A folder; without one, that which you are in, unless a draft or a version is named
    #[arg(value_name = "DIR", conflicts_with_all = ["draft", "version"])]
    folder: Option<PathBuf>,
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let live = live(&connection).await?;
    let (name, texts) = match (&args.which.draft, args.which.version) {
        (Some(draft), _) => (draft.to_string(), connection.api.policy_draft(*draft).await?.value.texts),
        (None, Some(version)) => (format!("version {version}"), connection.api.policy_version(version).await?.texts),
        (None, None) => {
            let dir = args.folder.clone().or(args.which.dir.clone()).unwrap_or_else(|| PathBuf::from("."));
            let folder = PolicyFolder::open(&dir)?;
            let texts = with_live(&connection, &folder).await?;
            (folder.name, texts)
        }
    };
    let old = format!("version {}", live.summary.version);
    let diff = unified(&live.texts, &old, &texts, &name);
    connection.out.result(&json!({ "live": live.summary.version, "diff": diff }), |_| {
        if diff.is_empty() { format!("{name} says what {old} says, which is in force") } else { readable(&diff) }
    })
}

fn unified(old: &PolicyTexts, old_name: &str, new: &PolicyTexts, new_name: &str) -> String {
    let pairs = [
        ("schema.cedarschema", &old.schema, &new.schema),
        ("policies.cedar", &old.policies, &new.policies),
        ("invariants.cedar", &old.invariants, &new.invariants),
    ];
    let differing = pairs.into_iter().filter(|(_, old, new)| old != new);
    differing
        .map(|(file, old, new)| {
            let diff = TextDiff::from_lines(old, new);
            diff.unified_diff().header(&format!("{file}\t{old_name}"), &format!("{file}\t{new_name}")).to_string()
        })
        .collect()
}

/// As it is, but for what would steer a terminal. Tabs stay.
fn readable(diff: &str) -> String {
    diff.lines().map(|line| line.split('\t').map(prose).collect::<Vec<_>>().join("\t") + "\n").collect()
}
