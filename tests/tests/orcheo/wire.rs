//! What the CLI's transcripts cannot show: statuses, headers, the order of fields, and requests that it never sends.

use countersign_tests::plane::Plane;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::{operator, terminal};

const FIELDS: [&str; 12] = [
    "identifier",
    "secret",
    "scopes",
    "workspace_ids",
    "issued_at",
    "expires_at",
    "last_used_at",
    "use_count",
    "revoked_at",
    "revocation_reason",
    "rotated_to",
    "message",
];

/// Somebody with a token and a plain HTTP client.
pub(crate) struct Caller {
    http: Client,
    base: String,
    secret: String,
}

impl Caller {
    pub(crate) fn of(plane: &Plane, secret: &str) -> Self {
        Self::at(&plane.running.issuer, secret)
    }

    pub(crate) fn at(address: &str, secret: &str) -> Self {
        Self { http: Client::new(), base: format!("{address}/api/admin/service-tokens"), secret: secret.into() }
    }

    /// A request. An empty secret sends none.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        if self.secret.is_empty() { request } else { request.bearer_auth(&self.secret) }
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self.request(method, path).json(body).send().await.unwrap();
        let status = response.status();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.send(Method::POST, path, body).await
    }
}

#[tokio::test]
async fn every_token_has_orcheos_fields_in_their_order_and_its_times_microseconds() {
    let (plane, mut cli) = terminal().await;
    let own = operator(&mut cli).await.secret;
    let caller = Caller::of(&plane, &own);
    let wish = json!({ "identifier": "a", "scopes": ["workflows:read", "vault:read"], "of_another_version": 1 });
    let refused = caller.post("", &wish).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY, "nobody gives what they do not hold");
    let wish = json!({ "identifier": "a", "scopes": ["workflows:write", "workflows:read"], "of_another_version": 1 });
    let made = caller.request(Method::POST, "").json(&wish).send().await.unwrap();
    assert_eq!(made.status(), StatusCode::CREATED);
    let rotate = caller.request(Method::POST, "/a/rotate").json(&json!({})).send().await.unwrap();
    assert_eq!(rotate.status(), StatusCode::OK);
    let shown = caller.request(Method::GET, "/a").send().await.unwrap();
    assert_eq!(shown.status(), StatusCode::OK);
    for (response, secret) in [(made, true), (rotate, true), (shown, false)] {
        let text = response.text().await.unwrap();
        let token: Value = text.parse().unwrap();
        assert_eq!(token.as_object().unwrap().len(), FIELDS.len());
        let places: Vec<_> = FIELDS.iter().map(|field| text.find(&format!("\"{field}\":")).unwrap()).collect();
        assert!(places.is_sorted(), "{text}");
        assert_eq!(token["secret"].is_string(), secret);
        assert_eq!(token["scopes"], json!(["workflows:read", "workflows:write"]));
        let issued = token["issued_at"].as_str().unwrap();
        assert_eq!((issued.len(), issued.ends_with("000Z")), ("2026-11-22T05:00:00.000000Z".len(), true), "{issued}");
    }
    let (_, old) = caller.get("/a").await;
    assert_eq!((&old["rotated_to"], &old["message"]), (&json!("a-2"), &Value::Null));
}

#[tokio::test]
async fn the_list_has_what_works_newest_first() {
    let (plane, mut cli) = terminal().await;
    let caller = Caller::of(&plane, &operator(&mut cli).await.secret);
    for name in ["a", "b", "c"] {
        assert_eq!(caller.post("", &json!({ "identifier": name })).await.0, StatusCode::CREATED);
    }
    let (status, token) = caller.post("/a/rotate", &json!({ "overlap_seconds": 0 })).await;
    assert_eq!((status, &token["message"]), (StatusCode::OK, &json!("New token created. Old token 'a' has ended.")));
    let (_, token) = caller.post("/c/rotate", &json!({ "overlap_seconds": 60 })).await;
    assert_eq!(token["message"], "New token created. Old token 'c' valid for 60s.");
    for _again in 0..2 {
        let (status, nothing) = caller.send(Method::DELETE, "/b", &json!({ "reason": "gone" })).await;
        assert_eq!((status, nothing), (StatusCode::NO_CONTENT, Value::Null));
    }
    let (_, list) = caller.get("").await;
    let tokens = list["tokens"].as_array().unwrap();
    assert_eq!(list["total"], tokens.len());
    let names: Vec<_> = tokens.iter().filter_map(|token| token["identifier"].as_str()).collect();
    assert!(names.starts_with(&["c-2", "a-2", "c", "operator"]), "{names:?}");
    assert_eq!(tokens[2]["rotated_to"], "c-2");
    let (_, ended) = caller.get("/b").await;
    assert_eq!(ended["revocation_reason"], "gone");
}

#[tokio::test]
async fn ending_a_token_that_was_replaced_leaves_the_one_that_replaced_it() {
    let (plane, mut cli) = terminal().await;
    let caller = Caller::of(&plane, &operator(&mut cli).await.secret);
    let wish = json!({ "identifier": "ci", "scopes": ["admin:tokens:read"] });
    let old = caller.post("", &wish).await.1["secret"].as_str().unwrap().to_owned();
    let new = caller.post("/ci/rotate", &json!({})).await.1["secret"].as_str().unwrap().to_owned();
    caller.send(Method::DELETE, "/ci", &json!({ "reason": "deployed" })).await;
    let refused = Caller::of(&plane, &old).get("").await;
    assert_eq!((refused.0, &refused.1["detail"]["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.token_revoked")));
    assert_eq!(Caller::of(&plane, &new).get("").await.0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_refused_has_orcheos_form_and_keeps_its_headers() {
    let (plane, mut cli) = terminal().await;
    let own = operator(&mut cli).await.secret;
    let caller = Caller::of(&plane, &own);
    assert_eq!(caller.post("", &json!({ "identifier": "few", "scopes": [] })).await.0, StatusCode::CREATED);
    let few = caller.post("/few/rotate", &json!({})).await.1["secret"].as_str().unwrap().to_owned();
    for (secret, status, code, message) in [
        ("", 401, "auth.missing_token", "Missing bearer token"),
        ("hunter2", 401, "auth.invalid_token", "Invalid bearer token"),
        (&few, 403, "auth.missing_scope", "Missing required scopes: admin:tokens:read"),
    ] {
        let response = Caller::of(&plane, secret).request(Method::GET, "").send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert!(response.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer"));
        assert_eq!(response.headers()["content-type"], "application/json");
        assert!(response.headers().contains_key("x-request-id"));
        let body: Value = response.json().await.unwrap();
        assert_eq!(body, json!({ "detail": { "message": message, "code": code } }));
    }
    let (status, none) = caller.get("/nobody").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let said = json!({ "message": "Service token 'nobody' not found", "code": "token.not_found" });
    assert_eq!(none, json!({ "detail": said }));
    let (status, twice) = caller.post("", &json!({ "identifier": "few" })).await;
    assert_eq!((status, &twice["detail"]["code"]), (StatusCode::CONFLICT, &json!("request.conflict")));
    let wrong = caller.request(Method::PUT, "").send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(wrong.headers()["allow"].to_str().unwrap().contains("POST"));
    assert!(wrong.json::<Value>().await.unwrap()["detail"]["message"].is_string());
}

#[tokio::test]
async fn what_cannot_be_used_is_422_with_its_field() {
    let (plane, mut cli) = terminal().await;
    let caller = Caller::of(&plane, &operator(&mut cli).await.secret);
    for (method, path, body, field) in [
        (Method::POST, "", json!({ "expires_in_seconds": 59 }), Some("expires_in_seconds")),
        (Method::POST, "", json!({ "expires_in_seconds": -1 }), Some("expires_in_seconds")),
        (Method::POST, "", json!({ "workspace_ids": ["a b"] }), Some("workspace_ids")),
        (Method::POST, "", json!({ "scopes": ["workflows:fly"] }), Some("scopes")),
        (Method::POST, "", json!([]), None),
        (Method::POST, "/operator/rotate", json!({ "overlap_seconds": -1 }), Some("overlap_seconds")),
        (Method::DELETE, "/operator", json!({ "reason": " " }), Some("reason")),
        (Method::DELETE, "/operator", json!({}), None),
    ] {
        let (status, answer) = caller.send(method, path, &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let misfit = &answer["detail"][0];
        assert_eq!(misfit["loc"], field.map_or(json!(["body"]), |field| json!(["body", field])), "{answer}");
        assert!(answer["message"].is_string() && misfit["msg"].is_string() && misfit["input"].is_null());
    }
    for (method, path) in [(Method::POST, ""), (Method::POST, "/operator/rotate"), (Method::DELETE, "/operator")] {
        for body in [None, Some("{")] {
            let mut request = caller.request(method.clone(), path);
            if let Some(body) = body {
                request = request.header("content-type", "application/json").body(body);
            }
            assert_eq!(request.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY, "{method} {path}");
        }
    }
    assert_eq!(caller.get("/operator").await.1["revoked_at"], Value::Null);
}
