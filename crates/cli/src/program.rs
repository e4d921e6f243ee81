//! Which file a program's name leads to, looked up as `execvp` does, and what is in it.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use domain::Digest;
use nix::unistd::{AccessFlags, access};

use crate::exit::{Exit, Failure};

/// Where programs are looked for if `PATH` is not set.
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Why there is nothing to run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NoProgram {
    /// No such file.
    #[error("`{0}` was not found; write the program's path, or put its folder into PATH")]
    NotFound(String),
    /// A file, but not one that can be executed.
    #[error("`{0}` cannot be executed: {1}")]
    NotExecutable(String, &'static str),
}

impl From<NoProgram> for Failure {
    fn from(error: NoProgram) -> Self {
        let exit = match error {
            NoProgram::NotFound(_) => Exit::NoCommand,
            NoProgram::NotExecutable(..) => Exit::CannotRun,
        };
        Self::new(exit, error)
    }
}

/// The absolute path of the file that would run. `search` is the value of `PATH`.
pub(crate) fn find(name: &str, directory: &Path, search: Option<OsString>) -> Result<PathBuf, NoProgram> {
    if name.contains('/') {
        let path = directory.join(name);
        return check(&path).map(|()| path);
    }
    let search = search.unwrap_or_else(|| DEFAULT_PATH.into());
    let mut refused = None;
    for folder in std::env::split_paths(&search).filter(|_| !name.is_empty()) {
        // An empty or relative entry means the working directory, or a folder below it.
        let path = directory.join(folder).join(name);
        match check(&path) {
            Ok(()) => return Ok(path),
            Err(error @ NoProgram::NotExecutable(..)) => refused = refused.or(Some(error)),
            Err(NoProgram::NotFound(_)) => {}
        }
    }
    Err(refused.unwrap_or_else(|| NoProgram::NotFound(name.to_owned())))
}

fn check(path: &Path) -> Result<(), NoProgram> {
    let shown = path.display().to_string();
    let Ok(metadata) = std::fs::metadata(path) else { return Err(NoProgram::NotFound(shown)) };
    if metadata.is_dir() {
        return Err(NoProgram::NotExecutable(shown, "it is a folder"));
    }
    if !metadata.is_file() {
        return Err(NoProgram::NotExecutable(shown, "it is not a file"));
    }
    access(path, AccessFlags::X_OK)
        .map_err(|_| NoProgram::NotExecutable(shown, "you may not execute it; `chmod +x` allows it"))
}

/// SHA-256 of the program file. `None` if it can be executed but not read.
pub(crate) fn digest(path: &Path) -> Option<Digest> {
    std::fs::read(path).ok().map(|bytes| Digest::of_content(&bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn place(folder: &Path, name: &str, mode: u32) -> PathBuf {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_name_is_looked_for_along_the_path_and_a_path_is_taken_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let (first, second) = (place(at, "a/tool", 0o755), place(at, "b/tool", 0o755));
        let other = place(at, "b/other", 0o755);
        let search = || Some(OsString::from(format!("{0}/none:{0}/a:{0}/b", at.display())));
        assert_eq!(find("tool", Path::new("/"), search()).unwrap(), first);
        assert_eq!(find("other", Path::new("/"), search()).unwrap(), other);
        assert_eq!(find("./tool", &at.join("b"), search()).unwrap(), at.join("b/./tool"));
        assert_eq!(find("b/tool", at, None).unwrap(), second);
        assert_eq!(find("tool", &at.join("b"), Some(":/bin".into())).unwrap(), second, "an empty entry is this folder");
        assert_eq!(find("tool", at, Some("b".into())).unwrap(), second);
    }

    #[test]
    fn a_file_that_cannot_be_executed_is_passed_over_and_told_if_nothing_else_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        place(at, "a/tool", 0o644);
        let good = place(at, "b/tool", 0o755);
        let search = |folders: &str| Some(OsString::from(folders.replace('@', &at.display().to_string())));
        assert_eq!(find("tool", at, search("@/a:@/b")).unwrap(), good);
        assert!(matches!(find("tool", at, search("@/a")), Err(NoProgram::NotExecutable(..))));
        assert!(matches!(find("./a", at, None), Err(NoProgram::NotExecutable(_, "it is a folder"))));
        assert_eq!(find("tool", at, search("@")), Err(NoProgram::NotFound("tool".into())));
        for nothing in ["./none", "", "a/tool/x"] {
            assert!(matches!(find(nothing, at, None), Err(NoProgram::NotFound(_))), "{nothing}");
        }
    }

    #[test]
    fn not_found_is_127_and_not_executable_126_as_in_a_shell() {
        assert_eq!(Failure::from(NoProgram::NotFound("x".into())).code(), 127);
        assert_eq!(Failure::from(NoProgram::NotExecutable("x".into(), "y")).code(), 126);
    }
}
