//! What is told on an open socket, and what ends it.

use contract::events::SocketMessage;
use countersign_tests::socket::{Ending, Socket};
use countersign_tests::wait::{PATIENCE, until};
use serde_json::{Value, json};
use server::Period;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::protocol::Message;

use crate::{House, SOCKET};

fn subscribe(kinds: &Value) -> Message {
    Message::text(json!({ "type": "subscribe", "kinds": kinds }).to_string())
}

async fn ends(house: &House, message: Message) -> Ending {
    let mut socket = house.listening().await;
    // It may end while we still write.
    drop(socket.say(message).await);
    socket.ending().await
}

#[tokio::test]
async fn what_changes_is_told_and_a_client_can_ask_for_less() {
    let house = House::new().await;
    let mut socket = house.listening().await;
    let (id, _) = house.token(&["logs:read"]).await;
    loop {
        let SocketMessage::Changed { kind, about, at } = socket.hear().await.unwrap() else { panic!("a change") };
        assert!(at.seconds() > 0);
        if kind == "credential.created" && about.as_ref() == Some(&id) {
            break;
        }
    }
    socket.say(subscribe(&json!(["credential.rev", "ticket."]))).await.unwrap();
    while !matches!(socket.hear().await.unwrap(), SocketMessage::Subscribed { .. }) {}
    house.token(&["logs:read"]).await;
    house.revoke(&id).await;
    let SocketMessage::Changed { kind, about, .. } = socket.hear().await.unwrap() else { panic!("a change") };
    assert_eq!((kind.as_str(), about), ("credential.revoked", Some(id)));
    socket.leave().await;
}

#[tokio::test]
async fn whatever_else_a_client_says_ends_the_socket() {
    let house = House::new().await;
    let long = "x".repeat(65);
    let many = vec!["ticket."; 33];
    let cases = [
        Message::text("hello"),
        Message::text("{\"type\":\"subscribe\"}"),
        Message::text("{\"type\":\"subscribe\",\"kinds\":[],\"more\":1}"),
        Message::text("{\"type\":\"subscribe\",\"kinds\":[],\"kinds\":[]}"),
        Message::text("{\"type\":\"hello\",\"request_id\":\"x\",\"ping_interval_ms\":1}"),
        subscribe(&json!([long])),
        subscribe(&json!(many)),
        Message::binary(vec![0]),
    ];
    for message in cases {
        let told = format!("{message:?}");
        assert_eq!(ends(&house, message).await.map(|(code, _)| code), Some(1003), "{told}");
    }
    let ending = ends(&house, Message::text(" ".repeat(4097))).await;
    assert!(ending.is_none_or(|(code, _)| code == 1009), "a message of 4097 bytes is not read");
    let ending = ends(&house, Message::text("x".repeat(1 << 20))).await;
    assert!(ending.is_none_or(|(code, _)| code == 1009), "nor is one of 1 MiB");
    let mut socket = house.listening().await;
    socket.say(subscribe(&json!([]))).await.unwrap();
    assert_eq!(socket.hear().await.unwrap(), SocketMessage::Subscribed { kinds: vec![] }, "others go on");
}

#[tokio::test]
async fn a_socket_ends_when_its_credential_does() {
    let house = House::new().await;
    let bearer = house.listening().await;
    let target = format!("{SOCKET}?ticket={}", house.ticket(&house.listener).await);
    let ticket = Socket::open(house.at(), &target, &[]).await.unwrap();
    let other = Socket::open(house.at(), SOCKET, &[("x-api-key", &house.founder)]).await;
    assert!(other.is_err(), "an access token is no key");
    let bearing = format!("Bearer {}", house.founder);
    let mut person = Socket::open(house.at(), SOCKET, &[("authorization", &bearing)]).await.unwrap();
    house.revoke(&house.listener_id).await;
    for socket in [bearer, ticket] {
        let (code, reason) = socket.ending().await.expect("a close frame");
        assert_eq!((code, reason.as_str()), (4401, "The credential was revoked"));
    }
    person.say(subscribe(&json!([]))).await.unwrap();
    while !matches!(person.hear().await.unwrap(), SocketMessage::Subscribed { .. }) {}
    let form = [("token", house.founder.as_str())];
    let revoke = reqwest::Client::new().post(house.plane.address().at("/api/v1/oauth/revoke")).form(&form);
    assert!(revoke.send().await.unwrap().status().is_success());
    assert_eq!(person.ending().await.expect("a close frame").0, 4401, "whoever signs out listens no more");
}

#[tokio::test]
async fn a_client_that_answers_pings_stays_and_one_that_does_not_is_let_go() {
    let house = House::with(|settings| {
        settings.http.ping_interval = Period::seconds(1);
        settings.http.idle_timeout = Period::millis(500);
    })
    .await;
    let mut deaf = TcpStream::connect(house.at()).await.unwrap();
    let request = format!(
        "GET {SOCKET} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Api-Key: {}\r\n\r\n",
        house.at(),
        house.listener
    );
    deaf.write_all(request.as_bytes()).await.unwrap();
    let mut live = house.listening().await;
    let mut heard = Vec::new();
    let reading = tokio::time::timeout(PATIENCE, deaf.read_to_end(&mut heard));
    let hearing = async {
        loop {
            drop(live.hear().await.expect("it stays open"));
        }
    };
    tokio::select! {
        read = reading => drop(read.expect("it is closed")),
        () = hearing => {}
    }
    let text = String::from_utf8_lossy(&heard);
    assert!(text.starts_with("HTTP/1.1 101"), "{text}");
    assert_eq!(heard.windows(2).filter(|frame| *frame == [0x89, 0]).count(), 2, "two pings, unanswered");
    assert!(heard.windows(2).any(|code| code == 1008_u16.to_be_bytes()), "and a close frame with the reason");
    live.say(subscribe(&json!([]))).await.unwrap();
    while !matches!(live.hear().await.unwrap(), SocketMessage::Subscribed { .. }) {}
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_let_go() {
    let house = House::with(|settings| settings.http.write_timeout = Period::millis(300)).await;
    let narrow = TcpSocket::new_v4().unwrap();
    narrow.set_recv_buffer_size(4096).unwrap();
    let stream = narrow.connect(house.at()).await.unwrap();
    let mut socket = Socket::over(stream, house.at(), SOCKET, &[("x-api-key", &house.listener)]).await.unwrap();
    let kinds = vec!["x".repeat(64); 32];
    let flood = async { while socket.say(subscribe(&json!(kinds))).await.is_ok() {} };
    tokio::time::timeout(PATIENCE, flood).await.expect("the control plane does not wait for ever");
}

#[tokio::test]
async fn when_the_control_plane_stops_sockets_are_told_to_come_back() {
    let house = House::new().await;
    let socket = house.listening().await;
    let House { plane, .. } = house;
    let ending = tokio::spawn(socket.ending());
    tokio::time::timeout(PATIENCE, plane.running.stop()).await.expect("it stops");
    assert_eq!(ending.await.unwrap().expect("a close frame").0, 1001);
}

#[tokio::test]
async fn x_02_a_socket_takes_a_place_of_its_client_until_it_ends() {
    let house = House::with(|settings| {
        settings.http.max_connections_per_client = 2;
        settings.http.unlimited_clients = Vec::new();
    })
    .await;
    let key = house.listener.clone();
    let headers = [("x-api-key", key.as_str())];
    let again = async |what: &str| {
        until(what, async || Ok(Socket::open(house.at(), SOCKET, &headers).await.ok())).await.unwrap()
    };
    let (first, second) = (again("a place").await, again("another place").await);
    for _ in 0..20 {
        assert!(Socket::open(house.at(), SOCKET, &headers).await.is_err(), "there is no third place");
        tokio::task::yield_now().await;
    }
    first.leave().await;
    let third = again("the place of the first").await;
    second.leave().await;
    third.leave().await;
}
