//! Group commit: one thread owns the one connection that writes. It takes what waits, runs each change inside a
//! savepoint, commits all of them with one flush of the disk, and only then answers each caller.
//!
//! A change that fails or panics is undone alone. If the commit fails, every caller of the batch is told so and
//! nothing of it is kept; a refusal that was decided on what another change of the batch wrote is not told either.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;

use super::connection::run as run_sql;
use super::file;
use crate::engine::{Fate, Told, Work};
use crate::error::{Reason, StoreError};

/// How many changes share a commit at most.
const BATCH: usize = 256;

/// How many changes may wait; more callers wait to be let in.
const QUEUE: usize = 1024;

/// The writing thread, which ends when this is dropped.
pub(super) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// A change that waits, and where its caller waits.
struct Job {
    work: Work,
    answer: Box<dyn FnOnce(Answer) + Send>,
}

/// What a caller is told once its batch is over.
type Answer = Result<(), Failure>;

pub(super) enum Failure {
    /// It was not kept.
    Store(StoreError),
    /// It panicked; its caller shall panic in turn.
    Panic(Box<dyn Any + Send>),
}

impl Writer {
    pub(super) fn start(path: PathBuf, connection: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(&jobs, &path, connection))
            .map_err(|error| StoreError::unavailable(Reason::Down, &error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs a change and waits until its batch is committed.
    pub(super) fn write(&self, work: Work) -> Result<(), StoreError> {
        let inside = self.thread.as_ref().is_some_and(|writer| writer.thread().id() == thread::current().id());
        assert!(!inside, "a write that starts another one would wait for itself");
        let stopped = || StoreError::unavailable(Reason::Down, "the writer has stopped");
        match self.queued(work).recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(Failure::Store(error))) => Err(error),
            Ok(Err(Failure::Panic(panic))) => resume_unwind(panic),
            Err(_) => Err(stopped()),
        }
    }

    /// Queues a change. `told` is called once its batch is committed; not at all if it panicked.
    pub(super) fn submit(&self, work: Work, told: Told) {
        self.queue(Job {
            work,
            answer: Box::new(move |answer| match answer {
                Ok(()) => told(Ok(())),
                Err(Failure::Store(error)) => told(Err(error)),
                Err(Failure::Panic(_)) => {}
            }),
        });
    }

    /// Queues a change. If the writer has stopped, the receiver is told nothing ever.
    fn queued(&self, work: Work) -> Receiver<Answer> {
        let (answer, told) = sync_channel(1);
        // A caller that is gone has nobody to tell.
        self.queue(Job { work, answer: Box::new(move |result| drop(answer.send(result))) });
        told
    }

    fn queue(&self, job: Job) {
        if let Some(queue) = &self.queue {
            let _ = queue.send(job);
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // It only fails if the thread panicked, of which nobody is left to be told.
            let _ = thread.join();
        }
    }
}

fn serve(jobs: &Receiver<Job>, path: &Path, connection: Connection) {
    let mut connection = Some(connection);
    while let Ok(first) = jobs.recv() {
        match ready(&mut connection, path) {
            Ok(open) => {
                let sound = batch(open, first, jobs);
                if !sound {
                    connection = None;
                }
            }
            Err(error) => {
                // Whoever waits already is told the same: each would wait as long again for it. They are counted before
                // the first is told, as whoever comes after that may find it better.
                let waiting: Vec<_> = std::iter::once(first).chain(jobs.try_iter().take(QUEUE)).collect();
                for job in waiting {
                    (job.answer)(Err(Failure::Store(error.clone())));
                }
            }
        }
    }
}

/// The connection with a transaction begun.
fn ready<'c>(connection: &'c mut Option<Connection>, path: &Path) -> Result<&'c mut Connection, StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => file::reopen(path)?,
    };
    let open = connection.insert(open);
    run_sql(open, "BEGIN IMMEDIATE")?;
    Ok(open)
}

/// Runs a batch. Gives whether the connection can still be used.
fn batch(connection: &mut Connection, first: Job, jobs: &Receiver<Job>) -> bool {
    let mut done = Vec::new();
    let mut next = Some(first);
    let mut end = Ok(());
    while let Some(job) = next {
        let result = run(connection, job.work);
        done.push((job.answer, result));
        if connection.is_autocommit() {
            // Some failures make SQLite end the whole transaction, and the changes before this one with it.
            end =
                Err(done.iter().rev().find_map(|(_, result)| store_error(result)).unwrap_or_else(|| {
                    StoreError::unavailable(Reason::Failing, "SQLite has given up the transaction")
                }));
            break;
        }
        next = if done.len() < BATCH { jobs.try_recv().ok() } else { None };
    }
    let end = end.and_then(|()| run_sql(connection, "COMMIT"));
    let mut sound = true;
    if let Err(error) = &end {
        tracing::error!(%error, changes = done.len(), "a batch of changes was not committed; none of it is kept");
        let undone = connection.is_autocommit() || connection.execute_batch("ROLLBACK").is_ok();
        // After a failed flush the file may hold less than the connection believes: read it anew.
        sound = undone && !matches!(error, StoreError::Unavailable { reason: Reason::Failing, .. });
    }
    for (caller, result) in done {
        caller(end.clone().map_err(Failure::Store).and(result));
    }
    sound
}

/// Runs one change in its savepoint. The change itself is gone when this returns, so that nobody waits for what it
/// holds.
fn run(connection: &mut Connection, mut work: Work) -> Answer {
    run_sql(connection, "SAVEPOINT change").map_err(Failure::Store)?;
    let fate = catch_unwind(AssertUnwindSafe(|| work(connection)));
    drop(work);
    if connection.is_autocommit() {
        let error = match fate {
            Ok(Fate::Retry(error)) => error,
            _ => StoreError::unavailable(Reason::Failing, "SQLite has given up the transaction"),
        };
        return Err(Failure::Store(error));
    }
    let kept = matches!(fate, Ok(Fate::Keep(_)));
    if !kept {
        run_sql(connection, "ROLLBACK TO change").map_err(Failure::Store)?;
    }
    run_sql(connection, "RELEASE change").map_err(Failure::Store)?;
    fate.map(drop).map_err(Failure::Panic)
}

fn store_error(answer: &Answer) -> Option<StoreError> {
    match answer {
        Err(Failure::Store(error)) => Some(error.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
