//! A thread for proofs, with a stack that is deep enough for large sets, beside the one that tells how far it is.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use domain::policy::Progress;

use super::Progressing;
use crate::engine::STACK;
use crate::solver::{Session, SolverOptions};

/// How often it is asked whether to go on, while nothing is done.
const BEAT: Duration = Duration::from_millis(100);

/// Runs a work with a session of its own. `Err` if the work failed as a whole, with the reason in words.
pub(super) fn run<T: Send>(
    options: &SolverOptions,
    program: Result<PathBuf, String>,
    begun: Instant,
    progress: Progressing<'_>,
    work: impl FnOnce(Session<'_>, Sender<Progress>) -> Result<T, String> + Send,
) -> Result<T, String> {
    let cancelled = AtomicBool::new(false);
    let (sender, steps) = mpsc::channel();
    thread::scope(|scope| {
        let session = Session::new(program, options, begun, &cancelled);
        let builder = thread::Builder::new().name("proofs".to_owned()).stack_size(STACK);
        let working = builder.spawn_scoped(scope, move || work(session, sender));
        let working = working.map_err(|error| format!("the proofs could not be begun: {error}"))?;
        let mut last = Progress { done: 0, total: None };
        loop {
            match steps.recv_timeout(BEAT) {
                Ok(step) => last = step,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if progress(last).is_break() {
                cancelled.store(true, Ordering::Relaxed);
            }
        }
        working.join().unwrap_or_else(|_| Err("the proofs ended before their time; report it".to_owned()))
    })
}
