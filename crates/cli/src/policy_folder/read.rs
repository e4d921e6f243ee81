//! Reading: the folder as it should be, or files one by one.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{INVARIANTS, LARGEST, MOST_FILES, PolicyFolder, SCHEMA, TESTS, Text, cases};
use crate::exit::{Exit, Failure};

/// What may still be read, in bytes.
pub(super) struct Allowance {
    left: usize,
    of: &'static str,
}

pub(super) fn folder(folder: &Path) -> Result<PolicyFolder, Failure> {
    let names = listed(folder)?;
    let with = |ending: &str| names.iter().filter(|name| has_ending(name, ending)).cloned().collect::<Vec<_>>();
    let stray = with("cedarschema").into_iter().find(|name| !is_named(name, SCHEMA));
    if let Some(stray) = stray {
        let sentence = format!("`{}` is not read: the schema of a folder is in `{SCHEMA}`", stray.display());
        return Err(Failure::usage(sentence).hint("rename it, or name the files one by one"));
    }
    let set = set(with("cedar"), with("cedarschema"), &folder.display().to_string())?;
    let tests = folder.join(TESTS);
    let cases = if tests.exists() { Some(cases::folder(&tests)?) } else { None };
    Ok(PolicyFolder { cases, ..set })
}

pub(super) fn files(files: &[PathBuf]) -> Result<PolicyFolder, Failure> {
    let with = |ending: &str| files.iter().filter(|name| has_ending(name, ending)).cloned().collect::<Vec<_>>();
    let known = |name: &PathBuf| has_ending(name, "cedar") || has_ending(name, "cedarschema");
    if let Some(other) = files.iter().find(|name| !known(name)) {
        let sentence =
            format!("`{}` is no part of a policy set: files end in `.cedar` or `.cedarschema`", other.display());
        return Err(Failure::usage(sentence).hint("or name one folder that holds them"));
    }
    let schemas = with("cedarschema");
    if let [_, second, ..] = schemas.as_slice() {
        return Err(Failure::usage(format!("`{}` is a second schema; a set has one", second.display())));
    }
    let name = files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ");
    set(with("cedar"), schemas, &name)
}

/// The policies and invariants in a folder.
pub(super) fn cedar(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    Ok(listed(folder)?.into_iter().filter(|name| has_ending(name, "cedar")).collect())
}

fn set(cedar: Vec<PathBuf>, schema: Vec<PathBuf>, name: &str) -> Result<PolicyFolder, Failure> {
    let mut allowance = Allowance::new("a policy set");
    let (invariants, policies): (Vec<_>, Vec<_>) = cedar.into_iter().partition(|file| is_named(file, INVARIANTS));
    if policies.is_empty() {
        let sentence = format!("`{name}` has no policies: no file that ends in `.cedar`, but for `{INVARIANTS}`");
        return Err(Failure::usage(sentence).hint("`countersign policy pull DIR` writes those in force into a folder"));
    }
    let mut read = |files: Vec<PathBuf>| -> Result<Option<Text>, Failure> {
        let texts = files.into_iter().map(|file| Ok((file.clone(), allowance.read(&file)?)));
        let texts = texts.collect::<Result<Vec<_>, Failure>>()?;
        Ok((!texts.is_empty()).then(|| Text::join(texts)))
    };
    let (schema, invariants) = (read(schema)?, read(invariants)?);
    let policies = read(policies)?.unwrap_or_else(|| Text::join(Vec::new()));
    Ok(PolicyFolder { name: name.to_owned(), schema, policies, invariants, cases: None })
}

/// What is in a folder, by name.
pub(super) fn listed(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let wrong = |error: std::io::Error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NotFound } else { Exit::Storage };
        Failure::new(exit, format!("`{}` cannot be read: {error}", folder.display()))
            .hint("name a folder of policies; `countersign policy pull DIR` makes one")
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        // What an editor leaves beside a file is none of the set.
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && !path.is_dir() {
            names.push(path);
        }
        if names.len() > MOST_FILES {
            let sentence = format!("`{}` has more than {MOST_FILES} files", folder.display());
            return Err(Failure::usage(sentence).hint("name the folder that holds the policies and little else"));
        }
    }
    names.sort();
    Ok(names)
}

pub(super) fn has_ending(file: &Path, ending: &str) -> bool {
    file.extension().is_some_and(|extension| extension == ending)
}

fn is_named(file: &Path, name: &str) -> bool {
    file.file_name().is_some_and(|own| own == name)
}

impl Allowance {
    pub(super) const fn new(of: &'static str) -> Self {
        Self { left: LARGEST, of }
    }

    /// A file's text, if it fits into what is left.
    pub(super) fn read(&mut self, path: &Path) -> Result<String, Failure> {
        let shown = path.display();
        let wrong =
            |why: &dyn std::fmt::Display| Failure::new(Exit::Storage, format!("`{shown}` cannot be read: {why}"));
        // A pipe would be waited for.
        if !fs::metadata(path).map_err(|error| wrong(&error))?.is_file() {
            return Err(wrong(&"it is not a file"));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(|error| wrong(&error))?;
        file.take(self.left as u64 + 1).read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
        let left = self.left.checked_sub(bytes.len());
        self.left = left.ok_or_else(|| {
            Failure::usage(format!("`{shown}` is too much: {} has 1 MiB of text at most, in all its files", self.of))
                .hint("name the folder that holds this and little else, or keep less in it")
        })?;
        String::from_utf8(bytes).map_err(|error| {
            let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
            Failure::usage(format!("`{shown}:{line}` has a byte that is not UTF-8 text")).hint("save the file as UTF-8")
        })
    }
}
