//! Where the platform wants a program's files.

use std::path::PathBuf;

use crate::exit::Failure;

const NAME: &str = "countersign";

/// For settings and what is trusted.
pub(crate) fn config() -> Result<PathBuf, Failure> {
    let place =
        if cfg!(target_os = "macos") { ("", "Library/Application Support") } else { ("XDG_CONFIG_HOME", ".config") };
    find(place).ok_or_else(|| Failure::usage("this user has no config folder; name one with `--config-dir`"))
}

/// For data.
pub(crate) fn data() -> Result<PathBuf, Failure> {
    let place =
        if cfg!(target_os = "macos") { ("", "Library/Application Support") } else { ("XDG_DATA_HOME", ".local/share") };
    find(place).ok_or_else(|| Failure::usage("this user has no data folder; name one with `--state-dir`"))
}

/// The folder that a variable names, or the one below the home folder (XDG Base Directory Specification).
fn find((variable, below_home): (&str, &str)) -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let named = if variable.is_empty() { None } else { absolute(variable) };
    named.or_else(|| absolute("HOME").map(|home| home.join(below_home))).map(|folder| folder.join(NAME))
}
