//! Which set a command is about: a folder, a draft, a version, or the one in force.

use std::path::{Path, PathBuf};

use contract::policies::{PolicyTexts, PolicyVersion, Subject};
use domain::id::DraftId;
use policy::{Engine, PolicySource};

use super::problem::Found;
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::Output;
use crate::policy_folder::PolicyFolder;

/// The set in force, unless one of these names another.
#[derive(Debug, Default, clap::Args)]
#[group(multiple = false)]
pub(super) struct Which {
    /// The set in this folder; nothing of it is stored
    #[arg(long, value_name = "DIR", help_heading = "Policy set")]
    pub(super) dir: Option<PathBuf>,
    /// A draft
    #[arg(long, value_name = "ID", help_heading = "Policy set")]
    pub(super) draft: Option<DraftId>,
    /// A version
    #[arg(long = "version", value_name = "N", help_heading = "Policy set")]
    pub(super) version: Option<u32>,
}

impl Which {
    /// The same, for what makes no sense of the set in force itself.
    pub(super) async fn named(&self, connection: &Connection) -> Result<Subject, Failure> {
        match self.subject(connection).await? {
            Subject::Live => Err(nothing_named()),
            subject => Ok(subject),
        }
    }

    /// As the control plane is told. A folder is looked through here first, so that what is wrong has its file.
    pub(super) async fn subject(&self, connection: &Connection) -> Result<Subject, Failure> {
        if let Some(dir) = &self.dir {
            let folder = PolicyFolder::open(dir)?;
            let texts = with_live(connection, &folder).await?;
            compile(connection.out, &folder, &texts)?;
            return Ok(Subject::Texts(texts));
        }
        Ok(match (&self.draft, self.version) {
            (Some(draft), _) => Subject::Draft(draft.to_string()),
            (None, Some(version)) => Subject::Version(version),
            (None, None) => Subject::Live,
        })
    }
}

/// Whether a control plane is named at all.
pub(super) fn is_connected(global: &Global) -> bool {
    global.url.as_deref().is_some_and(|url| !url.is_empty())
}

/// The set in force, with what would help if it cannot be had.
pub(super) async fn live(connection: &Connection) -> Result<PolicyVersion, Failure> {
    Ok(connection.api.live_policies().await?)
}

/// The folder's texts, with those in force for what it does not have.
pub(super) async fn with_live(connection: &Connection, folder: &PolicyFolder) -> Result<PolicyTexts, Failure> {
    let live =
        if folder.schema.is_some() && folder.invariants.is_some() { None } else { Some(live(connection).await?) };
    folder.texts(live.as_ref().map(|live| &live.texts)).ok_or_else(|| no_schema(folder))
}

/// The folder's texts, for work that needs no control plane: it is asked for a schema only if the folder has none.
pub(super) async fn alone(global: &Global, folder: &PolicyFolder) -> Result<PolicyTexts, Failure> {
    match folder.texts(None) {
        Some(texts) => Ok(texts),
        None if is_connected(global) => with_live(&Connection::open(global)?, folder).await,
        None => Err(no_schema(folder)),
    }
}

fn no_schema(folder: &PolicyFolder) -> Failure {
    Failure::usage(format!(
        "`{}` has no `schema.cedarschema`, and no control plane is named to ask for the one in force",
        folder.name
    ))
    .hint("`countersign policy pull DIR` writes it, or name a control plane with `--url` (or COUNTERSIGN_URL)")
}

/// Compiles; what is wrong goes to stderr with its places.
pub(super) fn compile(out: Output, folder: &PolicyFolder, texts: &PolicyTexts) -> Result<Engine, Failure> {
    Engine::compile(source(texts)).map_err(|error| {
        for problem in &error.problems {
            out.aside(&Found::of(problem, Some(folder)).text());
        }
        unusable(&folder.name, error.problems.len())
    })
}

/// Reads and compiles a folder by itself.
pub(super) async fn open(global: &Global, dir: &Path) -> Result<(PolicyFolder, Engine), Failure> {
    let folder = PolicyFolder::open(dir)?;
    let texts = alone(global, &folder).await?;
    let engine = compile(Output { json: global.json }, &folder, &texts)?;
    Ok((folder, engine))
}

/// The set that is asked, and the one that it is held against, compiled here: the one in force, or that of a folder.
pub(super) async fn both(global: &Global, which: &Which, against: Option<&Path>) -> Result<(Engine, Engine), Failure> {
    let out = Output { json: global.json };
    let (name, held) = if let Some(dir) = against {
        let folder = PolicyFolder::open(dir)?;
        let texts = alone(global, &folder).await?;
        compile(out, &folder, &texts)?;
        (folder.name, texts)
    } else {
        let live = live(&Connection::open(global)?).await?;
        (format!("version {}", live.summary.version), live.texts)
    };
    let asked = match (&which.dir, which.draft, which.version) {
        (Some(dir), _, _) => {
            let folder = PolicyFolder::open(dir)?;
            let texts = folder.texts(Some(&held)).ok_or_else(|| no_schema(&folder))?;
            compile(out, &folder, &texts)?
        }
        (None, Some(draft), _) => {
            let draft = Connection::open(global)?.api.policy_draft(draft).await?.value;
            stored(&draft.summary.id, &draft.texts)?
        }
        (None, None, Some(version)) => {
            let texts = Connection::open(global)?.api.policy_version(version).await?.texts;
            stored(&format!("version {version}"), &texts)?
        }
        (None, None, None) => return Err(nothing_named()),
    };
    Ok((asked, stored(&name, &held)?))
}

fn nothing_named() -> Failure {
    Failure::usage("nothing is named to be held against the set in force")
        .hint("name a folder with `--dir`, a draft with `--draft`, or a version with `--version`")
}

/// Compiles what the control plane has; an older or newer one may have what this version does not read.
fn stored(name: &str, texts: &PolicyTexts) -> Result<Engine, Failure> {
    Engine::compile(source(texts)).map_err(|error| {
        Failure::usage(format!("{name} cannot be read by this version of the program: {error}"))
            .hint("use the version that the control plane has, or ask it: leave `--local` and `--export` out")
    })
}

pub(super) fn source(texts: &PolicyTexts) -> PolicySource {
    let PolicyTexts { schema, policies, invariants } = texts.clone();
    PolicySource { schema, policies, invariants }
}

pub(super) fn unusable(name: &str, problems: usize) -> Failure {
    let number = if problems == 1 { "1 problem".to_owned() } else { format!("{problems} problems") };
    Failure::usage(format!("`{name}` cannot be used: {number}"))
}
