//! The description of the API, held against what a real control plane answers: to those who may, those who may not,
//! and those who ask for what is not there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use contract::alerts::AlertRules;
use contract::credentials::CreateServiceToken;
use contract::route::{Method, Route};
use contract::webhooks::CreateWebhook;
use contract::{Access, Endpoint};
use countersign_tests::deploy::opening;
use countersign_tests::description::Description;
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::until;
use domain::alert::{Rule, RuleSetting};
use domain::review::Verdict;
use reqwest::{Client, RequestBuilder};
use serde_json::json;

const NOBODY: &str = "01HZY3V5W2M4Q6S8T0XABCDEFG";

/// Calls a route, holds the answer against the description, and gives its status.
async fn ask(description: &Description, route: &Route, request: RequestBuilder) -> u16 {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let endless = headers.get("content-type").is_some_and(|media| media == "text/event-stream");
    let body = if endless { String::new() } else { response.text().await.unwrap() };
    let surprises = description.surprises(route, status, &headers, &body);
    assert!(surprises.is_empty(), "{surprises:#?}\n{body}");
    status
}

/// A query that the route can answer.
fn query(endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::WaitTicket => "?state=pending",
        Endpoint::InclusionProof => "?index=0&size=1",
        Endpoint::ConsistencyProof => "?from=1&to=2",
        _ => "",
    }
}

/// An alert, raised by the first thing that a program may not do.
async fn alert(plane: &Plane, founder: &Approver) -> String {
    let rule = RuleSetting { threshold: 1, ..RuleSetting::default_of(Rule::PermissionViolations) };
    founder.api().set_alert_rules(&AlertRules { rules: vec![rule] }).await.unwrap();
    assert!(plane.runner().alert_rules().await.is_err());
    let raised = async || Ok(founder.api().alerts(&[]).await?.items.into_iter().next());
    until("an alert is raised", raised).await.unwrap().id.to_string()
}

async fn webhook(founder: &Approver) -> String {
    let events = vec!["policy.published".to_owned()];
    let request = CreateWebhook { url: "https://siem.example.com/x".into(), description: String::new(), events };
    founder.api().create_webhook(&request).await.unwrap().id
}

#[tokio::test]
async fn every_read_answers_as_the_description_says() {
    let (description, plane, http) = (Description::made(), Plane::start().await, Client::new());
    let founder = Approver::founder(&plane).await;
    let ticket = plane.runner().open_ticket(&opening(), "key-1").await.unwrap();
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    plane.prove_every_entry(&founder).await;
    let narrow = CreateServiceToken {
        account: Some("reporting-agent".into()),
        label: "narrow".into(),
        scopes: Some(vec!["logs:read".into()]),
        ..CreateServiceToken::default()
    };
    let narrow = founder.api().create_service_token(&narrow).await.unwrap();
    let (token_id, narrow) = (narrow.id, narrow.secret);
    let (person, runner) = (plane.founder_token().await, plane.sample_token().to_owned());

    let key = http.post(plane.address().at("/api/v1/auth/api-keys")).bearer_auth(&person);
    let key = key.json(&json!({ "name": "mine" })).send().await.unwrap().json::<serde_json::Value>().await.unwrap();
    let key_id = key["id"].as_str().unwrap().to_owned();

    let pipeline = http.put(plane.address().at("/api/v1/pipelines/billing-ci")).bearer_auth(&person);
    assert_eq!(pipeline.json(&json!({})).send().await.unwrap().status(), 201);
    let draft = http.post(plane.address().at("/api/v1/policies/drafts")).bearer_auth(&person);
    let draft = draft.json(&json!({})).send().await.unwrap().json::<serde_json::Value>().await.unwrap();
    let draft = draft["id"].as_str().unwrap().to_owned();
    let (alert, webhook) = (alert(&plane, &founder).await, webhook(&founder).await);

    for route in Endpoint::ALL.iter().filter(|route| route.method == Method::Get) {
        let at = |id: &str, name: &str, query: &str| {
            let path = route.path.replace("{id}", id).replace("{name}", name).replace("{version}", "1");
            plane.address().at(&(path + query))
        };
        let id = match route.endpoint {
            Endpoint::GetServiceToken | Endpoint::OrcheoGetToken => token_id.clone(),
            Endpoint::GetApiKey => key_id.clone(),
            Endpoint::GetAlert => alert.clone(),
            Endpoint::GetDraft => draft.clone(),
            Endpoint::GetWebhook | Endpoint::ListDeliveries => webhook.clone(),
            _ => ticket.id.to_string(),
        };
        let known = at(&id, "billing-ci", query(route.endpoint));
        let unknown = at(&format!("tkt_{NOBODY}"), "nobody", "");
        let nonsense = at("%00", "%00", "?nonsense=%FF&nonsense");
        let mut statuses = BTreeSet::new();
        for token in [&person, &runner] {
            statuses.insert(ask(&description, route, http.get(known.clone()).bearer_auth(token)).await);
            for other in [&unknown, &nonsense] {
                let status = ask(&description, route, http.get(other.clone()).bearer_auth(token)).await;
                assert!(status < 500, "{other} answered {status}");
            }
        }
        // The sign-in page takes a whole authorization request, which another test sends.
        // What becomes another protocol is not served to those who do not ask for that.
        let served = statuses.contains(&route.success)
            || route.endpoint == Endpoint::Authorize
            || (route.success == 101 && statuses.contains(&400));
        assert!(served, "{} answered {statuses:?}", route.path);
        for request in [http.get(known.clone()), http.get(known.clone()).bearer_auth("cs_svt_0")] {
            let status = ask(&description, route, request).await;
            assert_eq!(status == 401, route.access != Access::Public, "{}", route.path);
        }
        let status = ask(&description, route, http.get(known.clone()).bearer_auth(&narrow)).await;
        // Whose keys one may see depends on whose they are, not on the route alone.
        let own = matches!(route.endpoint, Endpoint::ListApiKeys | Endpoint::GetApiKey);
        assert_eq!(status == 403, own || matches!(route.access, Access::Scope(_)), "{}", route.path);
        let misdirected = ask(&description, route, http.get(known).header("host", "evil.example")).await;
        assert_eq!(misdirected, 421);
    }
}

#[tokio::test]
async fn every_change_that_is_refused_is_refused_as_the_description_says() {
    let (description, plane, http) = (Description::made(), Plane::start().await, Client::new());
    let person = plane.founder_token().await;
    for route in Endpoint::ALL.iter().filter(|route| route.method != Method::Get) {
        let at = plane.address().at(&route.path.replace("{id}", "nothing").replace("{name}", "nothing"));
        let bare = || match route.method {
            Method::Get => http.get(at.clone()),
            Method::Post => http.post(at.clone()),
            Method::Put => http.put(at.clone()),
            Method::Delete => http.delete(at.clone()),
        };
        let post = || bare().bearer_auth(&person);
        let media = description.operation(route)["requestBody"]["content"].as_object();
        let media = media.and_then(|content| content.keys().next()).map_or("application/json", String::as_str);
        let typed = || post().header("content-type", media);
        let requests = [
            bare(),
            post().body("{}"),
            typed(),
            typed().body("{}"),
            typed().body("[1"),
            typed().body(vec![0xff; 3]),
            typed().body("x".repeat(2 << 20)),
            typed().header("origin", "https://evil.example").body("{}"),
            typed().header("host", "evil.example").body("{}"),
        ];
        for request in requests {
            ask(&description, route, request).await;
        }
    }
}

#[tokio::test]
async fn what_is_no_http_is_answered_bare_as_the_description_says() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let plane = Plane::start().await;
    let long = format!("GET / HTTP/1.1\r\nHost: x\r\nLong: {}\r\n\r\n", "x".repeat(1 << 20));
    for (request, status) in [("no http\r\n\r\n", 400), (long.as_str(), 431)] {
        let mut socket = tokio::net::TcpStream::connect(plane.running.address).await.unwrap();
        // The answer may come, and the connection close, before all is sent.
        let _ = socket.write_all(request.as_bytes()).await;
        let mut answer = vec![0; 512];
        let read = socket.read(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.contains("content-length: 0") && answer.ends_with("\r\n\r\n"), "{answer}");
        let about = Description::made().0["info"]["description"].to_string();
        assert!(about.contains(&status.to_string()));
    }
}

#[tokio::test]
async fn the_served_description_is_the_made_one_and_is_not_sent_twice() {
    let (plane, http) = (Plane::start().await, Client::new());
    let at = plane.address().at("/api/openapi.json");
    let first = http.get(at.clone()).send().await.unwrap();
    let tag = first.headers()["etag"].clone();
    assert_eq!(first.headers()["cache-control"], "no-cache");
    assert!(first.json::<serde_json::Value>().await.unwrap() == Description::made().0);
    let again = http.get(at.clone()).header("if-none-match", tag.clone()).send().await.unwrap();
    assert_eq!((again.status().as_u16(), &again.headers()["etag"]), (304, &tag));
    let stale = http.get(at).header("if-none-match", "\"other\"").send().await.unwrap();
    assert_eq!(stale.status(), 200);
}
