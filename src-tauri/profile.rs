//! A profile: for whom the console was started, and therefore where its data lies and under which name its secrets
//! are kept. Two profiles share nothing: no folder, no keyring entry, no running instance.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tauri::{AppHandle, Manager, Runtime};
use thiserror::Error;

const IDENTIFIER: &str = "dev.countersign.desktop";
const DEFAULT: &str = "default";
const LONGEST_NAME: usize = 32;

/// For whom the console was started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    name: Option<String>,
    data_dir: Option<PathBuf>,
}

/// A profile name that could not be part of an identifier.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{0}` cannot name a profile: use 1 to {LONGEST_NAME} lower-case letters, digits and hyphens, a letter first")]
pub struct BadName(String);

/// A data folder that cannot be used.
#[derive(Debug, Error)]
pub enum BadFolder {
    /// The platform tells no data folder for this user.
    #[error("this user has no data folder ({0}); name one with `--data-dir`")]
    None(#[from] tauri::Error),
    /// It cannot be made, or kept to its owner.
    #[error("cannot use the data folder `{}`: {source}", folder.display())]
    Unusable {
        /// The folder that was tried.
        folder: PathBuf,
        /// What the platform answered.
        source: io::Error,
    },
}

impl Profile {
    /// A profile of this name (none, or `default`: the usual one), with its data in this folder (none: the platform's).
    pub fn new(name: Option<String>, data_dir: Option<PathBuf>) -> Result<Self, BadName> {
        let name = name.filter(|name| name != DEFAULT);
        if let Some(name) = &name {
            let fits = name.len() <= LONGEST_NAME
                && name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
            if !fits {
                return Err(BadName(name.clone()));
            }
        }
        Ok(Self { name, data_dir })
    }

    /// The name it was started with, or `default`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(DEFAULT)
    }

    /// What the platform knows it by: single instance, data folder, and the service name of its keyring entries.
    #[must_use]
    pub fn identifier(&self) -> String {
        match &self.name {
            Some(name) => format!("{IDENTIFIER}.{name}"),
            None => IDENTIFIER.to_owned(),
        }
    }

    /// Where everything of this profile lies.
    pub fn folder<R: Runtime>(&self, app: &AppHandle<R>) -> Result<PathBuf, BadFolder> {
        Ok(match &self.data_dir {
            Some(folder) => {
                std::path::absolute(folder).map_err(|source| BadFolder::Unusable { folder: folder.clone(), source })?
            }
            None => app.path().app_data_dir()?,
        })
    }

    /// The folder, made if it is missing, readable by its owner only.
    pub(crate) fn make_folder<R: Runtime>(&self, app: &AppHandle<R>) -> Result<PathBuf, BadFolder> {
        let folder = self.folder(app)?;
        make_private(&folder).map_err(|source| BadFolder::Unusable { folder: folder.clone(), source })?;
        Ok(folder)
    }
}

fn make_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_profile_can_be_named() {
        assert_eq!(Profile::new(Some("default".into()), None), Ok(Profile::default()));
        assert_eq!(Profile::default().name(), "default");
    }

    #[test]
    fn each_profile_has_its_own_identifier() {
        assert_eq!(Profile::default().identifier(), "dev.countersign.desktop");
        let second = Profile::new(Some("second-2".into()), None).unwrap();
        assert_eq!(second.identifier(), "dev.countersign.desktop.second-2");
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_a_path_or_a_bus_name() {
        for bad in ["", "-a", "2nd", "A", "a/b", "..", "a.b", "a b", "ä", &"a".repeat(33)] {
            assert_eq!(Profile::new(Some(bad.into()), None), Err(BadName(bad.into())));
        }
    }

    #[cfg(unix)]
    #[test]
    fn the_folder_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/b");
        make_private(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
}
