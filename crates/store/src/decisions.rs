//! Recorded decisions beside their entries, in columns: each different question and answer once, and a short row for each
//! decision. A replay and a count of usage read these, because reading a million leaves takes far longer than asking what
//! is in them.
//!
//! Derived data: everything here can be made again from the entries, and nothing is decided by it. Invariant: each
//! decision has one row, whoever wrote it, under the index of its entry; rows are added in the order of the ledger, and never
//! changed. Deliberately absent: what is in a question; texts come and go as they are.

use std::collections::{BTreeMap, HashMap};

use domain::Instant;
use domain::digest::Digest;
use domain::event::Kind;
use domain::id::DecisionId;

use crate::clause::Conditions;
use crate::engine::{Row, Value, text};
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query};

pub(crate) const TABLE: Migration = Migration {
    name: "decisions",
    sql: "CREATE TABLE decision_texts (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    body TEXT NOT NULL
) STRICT;
CREATE TABLE decisions (
    ledger_index INTEGER PRIMARY KEY,
    made_at INTEGER NOT NULL,
    decision TEXT,
    question INTEGER,
    answer INTEGER,
    approval TEXT,
    problem TEXT
) STRICT;
CREATE INDEX decisions_made_at ON decisions (made_at);",
};

/// An entry that has no row yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its index in the ledger.
    pub index: u64,
    /// The leaf.
    pub leaf: String,
}

/// A row to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDecision {
    /// The index of its entry.
    pub index: u64,
    /// When it was made.
    pub at: Instant,
    /// What is in it, or why it cannot be read.
    pub contents: Result<Contents, String>,
}

/// What is in a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Its id.
    pub decision: DecisionId,
    /// The question without what differs each time, as JSON.
    pub question: String,
    /// The answer, as JSON.
    pub answer: String,
    /// The approval that came with it, as JSON.
    pub approval: Option<String>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    /// The index of its entry.
    pub index: u64,
    /// When it was made.
    pub at: Instant,
    /// What is in it, or why it could not be read.
    pub contents: Result<Numbers, String>,
}

/// What is in a row; texts by their number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    /// Its id.
    pub decision: DecisionId,
    /// The question.
    pub question: i64,
    /// The answer.
    pub answer: i64,
    /// The approval, as JSON.
    pub approval: Option<String>,
}

/// Decisions made since `from` and before `until`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// From the beginning, if absent.
    pub from: Option<Instant>,
    /// To the end, if absent.
    pub until: Option<Instant>,
}

/// How many rows one statement writes: a database takes only so many parameters.
const ROWS: usize = 200;

/// The oldest decisions of the ledger that have no row yet.
pub fn waiting(q: &mut dyn Query, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let newest = q.rows("SELECT MAX(ledger_index) AS newest FROM decisions", &[])?;
    let newest = newest.first().map_or(Ok(None), |row| row.optional_int("newest"))?.unwrap_or(-1);
    let sql =
        "SELECT ledger_index, leaf FROM entries WHERE kind = $1 AND ledger_index > $2 ORDER BY ledger_index LIMIT $3";
    let rows = q.rows(sql, &[Kind::DecisionMade.name().into(), newest.into(), limit.into()])?;
    rows.iter()
        .map(|row| Ok(Waiting { index: row.number("ledger_index")?, leaf: row.text("leaf")?.to_owned() }))
        .collect()
}

/// Adds rows, in the order of the ledger and without a gap. What another process has added meanwhile stays as it is.
pub fn add(keep: &mut Housekeeping<'_>, decisions: &[NewDecision]) -> Result<(), StoreError> {
    let contents = || decisions.iter().filter_map(|new| new.contents.as_ref().ok());
    let texts = contents().flat_map(|contents| [contents.question.as_str(), contents.answer.as_str()]);
    // In one order everywhere, so that two processes never wait for each other.
    let texts: BTreeMap<[u8; 32], &str> =
        texts.map(|text| (*Digest::of_content(text.as_bytes()).as_bytes(), text)).collect();
    let numbers = numbered(keep, &texts)?;
    let number = |text: &str| numbers.get(Digest::of_content(text.as_bytes()).as_bytes()).copied();
    for rows in decisions.chunks(ROWS) {
        let mut values = vec![];
        for NewDecision { index, at, contents } in rows {
            values.extend([(*index).into(), (*at).into()]);
            values.extend(match contents {
                Ok(Contents { decision, question, answer, approval }) => [
                    text(decision),
                    number(question).into(),
                    number(answer).into(),
                    approval.as_deref().into(),
                    Value::Null,
                ],
                Err(problem) => [Value::Null, Value::Null, Value::Null, Value::Null, problem.replace('\0', "").into()],
            });
        }
        let columns = "ledger_index, made_at, decision, question, answer, approval, problem";
        let sql = format!(
            "INSERT INTO decisions ({columns}) VALUES {} ON CONFLICT (ledger_index) DO NOTHING",
            places(rows.len(), 7)
        );
        keep.execute(&sql, &values)?;
    }
    Ok(())
}

/// The number of each text, by its digest.
fn numbered(
    keep: &mut Housekeeping<'_>,
    texts: &BTreeMap<[u8; 32], &str>,
) -> Result<HashMap<[u8; 32], i64>, StoreError> {
    let texts: Vec<_> = texts.iter().collect();
    let mut numbers = HashMap::new();
    for some in texts.chunks(ROWS) {
        let digests: Vec<_> = some.iter().map(|(digest, _)| Value::Blob(digest.to_vec())).collect();
        known(keep, &digests, &mut numbers)?;
        let new: Vec<_> = some.iter().filter(|(digest, _)| !numbers.contains_key(*digest)).collect();
        if new.is_empty() {
            continue;
        }
        let values: Vec<_> =
            new.iter().flat_map(|(digest, body)| [Value::Blob(digest.to_vec()), (**body).into()]).collect();
        let sql = format!(
            "INSERT INTO decision_texts (digest, body) VALUES {} ON CONFLICT (digest) DO NOTHING",
            places(new.len(), 2)
        );
        keep.execute(&sql, &values)?;
        known(keep, &digests, &mut numbers)?;
        if some.iter().any(|(digest, _)| !numbers.contains_key(*digest)) {
            keep.give_way::<()>("decision_texts")?;
        }
    }
    Ok(numbers)
}

fn known(q: &mut dyn Query, digests: &[Value], numbers: &mut HashMap<[u8; 32], i64>) -> Result<(), StoreError> {
    let mut conditions = Conditions::default();
    conditions.and_one_of("digest", digests.iter().cloned());
    let limit = u32::try_from(digests.len()).unwrap_or(u32::MAX);
    let (sql, parameters) = conditions.query("SELECT number, digest FROM decision_texts", "LIMIT ?", limit);
    for row in q.rows(&sql, &parameters)? {
        numbers.insert(row.bytes("digest")?, row.int("number")?);
    }
    Ok(())
}

/// How many decisions there are in a span, counted up to `most`.
pub fn count(q: &mut dyn Query, span: Span, most: u64) -> Result<u64, StoreError> {
    let (inner, mut parameters) = made(span).query("SELECT 1 AS one FROM decisions", "LIMIT ?", u32::MAX);
    if let Some(limit) = parameters.last_mut() {
        *limit = most.into();
    }
    let rows = q.rows(&format!("SELECT COUNT(*) AS number FROM ({inner}) AS counted"), &parameters)?;
    rows.first().map_or(Ok(0), |row| row.number("number"))
}

/// The instant since which there are `number` decisions in a span, or none if there are fewer.
pub fn newest_since(q: &mut dyn Query, span: Span, number: u32) -> Result<Option<Instant>, StoreError> {
    let (sql, mut parameters) =
        made(span).query("SELECT made_at FROM decisions", "ORDER BY made_at DESC LIMIT 1 OFFSET ?", 0);
    if let Some(offset) = parameters.last_mut() {
        *offset = number.into();
    }
    q.rows(&sql, &parameters)?.first().map(|row| row.instant("made_at")).transpose()
}

/// Decisions of a span with a larger index than `after`, in the order of the ledger.
pub fn page(q: &mut dyn Query, span: Span, after: Option<u64>, limit: u32) -> Result<Vec<DecisionRow>, StoreError> {
    let mut conditions = made(span);
    conditions.and_if("ledger_index > ?", after);
    let columns = "SELECT ledger_index, made_at, decision, question, answer, approval, problem FROM decisions";
    let (sql, parameters) = conditions.query(columns, "ORDER BY ledger_index LIMIT ?", limit);
    q.rows(&sql, &parameters)?.iter().map(read).collect()
}

/// The texts of these numbers.
pub fn texts(q: &mut dyn Query, numbers: &[i64]) -> Result<Vec<(i64, String)>, StoreError> {
    let mut found = vec![];
    for some in numbers.chunks(ROWS) {
        let mut conditions = Conditions::default();
        conditions.and_one_of("number", some.iter().map(|number| (*number).into()));
        let limit = u32::try_from(some.len()).unwrap_or(u32::MAX);
        let (sql, parameters) = conditions.query("SELECT number, body FROM decision_texts", "LIMIT ?", limit);
        for row in q.rows(&sql, &parameters)? {
            found.push((row.int("number")?, row.text("body")?.to_owned()));
        }
    }
    Ok(found)
}

fn made(span: Span) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.and_if("made_at >= ?", span.from);
    conditions.and_if("made_at < ?", span.until);
    conditions
}

fn read(row: &Row) -> Result<DecisionRow, StoreError> {
    let contents = match row.optional_text("problem")? {
        Some(problem) => Err(problem.to_owned()),
        None => Ok(Numbers {
            decision: row.parsed("decision")?,
            question: row.int("question")?,
            answer: row.int("answer")?,
            approval: row.optional_text("approval")?.map(str::to_owned),
        }),
    };
    Ok(DecisionRow { index: row.number("ledger_index")?, at: row.instant("made_at")?, contents })
}

/// `($1, $2), ($3, $4)` for so many rows of so many columns.
fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<_> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}
