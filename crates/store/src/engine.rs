//! What both engines can do, as the nouns see it: run a text with `$1`-style parameters, and give rows by column.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use domain::{Digest, Instant};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Collision, Reason, StoreError};
use crate::transaction::Outcome;

/// A value in a column or a parameter. There is no other kind, so the two dialects cannot differ in one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number, also an instant in milliseconds.
    Int(i64),
    /// A text, also JSON.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

/// A row of a result.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Arc<[String]>,
    pub(crate) cells: Vec<Value>,
}

/// A connection in the middle of a transaction.
pub(crate) trait Connection {
    /// Runs a statement that gives rows.
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Runs a statement that changes rows; gives how many.
    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError>;

    /// Runs a script of table definitions, which are written in SQLite's words.
    fn define(&mut self, sql: &str) -> Result<(), StoreError>;

    /// The expression for the database's own time, in milliseconds.
    fn time(&self) -> &'static str;
}

/// A write: it is run on a connection, perhaps more than once, and says what is to become of it.
pub(crate) type Work = Box<dyn FnMut(&mut dyn Connection) -> Fate + Send>;

/// Is told what became of a write, on a thread of the engine's: it hands that on and returns.
pub(crate) type Told = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// What is to become of a write that was run.
pub(crate) enum Fate {
    /// To be committed. The entry, if there is one, tells later whether it was.
    Keep(Option<domain::id::EntryId>),
    /// To be undone.
    Undo,
    /// To be undone because of this error, after which trying again makes sense where others write too.
    Retry(StoreError),
}

/// A database.
pub(crate) trait Engine: Send + Sync {
    /// For people: which engine and where.
    fn name(&self) -> String;

    /// What its operator should know of how it is set up, a sentence each.
    fn concerns(&self) -> &[String] {
        &[]
    }

    /// Runs `work` once, in a read transaction.
    fn read(&self, work: &mut dyn FnMut(&mut dyn Connection)) -> Result<(), StoreError>;

    /// Runs `work` in a write transaction and does what it says. Returns once that is durable. An error means that
    /// nothing was kept, except for [`Reason::OutcomeUnknown`]. Panics if `work` does, keeping nothing of it.
    fn write(&self, work: Work) -> Result<(), StoreError>;

    /// As [`Self::write`], for whoever does not wait on a thread of their own. If `work` panics, nobody is told.
    fn submit(&self, work: Work, told: Told) {
        told(self.write(work));
    }
}

impl Fate {
    pub(crate) fn of(outcome: Outcome) -> Self {
        match outcome.failed {
            Some(
                error @ (StoreError::Conflict { .. }
                | StoreError::Unavailable { reason: Reason::Down | Reason::ReadOnly, .. }),
            ) => Self::Retry(error),
            None if outcome.kept => Self::Keep(outcome.witness),
            _ => Self::Undo,
        }
    }

    /// How often a write is tried that ends like this. A value that is taken stays taken, so that is looked at once
    /// more only to let the use case find it; of those who race for a row, one wins each round. Where a server takes no
    /// writes any more, another one may.
    pub(crate) const fn attempts(error: &StoreError) -> u32 {
        match error {
            StoreError::Conflict { collision: Collision::Taken, .. } => 3,
            StoreError::Unavailable { reason: Reason::ReadOnly, .. } => 2,
            _ => 40,
        }
    }
}

/// A text parameter for anything with one text form.
pub(crate) fn text(value: &impl Display) -> Value {
    Value::Text(value.to_string())
}

/// A JSON parameter.
///
/// # Panics
/// If the value has a map with keys that are not text. No row has.
pub(crate) fn json(value: &impl Serialize) -> Value {
    Value::Text(serde_json::to_string(value).expect("rows have text keys and finite numbers"))
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<u64> for Value {
    /// Sizes and positions never come near the end of the range; beyond it nothing is found.
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Self::Int(value.millis())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Digest> for Value {
    fn from(value: Digest) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl From<ledger::Hash> for Value {
    fn from(value: ledger::Hash) -> Self {
        Self::Blob(value.as_bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Row {
    fn cell(&self, column: &str) -> Result<&Value, StoreError> {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.cells.get(at)).ok_or_else(|| wrong(column))
    }

    pub(crate) fn text(&self, column: &str) -> Result<&str, StoreError> {
        self.optional_text(column)?.ok_or_else(|| wrong(column))
    }

    pub(crate) fn optional_text(&self, column: &str) -> Result<Option<&str>, StoreError> {
        match self.cell(column)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(wrong(column)),
        }
    }

    pub(crate) fn int(&self, column: &str) -> Result<i64, StoreError> {
        self.optional_int(column)?.ok_or_else(|| wrong(column))
    }

    pub(crate) fn optional_int(&self, column: &str) -> Result<Option<i64>, StoreError> {
        match self.cell(column)? {
            Value::Int(number) => Ok(Some(*number)),
            Value::Null => Ok(None),
            _ => Err(wrong(column)),
        }
    }

    /// A number of a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError> {
        T::try_from(self.int(column)?).map_err(|_| wrong(column))
    }

    /// The same, if there is one.
    pub(crate) fn optional_number<T: TryFrom<i64>>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.optional_int(column)?.map(|number| T::try_from(number).map_err(|_| wrong(column))).transpose()
    }

    pub(crate) fn instant(&self, column: &str) -> Result<Instant, StoreError> {
        self.int(column).map(Instant::from_millis)
    }

    pub(crate) fn bytes<const N: usize>(&self, column: &str) -> Result<[u8; N], StoreError> {
        match self.cell(column)? {
            Value::Blob(bytes) => bytes.as_slice().try_into().map_err(|_| wrong(column)),
            _ => Err(wrong(column)),
        }
    }

    pub(crate) fn parsed<T: FromStr>(&self, column: &str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| wrong(column))
    }

    pub(crate) fn optional<T: FromStr>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.optional_text(column)?.map(|text| text.parse().map_err(|_| wrong(column))).transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.text(column)?)
            .map_err(|error| StoreError::corrupt(&format!("column `{column}` does not read back: {error}")))
    }
}

fn wrong(column: &str) -> StoreError {
    StoreError::corrupt(&format!("column `{column}` is not what it should be"))
}
