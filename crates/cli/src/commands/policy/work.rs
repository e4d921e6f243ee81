//! Long work, over there or here: how far it is, on a terminal as a bar, and its end by Ctrl-C.

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::policy::Progress;

use super::words::grouped;
use crate::exit::{Exit, Failure};
use crate::signals::Signals;

const WIDTH: u32 = 30;

/// Tells how far a work is, if somebody looks.
pub(in crate::commands) struct Bar {
    what: &'static str,
    seen: bool,
    is_shown: bool,
}

impl Bar {
    pub(in crate::commands) fn new(what: &'static str) -> Self {
        Self { what, seen: false, is_shown: io::stderr().is_terminal() }
    }

    pub(in crate::commands) fn tell(&mut self, progress: Progress) {
        if self.is_shown {
            self.seen = true;
            // If stderr is closed there is nobody to tell.
            drop(write!(io::stderr(), "\r{}", line(self.what, progress)));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.seen {
            drop(write!(io::stderr(), "\r\u{1b}[K"));
        }
    }
}

fn line(what: &str, Progress { done, total }: Progress) -> String {
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let full = u64::from(WIDTH) * u64::from(done.min(total)) / u64::from(total);
            let bar: String = (0..u64::from(WIDTH)).map(|at| if at < full { '#' } else { '.' }).collect();
            format!("{what} [{bar}] {} of {}", grouped(done), grouped(total))
        }
        None => format!("{what} {}", grouped(done)),
    }
}

/// Waits for a work, or for a signal that ends it: the connection is closed, and with it the work over there.
pub(in crate::commands) async fn or_signal<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let mut signals = Signals::ending_only()?;
    tokio::select! {
        done = work => done,
        signal = signals.ending() => Err(Failure::Signalled(signal)),
    }
}

/// How a work here tells how far it is, and hears that it is not wanted any more.
pub(super) type Told<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

/// Does a work on a thread of its own. After a signal it is asked to end, and waited for: it may have a child to end.
pub(super) async fn here<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce(Told<'_>) -> T + Send + 'static,
) -> Result<T, Failure> {
    let mut signals = Signals::ending_only()?;
    let ended = Arc::new(AtomicBool::new(false));
    let is_ended = Arc::clone(&ended);
    let mut working = tokio::task::spawn_blocking(move || {
        let bar = Mutex::new(Bar::new(what));
        work(&|progress| {
            bar.lock().unwrap_or_else(PoisonError::into_inner).tell(progress);
            if is_ended.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    });
    let lost = |error| Failure::new(Exit::Internal, format!("the work did not come to its end: {error}"));
    tokio::select! {
        done = &mut working => done.map_err(lost),
        signal = signals.ending() => {
            ended.store(true, Ordering::Relaxed);
            // Its result is not wanted any more.
            drop(working.await);
            Err(Failure::Signalled(signal))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_the_work_is_done() {
        let at = |done, total| line("replaying", Progress { done, total });
        assert_eq!(at(500, Some(1_000)), format!("replaying [{}{}] 500 of 1,000", "#".repeat(15), ".".repeat(15)));
        assert_eq!(at(2_000, Some(1_000)), format!("replaying [{}] 2,000 of 1,000", "#".repeat(30)));
        assert_eq!(at(7, None), "replaying 7");
        assert_eq!(at(0, Some(0)), "replaying 0");
    }
}
