//! A replay on this computer, over an export of the audit trail.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use domain::policy::ReplayReport;
use policy::Engine;
use policy::replay::{History, Limits, Range, ReadError};

use crate::commands::policy::work;
use crate::exit::{Exit, Failure};

/// More than this gains nothing.
const MOST_THREADS: usize = 8;

pub(super) async fn replay(asked: Engine, live: Engine, export: &Path, range: Range) -> Result<ReplayReport, Failure> {
    let shown = export.display().to_string();
    let unreadable =
        |error: &dyn std::fmt::Display| Failure::new(Exit::Storage, format!("`{shown}` cannot be read: {error}"));
    let file = File::open(export).map_err(|error| unreadable(&error))?;
    if !file.metadata().is_ok_and(|found| found.is_file()) {
        return Err(unreadable(&"it is not a file"));
    }
    let reading = work::here("reading", move |_| History::read(BufReader::new(file), range, Limits::default()));
    let history = reading.await?.map_err(|error| match error {
        ReadError::Source(error) => unreadable(&error),
        ReadError::Full(full) => {
            Failure::usage(format!("`{shown}`: {full}")).hint("`--last`, `--from` and `--until` shorten it")
        }
    })?;
    if history.is_empty() {
        let failure = Failure::new(Exit::NotFound, format!("`{shown}` has no decision of that time that can be read"));
        return Err(failure.hint("`countersign audit export` writes the trail as JSON Lines, one entry a line"));
    }
    let threads = available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
    let replayed = work::here("replaying", move |told| {
        policy::replay::replay(Arc::new(history), Arc::new(live), &asked, None, threads, told)
    });
    replayed.await?.map_err(|stopped| Failure::new(Exit::Internal, stopped))
}
