//! Signals that the process is sent, in the order in which they came. From the first look on none of them ends it.
//!
//! What was ignored when we were started (`nohup`, a background job) stays ignored, for us and for what we start.
//! `SIGTSTP` is left alone: a command runs in our process group, so Ctrl-Z stops and `fg` continues both.

use std::fs::File;

use nix::sys::signal::Signal;
use nix::unistd::{Pid, getpgrp, tcgetpgrp};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::exit::{Exit, Failure};

/// Those that ask a process to end.
const ENDING: &[Signal] = &[Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];
/// Those that tell it something.
const TELLING: &[Signal] = &[Signal::SIGUSR1, Signal::SIGUSR2, Signal::SIGWINCH];

/// Signals as they come.
pub(crate) struct Signals {
    arrived: UnboundedReceiver<Signal>,
}

impl Signals {
    /// Listens from now on to those that ask to end.
    pub(crate) fn ending_only() -> Result<Self, Failure> {
        Self::listen(ENDING)
    }

    /// Listens from now on to all that a command should get.
    pub(crate) fn all() -> Result<Self, Failure> {
        Self::listen(&[ENDING, TELLING].concat())
    }

    fn listen(wanted: &[Signal]) -> Result<Self, Failure> {
        let (sender, arrived) = unbounded_channel();
        let ignored = ignored();
        for kind in wanted.iter().copied().filter(|kind| !ignores(ignored, *kind)) {
            let mut stream = signal(SignalKind::from_raw(kind as i32))
                .map_err(|error| Failure::new(Exit::Internal, format!("{kind} cannot be listened to: {error}")))?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while stream.recv().await.is_some() {
                    if sender.send(kind).is_err() {
                        break;
                    }
                }
            });
        }
        Ok(Self { arrived })
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        match self.arrived.recv().await {
            Some(signal) => signal,
            // All are ignored.
            None => std::future::pending().await,
        }
    }

    /// The next one that asks to end.
    pub(crate) async fn ending(&mut self) -> Signal {
        loop {
            let signal = self.next().await;
            if ENDING.contains(&signal) {
                return signal;
            }
        }
    }

    /// One that asked to end and has come already.
    pub(crate) fn has_ended(&mut self) -> Option<Signal> {
        std::iter::from_fn(|| self.arrived.try_recv().ok()).find(|signal| ENDING.contains(signal))
    }
}

/// Whether a command in our process group has this signal already: a key at the terminal sends it to the whole group.
pub(crate) fn sent_to_the_group(signal: Signal) -> bool {
    matches!(signal, Signal::SIGINT | Signal::SIGQUIT | Signal::SIGWINCH) && in_foreground()
}

fn in_foreground() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(terminal).is_ok_and(|group: Pid| group == getpgrp()))
}

/// The mask of ignored signals, where the platform tells it.
fn ignored() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

const fn ignores(mask: u64, signal: Signal) -> bool {
    mask >> (signal as u64 - 1) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_counts_from_one() {
        assert!(ignores(1, Signal::SIGHUP));
        assert!(ignores(1 << 14, Signal::SIGTERM));
        assert!(!ignores(1 << 14, Signal::SIGINT));
    }
}
