//! H-05, H-12: servers that redirect, stall, never end or lie.

use countersign_server::outbound::{Limits, Outbound, OutboundError, OutboundRequest};
use http::header::{COOKIE, HOST, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method};
use hyper::body::Bytes;

use crate::sites::{LIMITS, Mode, SHORT, Site, get, open_to};

fn local() -> Outbound {
    Outbound::new(open_to(&["127.0.0.1/32"])).unwrap()
}

#[tokio::test]
async fn h_05_a_redirect_is_a_failure_and_its_target_sees_nothing() {
    let sink = Site::start(Mode::ok("", "inside")).await;
    let site = Site::start(Mode::HangUp).await;
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        let url = sink.url();
        site.now(Mode::Say(
            format!("HTTP/1.1 {status} X\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n").into_bytes(),
        ));
        let refused = get(&local(), &site.url(), LIMITS).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Redirect(code) if code == status), "{refused}");
    }
    assert_eq!(sink.connections(), 0);
}

#[tokio::test]
async fn h_12_a_server_that_stalls_is_given_up() {
    let site = Site::start(Mode::HangUp).await;
    for beginning in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"] {
        site.now(Mode::Stall(beginning.as_bytes().to_vec()));
        let refused = get(&local(), &site.url(), SHORT).await.unwrap_err();
        assert!(matches!(refused, OutboundError::TooSlow(_)), "{beginning}: {refused}");
    }
}

#[tokio::test]
async fn h_12_an_answer_without_end_is_cut() {
    let site = Site::start(Mode::HangUp).await;
    let chunk = [b"8000\r\n".to_vec(), vec![b'x'; 0x8000], b"\r\n".to_vec()].concat();
    for (head, more) in [
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunk),
        ("HTTP/1.1 200 OK\r\n\r\n", vec![b'x'; 0x8000]),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n", vec![b'x'; 0x8000]),
    ] {
        site.now(Mode::Endless(head.as_bytes().to_vec(), more));
        let refused = get(&local(), &site.url(), LIMITS).await.unwrap_err();
        assert!(
            matches!(refused, OutboundError::TooLarge(most) if most == LIMITS.most_body_bytes),
            "{head}: {refused}"
        );
    }
    site.now(Mode::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: and more\r\n".repeat(100)));
    let refused = get(&local(), &site.url(), LIMITS).await.unwrap_err();
    assert!(matches!(refused, OutboundError::Protocol(_)), "{refused}");
}

#[tokio::test]
async fn h_12_an_answer_that_lies_is_broken() {
    let site = Site::start(Mode::HangUp).await;
    assert!(matches!(get(&local(), &site.url(), LIMITS).await, Err(OutboundError::Protocol(_))));
    for answer in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n",
    ] {
        site.now(Mode::Say(answer.as_bytes().to_vec()));
        let refused = get(&local(), &site.url(), LIMITS).await.unwrap_err();
        assert!(matches!(refused, OutboundError::Protocol(_)), "{answer}: {refused}");
    }
}

#[tokio::test]
async fn the_cap_is_exact_and_other_statuses_are_answers() {
    let site = Site::start(Mode::ok("", "12345678")).await;
    let limits = |most_body_bytes| Limits { most_body_bytes, ..LIMITS };
    assert_eq!(get(&local(), &site.url(), limits(8)).await.unwrap().body, "12345678");
    assert!(matches!(get(&local(), &site.url(), limits(7)).await, Err(OutboundError::TooLarge(7))));
    site.now(Mode::Say(b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\nRetry-After: 3\r\n\r\nno".to_vec()));
    let answer = get(&local(), &site.url(), LIMITS).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.headers["retry-after"].as_bytes()), (503, &b"3"[..]));
}

#[tokio::test]
async fn a_request_says_who_asks_and_nothing_that_was_not_meant() {
    let site = Site::start(Mode::ok("Set-Cookie: a=b\r\n", "")).await;
    let mut headers = HeaderMap::new();
    headers.insert(COOKIE, HeaderValue::from_static("secret"));
    headers.insert(HOST, HeaderValue::from_static("other.example"));
    headers.insert(USER_AGENT, HeaderValue::from_static("forged"));
    headers.insert("webhook-id", HeaderValue::from_static("w-1"));
    let request = |headers| OutboundRequest {
        method: Method::POST,
        url: format!("{}hook?x=1#not-sent", site.url()),
        headers,
        body: Bytes::from_static(b"{}"),
        limits: LIMITS,
    };
    local().send(request(headers)).await.unwrap();
    let head = site.last_head();
    assert!(head.starts_with("POST /hook?x=1 HTTP/1.1\r\n"), "{head}");
    for line in [
        format!("host: {}", site.address),
        format!("user-agent: countersign/{}", env!("CARGO_PKG_VERSION")),
        "webhook-id: w-1".to_owned(),
        "content-length: 2".to_owned(),
    ] {
        assert!(head.contains(&format!("{line}\r\n")), "{line} in {head}");
    }
    assert!(!head.contains("cookie") && !head.contains("forged") && !head.contains("other.example"), "{head}");
    local().send(request(HeaderMap::new())).await.unwrap();
    assert!(!site.last_head().contains("cookie"), "no answer is remembered");
}
