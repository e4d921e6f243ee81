use std::sync::mpsc::{RecvError, TryRecvError, channel};

use super::*;
use crate::engine::Connection as _;

/// A writer on a file with one table, and the file.
fn writer() -> (Writer, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.db");
    let connection = file::open(&path, "test").unwrap();
    connection
        .execute_batch("CREATE TABLE kept (place INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL)")
        .unwrap();
    (Writer::start(path, connection).unwrap(), folder)
}

/// A change that adds one name, and then what `end` says.
fn add(name: &'static str, end: impl Fn() -> Fate + Send + 'static) -> Work {
    Box::new(move |connection| {
        connection.execute("INSERT INTO kept (name) VALUES ($1)", &[name.into()]).unwrap();
        end()
    })
}

fn keep() -> Fate {
    Fate::Keep(None)
}

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let mut reader = file::reader(&folder.path().join("test.db")).unwrap();
    let rows = reader.query("SELECT name FROM kept ORDER BY place", &[]).unwrap();
    rows.iter().map(|row| row.text("name").unwrap().to_owned()).collect()
}

#[test]
fn a_batch_keeps_its_order_and_undoes_only_what_failed() {
    let (writer, folder) = writer();
    let (open, gate) = channel();
    let gate = writer.queued(add("gate", move || {
        gate.recv().unwrap();
        keep()
    }));
    // All of these wait while the gate is shut, so they are one batch with it.
    let told = [
        writer.queued(add("first", keep)),
        writer.queued(add("undone", || Fate::Undo)),
        writer.queued(add("second", keep)),
        writer.queued(add("panics", || panic!("this panic is part of a test"))),
        writer.queued(add("third", keep)),
    ];
    assert!(told.iter().all(|told| matches!(told.try_recv(), Err(TryRecvError::Empty))));
    open.send(()).unwrap();
    assert!(matches!(gate.recv(), Ok(Ok(()))));
    let told = told.map(|told| told.recv().unwrap());
    assert!(matches!(told, [Ok(()), Ok(()), Ok(()), Err(Failure::Panic(_)), Ok(())]));
    assert_eq!(names(&folder), ["gate", "first", "second", "third"]);
}

#[test]
fn nobody_is_answered_before_the_commit_and_nobody_sees_the_change() {
    let (writer, folder) = writer();
    let (open, gate) = channel();
    let (running, ran) = channel();
    let (release, released) = channel();
    let begin = writer.queued(add("gate", move || {
        gate.recv().unwrap();
        keep()
    }));
    let early = writer.queued(add("early", keep));
    let late = writer.queued(add("late", move || {
        running.send(()).unwrap();
        released.recv().unwrap();
        keep()
    }));
    open.send(()).unwrap();
    ran.recv().unwrap();
    // The early one has run, but its batch is still going on.
    assert!(matches!(begin.try_recv(), Err(TryRecvError::Empty)));
    assert!(matches!(early.try_recv(), Err(TryRecvError::Empty)));
    assert_eq!(names(&folder), Vec::<String>::new());
    release.send(()).unwrap();
    assert!([begin, early, late].map(|told| told.recv()).iter().all(|told| matches!(told, Ok(Ok(())))));
    assert_eq!(names(&folder), ["gate", "early", "late"]);
}

#[test]
fn a_batch_that_cannot_be_committed_is_told_to_all_of_it_and_the_next_one_works() {
    let (writer, folder) = writer();
    let refused = |work: Work| match writer.queued(work).recv() {
        Ok(Err(Failure::Store(error))) => error,
        other => panic!("{:?}", other.map(|told| told.is_ok())),
    };
    // A deferred foreign key is checked by the commit itself, so this fails there and nowhere earlier.
    writer
        .write(Box::new(|connection| {
            connection
                .define("CREATE TABLE child (name TEXT REFERENCES kept (place) DEFERRABLE INITIALLY DEFERRED)")
                .unwrap();
            keep()
        }))
        .unwrap();
    let error = refused(Box::new(|connection| {
        connection.execute("INSERT INTO kept (name) VALUES ($1)", &["with it".into()]).unwrap();
        connection.execute("INSERT INTO child (name) VALUES ($1)", &["nobody".into()]).unwrap();
        keep()
    }));
    assert!(matches!(error, StoreError::Misuse { .. }), "{error}");
    assert_eq!(names(&folder), Vec::<String>::new());
    // A change that ends the transaction behind the writer's back is what SQLite does itself on some failures.
    let error = refused(Box::new(|connection| {
        connection.define("ROLLBACK").unwrap();
        keep()
    }));
    assert!(matches!(error, StoreError::Unavailable { reason: Reason::Failing, .. }), "{error}");
    writer.write(add("after", keep)).unwrap();
    assert_eq!(names(&folder), ["after"]);
}

#[test]
fn what_waits_when_the_writer_ends_is_still_done() {
    let (writer, folder) = writer();
    let told: Vec<_> = (0..50).map(|_| writer.queued(add("waiting", keep))).collect();
    drop(writer);
    assert!(told.iter().all(|told| matches!(told.recv(), Ok(Ok(())))));
    assert_eq!(names(&folder).len(), 50);
}

#[test]
fn a_writer_that_has_stopped_tells_so() {
    let (mut writer, _folder) = writer();
    drop(writer.queue.take());
    assert!(matches!(writer.queued(add("late", keep)).recv(), Err(RecvError)));
    let error = writer.write(add("late", keep)).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { reason: Reason::Down, .. }), "{error}");
}
