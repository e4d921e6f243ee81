//! Server-sent events: opened with a ticket, gone on with, ended with their credential.

use countersign_tests::wait::PATIENCE;
use reqwest::{Client, Response};

use crate::{House, STREAM};

/// An open stream and what of it was not looked at yet.
struct Stream(Response, String);

impl Stream {
    async fn open(house: &House, query: &str, last: Option<&str>, token: Option<&str>) -> Self {
        let mut request = Client::new().get(house.plane.address().at(&format!("{STREAM}{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self(response, String::new())
    }

    /// The next event: its fields by name. `None` at the end.
    async fn next(&mut self) -> Option<Vec<(String, String)>> {
        loop {
            if let Some((event, rest)) = self.1.split_once("\n\n") {
                let lines = event.lines().filter_map(|line| line.split_once(':'));
                let fields: Vec<_> = lines.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
                let rest = rest.len();
                self.1.drain(..self.1.len() - rest);
                return Some(fields);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.0.chunk()).await.expect("something comes").unwrap()?;
            self.1.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The id of the first event that has this text in it.
    async fn until(&mut self, text: &str) -> Option<String> {
        loop {
            let event = self.next().await.expect("it goes on");
            if event.iter().any(|(_, value)| value.contains(text)) {
                return event.into_iter().find(|(name, _)| name == "id").map(|(_, id)| id);
            }
        }
    }
}

#[tokio::test]
async fn a_listener_who_comes_back_hears_what_it_missed_and_nothing_twice() {
    let house = House::new().await;
    let query = format!("?ticket={}", house.ticket(&house.listener).await);
    let mut stream = Stream::open(&house, &query, None, None).await;
    stream.until("hello").await;
    let (first, _) = house.token(&["logs:read"]).await;
    let last = stream.until(&first).await.expect("a change has an id");
    drop(stream);
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(house.token(&["logs:read"]).await.0);
    }
    let mut stream = Stream::open(&house, "", Some(&last), Some(&house.listener)).await;
    assert_eq!(stream.until("hello").await, Some(last.clone()));
    made.push(house.token(&["logs:read"]).await.0);
    let (mut heard, mut before) = (Vec::new(), last.parse::<u64>().unwrap());
    while heard.len() < made.len() {
        let event = stream.next().await.expect("it goes on");
        let field = |wanted: &str| event.iter().find(|(name, _)| name == wanted).map_or("", |(_, value)| value);
        let id: u64 = field("id").parse().unwrap();
        assert_eq!(id, before + 1, "each entry of the ledger, once and in order");
        before = id;
        let data: contract::status::Changed = serde_json::from_str(field("data")).unwrap();
        heard.extend(data.about.filter(|_| data.kind == "credential.created"));
    }
    assert_eq!(heard, made);
}

#[tokio::test]
async fn a_listener_from_another_life_is_told_that_it_missed_something() {
    let house = House::new().await;
    for last in ["999999", "18446744073709551615"] {
        let mut stream = Stream::open(&house, "", Some(last), Some(&house.listener)).await;
        stream.until("missed").await;
    }
    let mut stream = Stream::open(&house, "", Some("nonsense"), Some(&house.listener)).await;
    stream.until("hello").await;
}

#[tokio::test]
async fn an_open_stream_ends_when_its_credential_does() {
    let house = House::new().await;
    let query = format!("?ticket={}", house.ticket(&house.listener).await);
    for (query, token) in [("", Some(house.listener.as_str())), (&query, None)] {
        let mut stream = Stream::open(&house, query, None, token).await;
        stream.until("hello").await;
        if token.is_none() {
            house.revoke(&house.listener_id).await;
            stream.until("auth.token_revoked").await;
            assert_eq!(stream.next().await, None, "and nothing comes after");
        }
    }
}
