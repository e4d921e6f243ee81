use std::sync::mpsc::{Receiver, channel};

use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::*;

fn works() -> LongWorks {
    LongWorks::new(CancellationToken::new())
}

const HALF: Progress = Progress { done: 1, total: Some(2) };

async fn lines(body: Body) -> Vec<Value> {
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&bytes).unwrap();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// A work that goes on for as long as somebody listens, and then says so.
fn endless(works: &LongWorks) -> Option<(Body, Receiver<()>)> {
    let (ended, told) = channel();
    let body = works.begin::<u32>(move |listening| {
        while listening(HALF).is_continue() {
            std::thread::yield_now();
        }
        ended.send(()).unwrap();
        Err("it was told to end".into())
    })?;
    Some((body, told))
}

#[tokio::test]
async fn a_work_tells_progress_and_then_its_report() {
    let body = works().begin(|listening| Ok(listening(HALF).is_continue())).unwrap();
    assert_eq!(lines(body).await, [json!({ "progress": { "done": 1, "total": 2 } }), json!({ "report": true })]);
}

#[tokio::test]
async fn progress_is_told_once_in_a_while_however_often_it_comes() {
    let body = works().begin(|listening| Ok((0..10_000).filter(|_| listening(HALF).is_break()).count())).unwrap();
    let lines = lines(body).await;
    assert_eq!(lines.last().unwrap(), &json!({ "report": 0 }));
    assert!(lines.len() < 100, "{}", lines.len());
}

#[tokio::test]
async fn a_work_that_fails_says_why_and_one_that_panics_says_that_it_did() {
    let body = works().begin::<u32>(|_| Err("there is no solver".into())).unwrap();
    assert_eq!(lines(body).await, [json!({ "failed": "there is no solver" })]);
    let body = works().begin::<u32>(|_| panic!("as a defect does")).unwrap();
    assert!(lines(body).await[0]["failed"].as_str().unwrap().contains("on our side"));
}

#[tokio::test]
async fn a_work_ends_when_nobody_listens_any_more() {
    let (body, ended) = endless(&works()).unwrap();
    drop(body);
    tokio::task::spawn_blocking(move || ended.recv()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_work_ends_when_the_process_does_and_says_so() {
    let works = works();
    let (body, _ended) = endless(&works).unwrap();
    works.stop.cancel();
    let last = lines(body).await.pop().unwrap();
    assert!(last["failed"].as_str().unwrap().contains("stopping"), "{last}");
}

#[tokio::test]
async fn only_a_few_run_at_once_and_a_place_is_free_again_when_one_has_ended() {
    let works = works();
    let mut running: Vec<_> = (0..AT_ONCE).map(|_| endless(&works).unwrap()).collect();
    assert!(works.begin(|_| Ok(0)).is_none());
    drop(running.pop());
    let place = works.places.acquire().await.unwrap();
    drop(place);
    assert_eq!(lines(works.begin(|_| Ok(0)).unwrap()).await, [json!({ "report": 0 })]);
}
