//! A file's text replaced at once: whoever reads it sees the old one or the new one.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::exit::{Exit, Failure};

/// Puts a text in the place of a file, which keeps its permissions.
pub(crate) fn replace(file: &Path, text: &str) -> Result<(), Failure> {
    let wrong =
        |error: io::Error| Failure::new(Exit::Storage, format!("`{}` cannot be written: {error}", file.display()));
    // What a link points to, so that the link stays one.
    let file = fs::canonicalize(file).map_err(wrong)?;
    let mode = fs::metadata(&file).map_err(wrong)?.permissions().mode();
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".countersign-new");
    let fresh = file.with_file_name(name);
    let written = File::create(&fresh).and_then(|mut new| {
        new.set_permissions(Permissions::from_mode(mode))?;
        new.write_all(text.as_bytes())?;
        new.sync_all()
    });
    written.and_then(|()| fs::rename(&fresh, &file)).map_err(wrong)
}
