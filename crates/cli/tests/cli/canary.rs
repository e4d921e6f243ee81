//! What a client sends never stands in the log: not in a line of ours, not in one of a library, at any level.

use contract::{Endpoint, Method};
use reqwest::Client;

use crate::serve::Served;

const CANARY: &str = "canary-4f1d9b";

#[tokio::test(flavor = "multi_thread")]
async fn t_15_and_t_17_no_header_query_body_or_path_reaches_the_log() {
    for format in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let with =
            [("RUST_LOG", "trace"), ("COUNTERSIGN_LOG_FORMAT", format), ("COUNTERSIGN_HTTP_QUERY_TOKENS", "true")];
        let served = Served::with(folder.path(), &with).await;
        let http = Client::new();
        let mut sent = 0;
        let mut mark = || {
            sent += 1;
            format!("{CANARY}-{sent}")
        };
        for route in Endpoint::ALL.iter().filter(|route| route.endpoint != Endpoint::Events) {
            let path = route.path.replace("{id}", &mark());
            let url = format!("{}{path}?q={}&code={}", served.url, mark(), mark());
            let kinds = ["application/json", "application/x-www-form-urlencoded", "text/plain"];
            let bodies = [format!("{{\"{}\": \"{}\"}}", mark(), mark()), format!("{}={}", mark(), mark()), mark()];
            for (kind, body) in kinds.into_iter().zip(bodies) {
                let request = match route.method {
                    Method::Get => http.get(&url),
                    Method::Post => http.post(&url).header("content-type", kind).body(body),
                    Method::Put => http.put(&url).header("content-type", kind).body(body),
                    Method::Delete => http.delete(&url).header("content-type", kind).body(body),
                };
                let request = request.header("cookie", format!("session={}", mark()));
                let request = request.header("x-request-id", mark()).header("traceparent", mark());
                let copy = request.try_clone().unwrap().header("x-api-key", mark());
                copy.send().await.unwrap();
                request.bearer_auth(format!("cs_svt_{}", mark())).send().await.unwrap();
            }
        }
        for path in ["nothing/here", "healthz"] {
            let method = reqwest::Method::from_bytes(mark().to_uppercase().as_bytes()).unwrap();
            let url = format!("{}/{path}/{}?{}", served.url, mark(), mark());
            http.request(method, url).basic_auth(mark(), Some(mark())).send().await.unwrap();
        }
        for path in ["/api/v1/ws", "/ws/workflow", "/api/v1/events"] {
            for query in ["token", "access_token", "ticket"] {
                let request = http.get(format!("{}{path}?{query}={}", served.url, mark()));
                let request = request.header("connection", "Upgrade").header("upgrade", "websocket");
                let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", mark());
                let copy = request.try_clone().unwrap();
                let offer = format!("countersign, bearer.{}, {}", mark(), mark());
                copy.header("sec-websocket-protocol", offer).header("origin", mark()).send().await.unwrap();
                request.send().await.unwrap();
            }
            let request = http.get(format!("{}{path}", served.url)).header("connection", "Upgrade");
            let request = request.header("upgrade", "websocket").header("sec-websocket-version", "13");
            let request = request.header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
            let offer = format!("orcheo-auth, bearer.{}", mark());
            request.header("sec-websocket-protocol", offer).header("last-event-id", mark()).send().await.unwrap();
        }
        let ended = served.end().await;
        ended.done();
        assert!(ended.err.contains("answered"), "the requests are in the log");
        let leaks: Vec<_> = ended.err.lines().filter(|line| line.to_lowercase().contains(CANARY)).collect();
        assert!(leaks.is_empty(), "{leaks:#?}");
    }
}
