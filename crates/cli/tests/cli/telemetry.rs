//! What a served control plane tells of itself: lines for each request, and traces to a collector.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::run::PATIENCE;
use crate::serve::Served;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const TRACE_BYTES: [u8; 16] = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();

async fn ask(served: &Served) -> String {
    let parent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    let request = reqwest::Client::new().get(format!("{}/api/v1/approvals/x", served.url));
    let answer = request.header("traceparent", parent).send().await.unwrap();
    answer.headers()["x-request-id"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_line_that_its_id_and_its_trace_find() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::with(folder.path(), &[("COUNTERSIGN_LOG_FORMAT", "json")]).await;
    let id = ask(&served).await;
    let ended = served.end().await;
    let lines: Vec<Value> = ended.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let line = lines.iter().find(|line| line["message"] == "answered").unwrap();
    for (name, value) in [
        ("method", "GET"),
        ("route", "/api/v1/approvals/{id}"),
        ("client", "127.0.0.1"),
        ("code", "auth.authentication_required"),
    ] {
        assert_eq!(line[name], value, "{line}");
    }
    assert_eq!((&line["status"], &line["span"]["trace_id"]), (&401.into(), &TRACE.into()), "{line}");
    assert_eq!(line["span"]["request_id"], id.as_str(), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_each_request_as_a_span_of_the_trace_of_its_asker() {
    let folder = tempfile::tempdir().unwrap();
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let collected = tokio::spawn(async move {
        let (mut socket, _) = collector.accept().await.unwrap();
        let (mut all, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let length = socket.read(&mut buffer).await.unwrap();
            assert!(length > 0, "it broke off");
            all.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8_lossy(&all).into_owned();
            let Some(head) = text.find("\r\n\r\n") else { continue };
            let wanted = text[..head].to_lowercase();
            let wanted = wanted.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().to_owned();
            let start = all.windows(4).position(|part| part == b"\r\n\r\n").unwrap() + 4;
            if all.len() >= start + wanted.parse::<usize>().unwrap() {
                break;
            }
        }
        socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
        all
    });
    let served = Served::with(folder.path(), &[("COUNTERSIGN_TELEMETRY_OTLP_ENDPOINT", &endpoint)]).await;
    ask(&served).await;
    served.end().await.done();
    let sent = tokio::time::timeout(PATIENCE, collected).await.expect("something is sent").unwrap();
    let has = |part: &[u8]| sent.windows(part.len()).any(|window| window == part);
    assert!(sent.starts_with(b"POST /v1/traces HTTP/1.1\r\n"));
    assert!(has(b"GET /api/v1/approvals/{id}") && has(&TRACE_BYTES));
}
