//! Long work that tells how far it is and can be ended by whoever waits for it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use domain::policy::replay::Progress;

/// Whoever waits wanted no more of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it was stopped before it was done; start it again for a result")]
pub struct Stopped;

/// Is told how far the work is, and says whether to go on.
pub type Told<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

/// Work in progress.
pub(crate) struct Work<'a> {
    told: Told<'a>,
    done: u32,
    total: u32,
}

/// How many pieces are taken at a time.
const HANDFUL: usize = 32;
/// How many results wait to be kept.
const WAITING: usize = 1_024;
/// As much stack as Cedar wants for the deepest condition.
const STACK: usize = 16 << 20;

impl<'a> Work<'a> {
    /// Of so much.
    pub(crate) fn new(told: Told<'a>, total: u32) -> Self {
        Self { told, done: 0, total }
    }

    /// So much more is done.
    pub(crate) fn done(&mut self, more: u32) -> Result<(), Stopped> {
        self.done = self.done.saturating_add(more).min(self.total);
        match (self.told)(Progress { done: self.done, total: Some(self.total) }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Stopped),
        }
    }
}

/// Computes each of `count` pieces on so many threads, and hands each result to `keep`, in no order. `weigh` says how much of
/// the whole a piece is.
pub(crate) fn on_threads<T: Send>(
    count: usize,
    threads: usize,
    work: &mut Work<'_>,
    weigh: impl Fn(usize) -> u32,
    piece: &(impl Fn(usize) -> T + Sync),
    mut keep: impl FnMut(usize, T),
) -> Result<(), Stopped> {
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let take = || {
        let from = next.fetch_add(HANDFUL, Ordering::Relaxed);
        (from < count && !stop.load(Ordering::Relaxed)).then(|| from..count.min(from + HANDFUL))
    };
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel(WAITING);
        for _ in 0..threads.max(1) {
            let sender = sender.clone();
            let worker = move || {
                while let Some(range) = take() {
                    for at in range {
                        if sender.send((at, piece(at))).is_err() {
                            return;
                        }
                    }
                }
            };
            // Where no thread can be had, all is done on this one, below.
            drop(thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker));
        }
        drop(sender);
        let mut since = 0;
        let mut done = 0;
        let others = receiver.iter();
        let own = std::iter::from_fn(take).flatten().map(|at| (at, piece(at)));
        for (at, result) in others.chain(own) {
            keep(at, result);
            since += weigh(at);
            done += 1;
            if done % HANDFUL == 0 {
                work.done(std::mem::take(&mut since)).inspect_err(|_| stop.store(true, Ordering::Relaxed))?;
            }
        }
        work.done(since)
    })
}
