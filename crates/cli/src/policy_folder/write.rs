//! Writing a set into a folder, so that reading it again gives the same set.
//!
//! Invariant: nothing that somebody wrote is lost. A file with other text in it is kept unless its loss was asked for, and a
//! folder with files that would add themselves to the set is refused.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use contract::policies::PolicyTexts;
use domain::policy::Case;

use super::read::{has_ending, listed};
use super::{INVARIANTS, SCHEMA, TESTS, cases};
use crate::exit::{Exit, Failure};
use crate::replace::replace;

const POLICIES: &str = "policies.cedar";
const CASES: &str = "cases.yaml";

/// Writes the texts and the cases; gives the files that are new or changed.
pub(crate) fn pull(folder: &Path, texts: &PolicyTexts, cases: &[Case], force: bool) -> Result<Vec<PathBuf>, Failure> {
    let below = folder.join(TESTS);
    refuse_strays(folder, &below)?;
    let cases = cases::yaml(cases)
        .map_err(|error| Failure::new(Exit::Internal, format!("no YAML can be made of the cases: {error}")))?;
    let mut wanted = vec![
        (folder.join(SCHEMA), texts.schema.as_str()),
        (folder.join(POLICIES), texts.policies.as_str()),
        (folder.join(INVARIANTS), texts.invariants.as_str()),
    ];
    // A list that is empty is no YAML that says so.
    let empty = cases.is_empty();
    wanted.push((below.join(CASES), if empty { "[]\n" } else { cases.as_str() }));
    let mut changed = Vec::new();
    for (file, text) in wanted {
        match fs::read(&file) {
            Ok(there) if there == text.as_bytes() => {}
            Ok(_) if !force => {
                let sentence =
                    format!("`{}` is there already, with other text in it; nothing was written", file.display());
                return Err(Failure::new(Exit::Conflict, sentence)
                    .hint("pull into another folder and look at the difference, or let `--force` write over it"));
            }
            Ok(_) => changed.push((file, text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => changed.push((file, text)),
            Err(error) => return Err(wrong(&file, &error)),
        }
    }
    fs::create_dir_all(&below).map_err(|error| wrong(&below, &error))?;
    for (file, text) in &changed {
        if file.exists() {
            replace(file, text)?;
        } else {
            fs::write(file, text).map_err(|error| wrong(file, &error))?;
        }
    }
    Ok(changed.into_iter().map(|(file, _)| file).collect())
}

fn refuse_strays(folder: &Path, tests: &Path) -> Result<(), Failure> {
    let ours = [SCHEMA, POLICIES, INVARIANTS, CASES].map(std::ffi::OsStr::new);
    for (place, endings) in [(folder, &["cedar", "cedarschema"][..]), (tests, &["yaml", "yml", "json"])] {
        if !place.exists() {
            continue;
        }
        let other = listed(place)?.into_iter().find(|file| {
            let name = file.file_name().unwrap_or_default();
            !ours.contains(&name) && endings.iter().any(|ending| has_ending(file, ending))
        });
        if let Some(other) = other {
            let sentence = format!("`{}` would be a part of the set beside what is pulled", other.display());
            return Err(Failure::new(Exit::Conflict, sentence).hint("pull into another folder, or move that file away"));
        }
    }
    Ok(())
}

fn wrong(file: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Storage, format!("`{}` cannot be written: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy_folder::PolicyFolder;

    fn told(failure: Failure) -> (u8, String) {
        let code = failure.code();
        let Failure::Told { sentence, .. } = failure else { panic!() };
        (code, sentence)
    }

    #[test]
    fn what_is_pulled_is_read_again_and_nothing_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("new/policies");
        let text = |text: &str| text.to_owned();
        let texts = PolicyTexts { schema: text("entity A;"), policies: text("// none"), invariants: text("") };
        let pulled = pull(&folder, &texts, &[], false).unwrap();
        assert_eq!(pulled.len(), 4);
        let read = PolicyFolder::open(&folder).unwrap();
        assert_eq!((read.texts(None), read.bare_cases()), (Some(texts.clone()), Some(vec![])));
        assert_eq!(pull(&folder, &texts, &[], false).unwrap(), Vec::<PathBuf>::new(), "it is as it is");

        fs::write(folder.join(POLICIES), "// mine").unwrap();
        fs::remove_file(folder.join(SCHEMA)).unwrap();
        let (code, sentence) = told(pull(&folder, &texts, &[], false).unwrap_err());
        assert!(
            code == 83 && sentence.contains("policies.cedar") && sentence.contains("nothing was written"),
            "{sentence}"
        );
        assert!(!folder.join(SCHEMA).exists() && fs::read(folder.join(POLICIES)).unwrap() == b"// mine");
        assert_eq!(pull(&folder, &texts, &[], true).unwrap().len(), 2);

        fs::write(folder.join("more.cedar"), "").unwrap();
        let (code, sentence) = told(pull(&folder, &texts, &[], true).unwrap_err());
        assert!(code == 83 && sentence.contains("more.cedar"), "{sentence}");
    }
}
