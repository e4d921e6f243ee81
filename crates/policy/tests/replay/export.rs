//! Exports: whatever is in them, they are read to the end, and what cannot be read is counted.

use std::io::{self, BufReader, Read};

use countersign_policy::Question;
use countersign_policy::replay::{History, Limits, Range, ReadError};
use domain::event::{Entry, Event, Kind};
use domain::policy::ReplayReport;
use domain::policy::replay::SkipReason;
use serde_json::json;

use crate::fixtures::{at, decided, id, question, shipped};

/// The entry that records what the shipped set answers to this question.
fn entry(number: usize, question: &Question) -> Entry {
    let data =
        json!({"question": question, "answer": shipped().decide(question).unwrap(), "engine": "cedar-policy/4.14"});
    let event = Event::new(question.now, Kind::DecisionMade).about(id(number)).with(data);
    event.into_entry(format!("ent_{number:026}").parse().unwrap())
}

fn line(number: usize) -> String {
    serde_json::to_string(&entry(number, &question())).unwrap()
}

fn read(text: &str) -> History {
    History::read(text.as_bytes(), Range::default(), Limits::default()).unwrap()
}

fn report(history: History) -> ReplayReport {
    let go_on = |_| std::ops::ControlFlow::Continue(());
    countersign_policy::replay::replay(history.into(), shipped(), &shipped(), None, 1, &go_on).unwrap()
}

#[test]
fn entries_are_read_as_they_are_and_as_the_trail_serves_them() {
    let served = json!({"index": 7, "leaf": line(1)}).to_string();
    let other = Event::new(at("2026-11-22T05:00:00Z"), Kind::TicketOpened)
        .into_entry("ent_00000000000000000000000009".parse().unwrap());
    let other = serde_json::to_string(&other).unwrap();
    let history = read(
        &[line(0), other.clone(), served, json!({"index": 8, "leaf": other}).to_string(), String::new()].join("\n"),
    );
    assert_eq!((history.len(), history.distinct()), (2, 1));
    let report = report(history);
    assert_eq!((report.basis.first_index, report.basis.last_index), (Some(7), Some(7)));
    assert_eq!(report.coverage.skipped, []);
    assert_eq!((report.same, report.drift.unexplained), (2, 0), "the record reads back as it was answered");
}

#[test]
fn where_plugins_were_heard_the_answer_of_policy_alone_is_held_against_the_new_one() {
    let mut heard = serde_json::to_value(entry(0, &question())).unwrap();
    let data = &mut heard["data"];
    data["policy_answer"] = data["answer"].clone();
    data["plugins"] = json!([{"plugin": "friday", "took_ms": 3, "said": {"outcome": "deny"}, "effect": "stricter"}]);
    data["answer"]["outcome"] = "deny".into();
    data["answer"]["ground"] = "plugin_denied".into();
    data["answer"]["reasons"] = json!([{"policy": "plugin:friday", "title": "friday", "sentence": "not on a Friday"}]);
    data["answer"]["requirement"] = serde_json::Value::Null;
    let report = report(read(&heard.to_string()));
    assert_eq!((report.same, report.drift.unexplained), (1, 0));
}

#[test]
fn what_cannot_be_read_is_counted_and_ends_nothing() {
    let whole = line(0);
    let cut = &line(1)[..200];
    let newer = line(2).replace("\"action\":", "\"invented\":1,\"action\":");
    let nobody = line(3).replace("dec_", "tkt_");
    let foreign = r#"{"timestamp": "2026-11-22", "message": "hello"}"#;
    let unknown_kind = r#"{"kind": "something.else", "data": 5}"#;
    let text =
        [cut, &whole, &newer, &nobody, foreign, unknown_kind, "\u{feff}", "[1]", "null", &"[".repeat(5_000), &whole]
            .join("\r\n");
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(b"\n\xff\xfe\n");
    bytes.extend_from_slice(format!("{{\"kind\": \"{}\"}}\n", "x".repeat(2 << 20)).as_bytes());
    bytes.extend_from_slice(&whole.as_bytes()[..whole.len() - 1]);
    let report = report(History::read(&*bytes, Range::default(), Limits::default()).unwrap());
    assert_eq!((report.coverage.recorded, report.coverage.replayed), (13, 2));
    let [skipped] = report.coverage.skipped.as_slice() else { panic!("{:?}", report.coverage) };
    assert_eq!((skipped.reason, skipped.count), (SkipReason::Unreadable, 11));
    assert!(skipped.example.starts_with("line 1: EOF while parsing"), "{}", skipped.example);
}

#[test]
fn what_a_plugin_made_stricter_is_held_against_what_policies_said() {
    let mut entry = entry(0, &question());
    let said = entry.data["answer"].take();
    entry.data["answer"] =
        json!({"outcome": "deny", "reasons": [], "requirement": null, "policy_set": said["policy_set"]});
    let alone = serde_json::to_string(&entry).unwrap();
    assert_eq!(report(read(&alone)).drift.unexplained, 1);
    entry.data["policy_answer"] = said;
    assert_eq!(report(read(&serde_json::to_string(&entry).unwrap())).drift.unexplained, 0);
}

#[test]
fn only_the_range_is_read_and_its_end_is_not_in_it() {
    let text: Vec<_> = (0..5_u32)
        .map(|hour| {
            let now = question().now.plus(hour * 3_600);
            serde_json::to_string(&entry(0, &Question { now, ..question() })).unwrap()
        })
        .collect();
    let range = Range { from: Some(question().now.plus(3_600)), until: Some(question().now.plus(3 * 3_600)) };
    let history = History::read(text.join("\n").as_bytes(), range, Limits::default()).unwrap();
    assert_eq!(history.len(), 2);
    let report = report(history);
    assert_eq!((report.basis.from, report.basis.until), (range.from, Some(question().now.plus(2 * 3_600))));
}

#[test]
fn more_than_a_history_holds_is_refused_before_it_is_held() {
    let text = vec![line(0); 5].join("\n");
    let few = Limits { decisions: 4, ..Limits::default() };
    let error = History::read(text.as_bytes(), Range::default(), few).unwrap_err();
    assert!(error.to_string().contains("4 are read"), "{error}");
    let endless = BufReader::new(Endless { pattern: line(0), line: line(0).into_bytes(), at: 0, number: 0 });
    let small = Limits { bytes: 1 << 20, ..Limits::default() };
    let ReadError::Full(full) = History::read(endless, Range::default(), small).unwrap_err() else { panic!() };
    assert!(full.bytes < (1 << 20) + 10_000 && full.decisions > 1_000, "{full}");
}

#[test]
fn a_source_that_fails_is_an_error_of_its_own() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    let error = History::read(BufReader::new(Broken), Range::default(), Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "the export could not be read: the disk is gone");
}

#[test]
fn a_decision_takes_forty_bytes_and_its_question_once() {
    let mut history = History::new(Limits::default());
    let decision = decided(0, &question(), &shipped());
    history.add(decision.clone(), None).unwrap();
    let first = history.bytes();
    for _ in 0..1_000 {
        history.add(decision.clone(), None).unwrap();
    }
    assert_eq!(history.bytes() - first, 40 * 1_000);
}

/// Decisions without end, each about another resource.
struct Endless {
    pattern: String,
    line: Vec<u8>,
    at: usize,
    number: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.number += 1;
            let text = self.pattern.replace("billing/nightly", &format!("billing/{}", self.number));
            (self.line, self.at) = (format!("\n{text}").into_bytes(), 0);
        }
        let part = &self.line[self.at..];
        let taken = part.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&part[..taken]);
        self.at += taken;
        Ok(taken)
    }
}
