//! The route table, walked on a real control plane: who may not call a route never reaches its handler, and every
//! refusal is a problem document.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use contract::credentials::CreateServiceToken;
use contract::route::{Access, Method, Route};
use contract::{Endpoint, Problem};
use countersign_tests::plane::{Approver, Plane};
use reqwest::{Client, RequestBuilder, Response, StatusCode};

const ID: &str = "01HZY3V5W2M4Q6S8T0XABCDEFG";

fn call(http: &Client, plane: &Plane, route: &Route) -> RequestBuilder {
    let prefix = if route.path.contains("/tasks/") {
        "tsk"
    } else if route.path.contains("service-tokens") {
        "crd"
    } else if route.path.contains("/users/") {
        "usr"
    } else if route.path.contains("/drafts/") {
        "drf"
    } else {
        "tkt"
    };
    let path = route.path.replace("{id}", &format!("{prefix}_{ID}")).replace("{delivery}", &format!("msg_{ID}"));
    let url = plane.address().at(&path.replace("{name}", "billing-ci").replace("{version}", "1"));
    match route.method {
        Method::Get => http.get(url),
        Method::Post => http.post(url).header("content-type", "application/json").body("{}"),
        Method::Put => http.put(url).header("content-type", "application/json").body("{}"),
        Method::Delete => http.delete(url),
    }
}

async fn problem(response: Response) -> Problem {
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert_eq!(kind, "application/problem+json", "{}", response.url());
    let status = response.status().as_u16();
    let problem: Problem = response.json().await.unwrap();
    assert_eq!(problem.status, status);
    assert!(problem.request_id.is_some());
    problem
}

/// What a refusal says, in the form of its route.
async fn told(response: Response) -> String {
    if !response.url().path().starts_with(contract::orcheo::PREFIX) {
        return problem(response).await.detail;
    }
    assert_eq!(response.headers()["content-type"], "application/json");
    response.json::<contract::orcheo::Refusal>().await.unwrap().detail.message
}

#[tokio::test]
async fn without_a_credential_every_route_that_is_not_public_answers_401() {
    let plane = Plane::start().await;
    let http = Client::new();
    for route in Endpoint::ALL.iter().filter(|route| route.access != Access::Public) {
        for token in [None, Some("hunter2"), Some("cs_svt_0"), Some("")] {
            let mut request = call(&http, &plane, route);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{} with {token:?}", route.path);
            let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
            assert_eq!(challenge == "Bearer", token.is_none_or(str::is_empty), "{challenge}");
            told(response).await;
        }
    }
}

#[tokio::test]
async fn a_credential_without_the_scope_answers_403_and_leaves_an_entry() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let request = CreateServiceToken {
        account: Some("reporting-agent".into()),
        label: "narrow".into(),
        scopes: Some(vec!["logs:read".into()]),
        ..CreateServiceToken::default()
    };
    let token = founder.api().create_service_token(&request).await.unwrap().secret;
    let http = Client::new();
    let mut refused = 0;
    for route in Endpoint::ALL {
        let Access::Scope(scope) = route.access else { continue };
        let response = call(&http, &plane, route).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{}", route.path);
        let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert_eq!(challenge, format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""));
        assert!(told(response).await.contains(scope));
        refused += 1;
    }
    let entries = founder.api().trail(&[("kind", "authorization.refused")]).await.unwrap();
    assert_eq!(entries.items.len(), refused);
}

#[tokio::test]
async fn a_route_that_only_asks_leaves_no_entry() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let (http, token) = (Client::new(), plane.founder_token().await);
    let before = founder.api().trail(&[]).await.unwrap().items.len();
    let asking: Vec<_> = Endpoint::ALL.iter().filter(|route| route.endpoint.only_asks()).collect();
    assert!(asking.len() >= 2 && asking.iter().all(|route| route.method == Method::Post));
    for route in asking {
        let response = call(&http, &plane, route).bearer_auth(&token).send().await.unwrap();
        assert!(response.status() == StatusCode::OK || response.status().is_client_error(), "{}", route.path);
        response.bytes().await.unwrap();
    }
    assert_eq!(founder.api().trail(&[]).await.unwrap().items.len(), before);
}

#[tokio::test]
async fn public_routes_answer_and_tell_nothing_of_whom_they_serve() {
    let plane = Plane::start().await;
    let http = Client::new();
    // The description is the same for everyone, and full of examples.
    let tells = |route: &&Route| route.method == Method::Get && route.endpoint != Endpoint::OpenApi;
    for route in Endpoint::ALL.iter().filter(|route| route.access == Access::Public).filter(tells) {
        let response = call(&http, &plane, route).send().await.unwrap();
        assert!(response.status() != StatusCode::UNAUTHORIZED, "{}", route.path);
        let text = response.text().await.unwrap();
        for secret in ["ada@example.com", "cs_svt_", "forbid", "billing-ci"] {
            assert!(!text.contains(secret), "{} tells `{secret}`: {text}", route.path);
        }
    }
}

#[tokio::test]
async fn what_cannot_be_served_is_refused_with_a_problem() {
    let plane = Plane::start().await;
    let http = Client::new();
    let at = |path: &str| plane.address().at(path);
    let token = plane.sample_token();
    let post = |body: &'static str| {
        http.post(at("/api/v1/approvals")).bearer_auth(token).header("content-type", "application/json").body(body)
    };
    let cases = [
        (http.get(at("/nothing")), 404, "request.not_found"),
        (http.delete(at("/api/v1/approvals")), 405, "request.method_not_allowed"),
        (http.get(at("/healthz")).header("host", "evil.example"), 421, "request.misdirected"),
        (post("{}").header("origin", "https://evil.example"), 403, "request.foreign_origin"),
        (post("{\"action\":1,\"action\":2}"), 400, "request.malformed"),
        (post("{\"quorum\":0}"), 422, "request.unprocessable"),
        (http.post(at("/api/v1/approvals")).bearer_auth(token).body("{}"), 415, "request.media_type"),
        (post(Box::leak("x".repeat(2 << 20).into_boxed_str())), 413, "request.too_large"),
    ];
    for (request, status, code) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{code}");
        assert_eq!(problem(response).await.code.text(), code);
    }
}

#[tokio::test]
async fn a_request_that_states_its_length_twice_is_not_served() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let plane = Plane::start().await;
    let mut socket = tokio::net::TcpStream::connect(plane.running.address).await.unwrap();
    let host = plane.running.address;
    let request = format!(
        "POST /api/v1/oauth/token HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n0\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("request.malformed"), "{answer}");
}
