//! What holds around every request, on real sockets: time limits, size limits, one reading of a length, whose request
//! it is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::net::SocketAddr;

use contract::{Endpoint, Method};
use countersign_tests::plane::Plane;
use countersign_tests::wait::PATIENCE;
use server::{Http, MetricsAccess, Period, Running};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const SHORT: Period = Period::millis(200);

/// A control plane with these limits.
async fn plane(change: impl FnOnce(&mut server::Settings)) -> (Running, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    change(&mut settings);
    (server::start(settings).await.unwrap(), folder)
}

/// Sends some bytes, and reads until the other side closes.
async fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(address).await.unwrap();
    // The other side may close while we still write.
    drop(socket.write_all(bytes).await);
    ending(&mut socket).await
}

async fn ending(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await;
    // A reset ends a connection as well; a hang does not.
    drop(read.expect("the connection is closed"));
    String::from_utf8_lossy(&answer).into_owned()
}

fn post(address: SocketAddr, path: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{headers}\r\n{body}").into_bytes()
}

#[tokio::test]
async fn x_02_silent_slow_and_stalled_sockets_are_closed() {
    let (running, _folder) = plane(|settings| {
        let http = &mut settings.http;
        (http.first_byte_timeout, http.header_timeout) = (SHORT, SHORT);
        (http.body_timeout, http.idle_timeout) = (SHORT, SHORT);
    })
    .await;
    let at = running.address;
    assert_eq!(say(at, b"").await, "", "it sends no byte");
    assert_eq!(say(at, b"GET /healthz HT").await, "", "it sends half a header");
    let stalled = post(
        at,
        "/api/v1/oauth/revoke",
        "Content-Length: 9\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        "to",
    );
    let answer = say(at, &stalled).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close") && answer.contains("request.timeout"), "{answer}");
    let kept = say(at, format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\n\r\n").as_bytes()).await;
    assert!(kept.starts_with("HTTP/1.1 200") && kept.ends_with("ok\n"), "then it is idle: {kept}");
}

#[tokio::test]
async fn x_02_a_header_that_drips_is_not_waited_for_longer() {
    let (running, _folder) = plane(|settings| settings.http.header_timeout = SHORT).await;
    let mut socket = TcpStream::connect(running.address).await.unwrap();
    let (mut reader, mut writer) = socket.split();
    let drip = async {
        loop {
            if writer.write_all(b"G").await.is_err() {
                std::future::pending::<()>().await;
            }
            tokio::task::yield_now().await;
        }
    };
    let mut answer = Vec::new();
    tokio::select! {
        () = drip => {}
        read = tokio::time::timeout(PATIENCE, reader.read_to_end(&mut answer)) => drop(read.expect("it is closed")),
    }
}

#[tokio::test]
async fn x_02_one_client_gets_so_many_connections_and_a_place_is_given_back() {
    let (running, _folder) = plane(|settings| {
        settings.http = Http { max_connections_per_client: 2, unlimited_clients: Vec::new(), ..Http::default() };
    })
    .await;
    let at = running.address;
    let hello = format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\n\r\n");
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut socket = TcpStream::connect(at).await.unwrap();
        socket.write_all(hello.as_bytes()).await.unwrap();
        let mut byte = [0];
        socket.read_exact(&mut byte).await.unwrap();
        held.push(socket);
    }
    assert_eq!(say(at, hello.as_bytes()).await, "");
    held.clear();
    let close = hello.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
    let again = countersign_tests::wait::until("a place", async || {
        let answer = say(at, close.as_bytes()).await;
        Ok((!answer.is_empty()).then_some(answer))
    });
    assert!(again.await.unwrap().starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn x_02_more_connections_than_places_wait_and_are_served_in_their_turn() {
    let (running, _folder) = plane(|settings| {
        settings.http = Http { max_connections: 1, first_byte_timeout: SHORT, ..Http::default() };
    })
    .await;
    let at = running.address;
    let silent = TcpStream::connect(at).await.unwrap();
    let close = format!("GET /healthz HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    assert!(say(at, close.as_bytes()).await.starts_with("HTTP/1.1 200"));
    drop(silent);
}

#[tokio::test]
async fn x_01_each_route_takes_a_body_of_its_size_and_no_larger() {
    let plane = Plane::start().await;
    let http = reqwest::Client::new();
    for route in Endpoint::ALL.iter().filter(|route| route.method == Method::Post) {
        let form = route.path.contains("/oauth/");
        let large = route.path.contains("/authz/decisions")
            || route.path == "/api/v1/approvals"
            || route.path.ends_with("/reviews")
            || route.path.ends_with("/consume")
            || route.path == "/api/v1/tasks"
            || route.path.starts_with("/api/v1/roster");
        let limit = if large { 1 << 20 } else { 64 << 10 };
        let (kind, frame) =
            if form { ("application/x-www-form-urlencoded", "a=") } else { ("application/json", "\"\"") };
        for (length, fits) in [(limit, true), (limit + 1, false)] {
            let mut body = "x".repeat(length - frame.len());
            body.insert_str(0, if form { "a=" } else { "\"" });
            if !form {
                body.push('"');
            }
            let url = plane.address().at(&route.path.replace("{id}", "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG"));
            let request = http.post(url).header("content-type", kind).bearer_auth(plane.sample_token()).body(body);
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            // Whom the guard refuses has no body read at all; an id of another kind names nothing.
            if matches!(status, 401 | 403 | 404) {
                continue;
            }
            assert_eq!(status != 413, fits, "{} with {length} bytes: {status}", route.path);
            let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
            assert!(fits || kind == "application/problem+json", "{kind}");
        }
    }
}

#[tokio::test]
async fn x_11_and_x_12_lengths_are_read_one_way_and_nothing_is_unpacked() {
    let (running, _folder) = plane(|_| {}).await;
    let at = running.address;
    for (headers, status) in [
        ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "400"),
        ("Transfer-Encoding: chunked\r\n", "400"),
        ("Transfer-Encoding: identity\r\n", "400"),
        ("Content-Length: 5\r\nContent-Length: 6\r\n", "400"),
        ("Content-Length: +5\r\n", "400"),
        ("Content-Length: 5\r\nContent-Encoding: gzip\r\n", "415"),
        ("Content-Length: 5\r\nContent-Encoding: identity\r\n", "415"),
    ] {
        let answer = say(at, &post(at, "/api/v1/oauth/revoke", headers, "0\r\n\r\n")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{headers}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
}

#[tokio::test]
async fn s_43_a_request_line_or_header_that_is_too_large_is_told_so() {
    let (running, _folder) = plane(|settings| settings.http.max_header_bytes = 16 << 10).await;
    let at = running.address;
    let long = "x".repeat(9 << 10);
    let answer = say(at, format!("GET /{long} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 414") && answer.contains("request.target_too_long"), "{answer}");
    let long = "x".repeat(17 << 10);
    let answer = say(at, format!("GET / HTTP/1.1\r\nHost: {at}\r\nX-Long: {long}\r\n\r\n").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn s_42_two_voices_of_a_trusted_proxy_are_refused_and_strangers_are_not_heard() {
    let (trusting, _folder) = plane(|settings| settings.proxy.trusted = vec!["127.0.0.1/32".parse().unwrap()]).await;
    let (plain, _other) = plane(|_| {}).await;
    let http = reqwest::Client::new();
    for (running, status, kept) in [(&trusting, 400, true), (&plain, 200, false)] {
        let request = http.get(format!("{}/healthz", running.issuer)).header("x-request-id", "from-the-proxy");
        let response = request.header("forwarded", "for=1.2.3.4").header("x-forwarded-for", "1.2.3.4").send().await;
        let response = response.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(response.headers()["x-request-id"] == "from-the-proxy", kept);
    }
}

#[tokio::test]
async fn metrics_are_told_to_this_computer_and_to_nobody_behind_a_proxy() {
    let http = reqwest::Client::new();
    for (access, header, status) in [
        (MetricsAccess::Loopback, None, 200),
        (MetricsAccess::Loopback, Some("x-forwarded-for"), 404),
        (MetricsAccess::Loopback, Some("via"), 404),
        (MetricsAccess::Public, Some("x-forwarded-for"), 200),
        (MetricsAccess::Off, None, 404),
    ] {
        let (running, _folder) = plane(|settings| settings.telemetry.metrics = access).await;
        let hostile = format!("{}/l_10-canary?x=l_10-canary", running.issuer);
        let method = reqwest::Method::from_bytes(b"L10CANARY").unwrap();
        assert_eq!(http.request(method, hostile).send().await.unwrap().status(), 404);
        let mut request = http.get(format!("{}/metrics", running.issuer));
        if let Some(name) = header {
            request = request.header(name, "127.0.0.1");
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{access:?} {header:?}");
        if status == 200 {
            let text = response.text().await.unwrap();
            assert!(
                text.contains("countersign_http_requests_total{route=\"none\",method=\"other\",status=\"4xx\"} 1"),
                "{text}"
            );
            assert!(!text.to_lowercase().contains("canary"), "l_10: what clients write is no label");
        }
    }
}

#[tokio::test]
async fn readiness_tells_each_thing_that_it_looked_at() {
    let (running, _folder) = plane(|_| {}).await;
    let response = reqwest::get(format!("{}/readyz", running.issuer)).await.unwrap();
    assert_eq!(response.status(), 200);
    let told: contract::status::Readiness = response.json().await.unwrap();
    assert_eq!(told.checks.keys().map(String::as_str).collect::<Vec<_>>(), ["certificate", "ledger", "store"]);
    assert!(told.checks.values().all(|check| check.ok && check.reason.is_none()), "{told:?}");
}
