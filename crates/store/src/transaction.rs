//! What a read, a change and upkeep can do.
//!
//! The invariant of the whole product stands here: a [`Transaction`] is committed only by handing it its audit
//! events. It has no other way to commit, and once one of its statements failed it can only be dropped.

use std::collections::HashMap;
use std::fmt::Display;

use domain::event::Event;
use domain::id::EntryId;
use domain::{Ids, Instant};

use crate::engine::{Connection, Row, Value};
use crate::error::{Collision, StoreError};
use crate::{Ambient, entries};

/// A value with the number of times it was changed, plus one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revised<T> {
    /// The value.
    pub value: T,
    /// Its revision.
    pub revision: i64,
}

/// Whatever can be read from: a [`Reader`], a [`Transaction`], [`Housekeeping`]. Sealed.
pub trait Query: sealed::Rows {}

/// Whatever upkeep can be written through: [`Housekeeping`], and a [`Transaction`] of which it is a part. Sealed.
pub trait Upkeep: Query + sealed::Runs {}

pub(crate) mod sealed {
    use super::{Row, StoreError, Value};

    /// What reading comes down to.
    pub trait Rows {
        /// Runs a query.
        fn rows(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError>;

        /// Notes which revision of a row was read, so that it can be changed.
        fn saw(&mut self, _noun: &'static str, _key: String, _revision: i64) {}
    }

    /// What upkeep comes down to.
    pub trait Runs {
        /// Runs a statement; gives how many rows it changed.
        fn run(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError>;

        /// Gives way to another process that did the same; the write begins anew.
        fn yield_to(&mut self, noun: &'static str) -> Result<(), StoreError>;
    }
}

/// Reads. Everything it sees is of one moment.
pub struct Reader<'a> {
    connection: &'a mut dyn Connection,
}

/// A change in the making.
///
/// It is kept by [`Self::commit`] or [`Self::commit_all`], which take the audit events. Nothing else commits:
///
/// ```compile_fail,E0061
/// fn silent(tx: countersign_store::Transaction<'_>) {
///     tx.commit();
/// }
/// ```
///
/// ```compile_fail,E0624
/// fn by_hand(mut tx: countersign_store::Transaction<'_>) {
///     tx.execute("COMMIT", &[]);
/// }
/// ```
///
/// and a committed one cannot be used again:
///
/// ```compile_fail,E0382
/// fn twice(tx: countersign_store::Transaction<'_>, event: domain::event::Event) {
///     let _ = tx.commit(event.clone());
///     let _ = tx.commit(event);
/// }
/// ```
pub struct Transaction<'a> {
    connection: &'a mut dyn Connection,
    ambient: &'a Ambient,
    outcome: &'a mut Outcome,
}

/// Upkeep in the making. Only functions that take this type can change anything through it.
pub struct Housekeeping<'a> {
    connection: &'a mut dyn Connection,
    outcome: &'a mut Outcome,
}

/// What became of a write, for the engine to act on.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Whether it is to be committed.
    pub(crate) kept: bool,
    /// An entry that is there if and only if it was committed.
    pub(crate) witness: Option<EntryId>,
    /// The first statement that failed. From then on there is no other outcome than undoing.
    pub(crate) failed: Option<StoreError>,
    /// The revisions that were read.
    seen: HashMap<(&'static str, String), i64>,
}

impl Outcome {
    fn check(&self) -> Result<(), StoreError> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    fn run<T>(
        &mut self,
        parameters: &[Value],
        statement: impl FnOnce() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.check()?;
        let result = check_texts(parameters).and_then(|()| statement());
        self.note(result)
    }

    fn note<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        if let Err(error) = &result {
            self.failed = Some(error.clone());
        }
        result
    }
}

/// PostgreSQL has no text with a zero character in it, so neither engine is given one. Inside JSON it is escaped.
fn check_texts(parameters: &[Value]) -> Result<(), StoreError> {
    let zero = parameters.iter().any(|value| matches!(value, Value::Text(text) if text.contains('\0')));
    if zero { Err(StoreError::misuse("a text has a zero character in it")) } else { Ok(()) }
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection, ambient: &'a Ambient, outcome: &'a mut Outcome) -> Self {
        Self { connection, ambient, outcome }
    }

    /// Commits the change together with its audit event. The caller of [`crate::Store::write`] gets its answer once
    /// both are durable.
    pub fn commit(self, event: Event) -> Result<(), StoreError> {
        self.commit_all(vec![event])
    }

    /// Commits the change together with its audit events, in this order. None at all is refused.
    pub fn commit_all(mut self, events: Vec<Event>) -> Result<(), StoreError> {
        if events.is_empty() {
            return self.outcome.note(Err(StoreError::misuse("a change was to be committed without an audit event")));
        }
        for event in events {
            let entry = event.into_entry(EntryId::new(self.ambient.ids()));
            entries::append(&mut self, &entry)?;
            self.outcome.witness = Some(entry.id);
        }
        self.outcome.kept = true;
        Ok(())
    }

    /// A source of ids.
    #[must_use]
    pub fn ids(&self) -> Ids<'_> {
        self.ambient.ids()
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.ambient.clock.now()
    }

    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        self.outcome.run(parameters, || self.connection.execute(sql, parameters))
    }

    /// Adds a row, which this transaction may then change.
    pub(crate) fn add(
        &mut self,
        noun: &'static str,
        key: &impl Display,
        sql: &str,
        row: &[Value],
    ) -> Result<(), StoreError> {
        self.execute(sql, row)?;
        self.outcome.seen.insert((noun, key.to_string()), 1);
        Ok(())
    }

    /// Changes a row that this transaction has read, provided that nobody else has changed it since. In `sql`, `$1` is
    /// the key and `$2` the revision; `rest` follows.
    pub(crate) fn revise(
        &mut self,
        noun: &'static str,
        key: &impl Display,
        sql: &str,
        rest: Vec<Value>,
    ) -> Result<(), StoreError> {
        match self.outcome.seen.get(&(noun, key.to_string())) {
            Some(revision) => self.revise_from(*revision, noun, key, sql, rest),
            None => self.outcome.note(Err(StoreError::misuse(&format!(
                "`{noun}` {key} was to be changed by a transaction that has not read it; what it overwrites is unknown"
            )))),
        }
    }

    /// Changes a row provided that it still has this revision. Otherwise the write begins anew.
    pub(crate) fn revise_from(
        &mut self,
        revision: i64,
        noun: &'static str,
        key: &impl Display,
        sql: &str,
        rest: Vec<Value>,
    ) -> Result<(), StoreError> {
        let mut parameters = vec![key.to_string().into(), revision.into()];
        parameters.extend(rest);
        if self.execute(sql, &parameters)? == 0 {
            return self.outcome.note(Err(StoreError::conflict(noun, Collision::Changed)));
        }
        self.outcome.seen.insert((noun, key.to_string()), revision + 1);
        Ok(())
    }
}

impl<'a> Housekeeping<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection, outcome: &'a mut Outcome) -> Self {
        Self { connection, outcome }
    }

    pub(crate) fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        self.outcome.run(parameters, || self.connection.execute(sql, parameters))
    }

    /// The expression for the database's own time, in milliseconds.
    pub(crate) fn time(&self) -> &'static str {
        self.connection.time()
    }

    /// Gives way to another process that did the same upkeep; the write begins anew.
    pub(crate) fn give_way<T>(&mut self, noun: &'static str) -> Result<T, StoreError> {
        self.outcome.note(Err(StoreError::conflict(noun, Collision::Changed)))
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(connection: &'a mut dyn Connection) -> Self {
        Self { connection }
    }
}

impl sealed::Rows for Reader<'_> {
    fn rows(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        check_texts(parameters)?;
        self.connection.query(sql, parameters)
    }
}

impl sealed::Rows for Transaction<'_> {
    fn rows(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.outcome.run(parameters, || self.connection.query(sql, parameters))
    }

    fn saw(&mut self, noun: &'static str, key: String, revision: i64) {
        // What was decided on the first look would otherwise overwrite what came between the two.
        let first = *self.outcome.seen.entry((noun, key)).or_insert(revision);
        if first != revision && self.outcome.failed.is_none() {
            self.outcome.failed = Some(StoreError::conflict(noun, Collision::Changed));
        }
    }
}

impl sealed::Rows for Housekeeping<'_> {
    fn rows(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        self.outcome.run(parameters, || self.connection.query(sql, parameters))
    }
}

impl sealed::Runs for Transaction<'_> {
    fn run(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        self.execute(sql, parameters)
    }

    fn yield_to(&mut self, noun: &'static str) -> Result<(), StoreError> {
        self.outcome.note(Err(StoreError::conflict(noun, Collision::Changed)))
    }
}

impl sealed::Runs for Housekeeping<'_> {
    fn run(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        self.execute(sql, parameters)
    }

    fn yield_to(&mut self, noun: &'static str) -> Result<(), StoreError> {
        self.give_way(noun)
    }
}

impl Upkeep for Transaction<'_> {}
impl Upkeep for Housekeeping<'_> {}
impl Query for Reader<'_> {}
impl Query for Transaction<'_> {}
impl Query for Housekeeping<'_> {}
