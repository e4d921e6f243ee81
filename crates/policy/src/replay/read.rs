//! Decisions from an export of the audit trail, one entry a line.
//!
//! Invariant: no line ends the reading, however it is damaged: a decision that cannot be read is counted, with why, and
//! entries of other kinds are passed over. Only a source that itself fails, or more than a history holds, is an error.

use std::borrow::Cow;
use std::io::{self, BufRead};

use domain::event::Kind;
use domain::id::DecisionId;
use domain::outcome::{Outcome, Requirement};
use domain::policy::question::{Approval, Question};
use domain::{Digest, Instant};
use serde::Deserialize;

use crate::replay::history::{Answered, Decision, Full, History, Limits};

/// The longest line that is read; a longer one is counted as unreadable.
const LINE: usize = 1 << 20;

/// Decisions since `from` and before `until`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// From the beginning, if absent.
    pub from: Option<Instant>,
    /// To the end, if absent.
    pub until: Option<Instant>,
}

/// Why an export was not read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source failed.
    #[error("the export could not be read: {0}")]
    Source(#[from] io::Error),
    /// There is too much in it.
    #[error(transparent)]
    Full(#[from] Full),
}

/// One recorded decision, read from its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedDecision {
    /// Its id.
    pub id: DecisionId,
    /// What was asked.
    pub question: Question,
    /// What was answered.
    pub answer: Answered,
}

impl Range {
    /// Whether it takes a decision of this instant.
    #[must_use]
    pub fn takes(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| !at.is_before(from)) && self.until.is_none_or(|until| at.is_before(until))
    }
}

/// As much of an entry as tells what it is. `leaf` is there if the line is an entry as it is served, with its index beside it.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
    index: Option<u64>,
    leaf: Option<String>,
}

#[derive(Deserialize)]
struct Entry {
    about: DecisionId,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    question: Question,
    answer: Told,
    /// The answer of policy alone, where plugins were heard as well.
    policy_answer: Option<Told>,
}

#[derive(Deserialize)]
struct Told {
    outcome: Outcome,
    reasons: Vec<Because>,
    requirement: Option<Requirement>,
    policy_set: Digest,
}

#[derive(Deserialize)]
struct Because {
    policy: String,
}

impl RecordedDecision {
    /// Reads the JSON of a `decision.made` entry; why it cannot be read otherwise.
    pub fn of_entry(json: &str) -> Result<Self, String> {
        let entry: Entry = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let Data { question, answer, policy_answer } = entry.data;
        let Told { outcome, reasons, requirement, policy_set } = policy_answer.unwrap_or(answer);
        let because = reasons.into_iter().map(|reason| reason.policy).collect();
        let answer = Answered { outcome, because, requirement, policy_set };
        Ok(Self { id: entry.about, question, answer })
    }
}

impl History {
    /// Reads an export of the audit trail: JSON Lines, each an entry or an entry as the trail serves it (`{"index", "leaf"}`).
    pub fn read(source: impl BufRead, range: Range, limits: Limits) -> Result<Self, ReadError> {
        let mut history = Self::new(limits);
        let mut source = source;
        let mut line = vec![];
        for number in 1_u64.. {
            match next_line(&mut source, &mut line)? {
                Line::End => break,
                Line::TooLong => history.count_unreadable(1, format!("line {number}: longer than {LINE} bytes")),
                Line::Whole => {
                    let text = std::str::from_utf8(&line).map_err(|error| error.to_string());
                    match text.and_then(|text| read_line(text.trim())) {
                        Ok(Some((decision, index))) if range.takes(decision.question.now) => {
                            history.add(decision, index)?;
                        }
                        Ok(_) => {}
                        Err(why) => history.count_unreadable(1, format!("line {number}: {why}")),
                    }
                }
            }
        }
        Ok(history)
    }

    /// Adds a decision that was read.
    pub fn add(&mut self, decision: RecordedDecision, index: Option<u32>) -> Result<(), Full> {
        let RecordedDecision { id, mut question, answer } = decision;
        let approval: Option<Approval> = question.approval.take();
        let (now, question, answer) = (question.now, self.question(&question), self.answer(answer));
        self.push(Decision { id, index, now, question, approval, answer })
    }
}

fn read_line(text: &str) -> Result<Option<(RecordedDecision, Option<u32>)>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let head: Head<'_> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let index = head.index.and_then(|index| u32::try_from(index).ok());
    let leaf = head.leaf.as_deref();
    let kind = match leaf {
        Some(leaf) => serde_json::from_str::<Head<'_>>(leaf).map_err(|error| format!("in `leaf`: {error}"))?.kind,
        None => head.kind,
    };
    let kind = kind.ok_or("it has no `kind`, so it is no entry of an audit trail")?;
    if kind != Kind::DecisionMade.name() {
        return Ok(None);
    }
    RecordedDecision::of_entry(leaf.unwrap_or(text)).map(|decision| Some((decision, index)))
}

enum Line {
    Whole,
    TooLong,
    End,
}

/// The next line into `line`, never more of it than is read.
fn next_line(source: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<Line> {
    line.clear();
    let mut any = false;
    let mut too_long = false;
    loop {
        let buffer = match source.fill_buf() {
            Ok(buffer) => buffer,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if buffer.is_empty() {
            break;
        }
        any = true;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let part = &buffer[..end.unwrap_or(buffer.len())];
        too_long |= line.len() + part.len() > LINE;
        if !too_long {
            line.extend_from_slice(part);
        }
        let used = end.map_or(buffer.len(), |end| end + 1);
        source.consume(used);
        if end.is_some() {
            break;
        }
    }
    Ok(match (any, too_long) {
        (false, _) => Line::End,
        (true, true) => Line::TooLong,
        (true, false) => Line::Whole,
    })
}
