//! A policy set as files, as a repository keeps it.
//!
//! | in the folder | what it is |
//! |---|---|
//! | `schema.cedarschema` | entity types, actions and context |
//! | `*.cedar` | the policies: one text, in the order of the files' names |
//! | `invariants.cedar` | what every published set must keep |
//! | `tests/*.yaml`, `*.yml`, `*.json` | cases, a list in each file |
//!
//! Invariant: a place in a text leads back to the file and line that it came from, and nothing in the folder that looks
//! like a part of the set is passed over without a word. What the folder does not have (schema, invariants, cases) is as
//! in the set in force; that is asked for only by whoever needs it.

mod cases;
mod read;
mod text;
mod write;

use std::path::{Path, PathBuf};

use contract::policies::PolicyTexts;
use domain::policy::{Case, SourceFile};

use crate::exit::Failure;

pub(crate) use cases::{Place, yaml};
pub(crate) use text::Text;
pub(crate) use write::pull;

/// The most that the texts of a set may have together, in bytes; and its cases.
const LARGEST: usize = 1 << 20;
/// How many files of one kind are read.
const MOST_FILES: usize = 1_000;

pub(crate) const SCHEMA: &str = "schema.cedarschema";
pub(crate) const INVARIANTS: &str = "invariants.cedar";
pub(crate) const TESTS: &str = "tests";

/// What was found.
#[derive(Debug)]
pub(crate) struct PolicyFolder {
    /// What it was read from, for messages.
    pub(crate) name: String,
    pub(crate) schema: Option<Text>,
    pub(crate) policies: Text,
    pub(crate) invariants: Option<Text>,
    /// With the place of each; none if there is no folder of tests.
    pub(crate) cases: Option<Vec<(Place, Case)>>,
}

impl PolicyFolder {
    /// Reads a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self, Failure> {
        read::folder(folder)
    }

    /// Reads a folder, or files one by one; their names say what they are.
    pub(crate) fn read(paths: &[PathBuf]) -> Result<Self, Failure> {
        match paths {
            [] => read::folder(Path::new(".")),
            [one] if !one.is_file() => read::folder(one),
            files => read::files(files),
        }
    }

    /// Reads the policies of folders and files, whatever else there is.
    pub(crate) fn of_policies(paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in paths {
            files.extend(if path.is_dir() { read::cedar(path)? } else { vec![path.clone()] });
        }
        read::files(&files)
    }

    /// Every file in Cedar's policy syntax that has something in it, with its text.
    pub(crate) fn cedar_files(&self) -> Vec<(PathBuf, String)> {
        let texts = self.invariants.iter().chain([&self.policies]);
        let files = texts.flat_map(Text::files).filter(|(_, text)| !text.trim().is_empty());
        files.map(|(file, text)| (file.to_owned(), text)).collect()
    }

    /// The texts, with those of the set in force for what is not here. None if the schema is missing and nobody said what
    /// is in force.
    pub(crate) fn texts(&self, live: Option<&PolicyTexts>) -> Option<PolicyTexts> {
        let or_live = |text: &Option<Text>, of: fn(&PolicyTexts) -> &String| {
            text.as_ref().map(|text| text.whole().to_owned()).or_else(|| live.map(|live| of(live).clone()))
        };
        Some(PolicyTexts {
            schema: or_live(&self.schema, |live| &live.schema)?,
            policies: self.policies.whole().to_owned(),
            invariants: or_live(&self.invariants, |live| &live.invariants).unwrap_or_default(),
        })
    }

    /// The cases alone.
    pub(crate) fn bare_cases(&self) -> Option<Vec<Case>> {
        Some(self.cases.as_ref()?.iter().map(|(_, case)| case.clone()).collect())
    }

    /// The text that a problem is in, if it is from here.
    pub(crate) fn text(&self, file: SourceFile) -> Option<&Text> {
        match file {
            SourceFile::Schema => self.schema.as_ref(),
            SourceFile::Policies => Some(&self.policies),
            SourceFile::Invariants => self.invariants.as_ref(),
        }
    }
}
