//! Keys that are kept outside the database, each in a file of the state folder that only its owner can read.

use std::fmt::Display;
use std::path::Path;

use store::StoreError;

use crate::start::StartError;

/// What is in the file; `None` if it is not there.
pub(crate) fn there(path: &Path) -> Result<Option<Vec<u8>>, StartError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(path, error)),
    }
}

/// Writes the file; fails if it is there already.
pub(crate) fn keep(path: &Path, bytes: &[u8]) -> Result<(), StartError> {
    use std::io::Write as _;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| wrong(folder, error))?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| wrong(path, error))
}

/// Takes a file away that nothing was done with yet.
pub(crate) fn discard(path: &Path) -> Result<(), StartError> {
    std::fs::remove_file(path).map_err(|error| wrong(path, error))
}

pub(crate) fn wrong(path: &Path, problem: impl Display) -> StartError {
    StartError::State { path: path.display().to_string(), problem: problem.to_string() }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` is given")]
pub(crate) fn database(error: StoreError) -> StartError {
    StartError::State { path: "database".into(), problem: error.to_string() }
}
