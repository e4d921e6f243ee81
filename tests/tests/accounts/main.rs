//! Service accounts over HTTP: made with a key, used from where they may be, changed, ended.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod logins;
mod restricted;

use countersign_tests::plane::Plane;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";
const ACCOUNTS: &str = "/api/v1/auth/service-accounts";

/// Whoever holds a token.
struct Caller<'a> {
    plane: &'a Plane,
    token: String,
}

impl<'a> Caller<'a> {
    fn new(plane: &'a Plane, token: impl Into<String>) -> Self {
        Self { plane, token: token.into() }
    }

    async fn founder(plane: &'a Plane) -> Self {
        Self::new(plane, plane.founder_token().await)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, self.plane.address().at(path)).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        told(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        told(self.request(Method::POST, path).json(&body).send().await.unwrap()).await
    }

    async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        told(self.request(Method::PUT, path).json(&body).send().await.unwrap()).await
    }

    /// A service account that may do this, and its key.
    async fn account(&self, name: &str, scopes: &[&str]) -> Caller<'a> {
        let (status, made) = self.post(ACCOUNTS, json!({ "name": name, "scopes": scopes })).await;
        assert_eq!(status, 201, "{made}");
        Caller::new(self.plane, made["secret"].as_str().unwrap())
    }
}

async fn told(answer: Response) -> (u16, Value) {
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

/// The address of one account, or of something below it.
fn at(name: &str) -> String {
    format!("{ACCOUNTS}/{name}")
}

fn whole(scopes: &[&str]) -> Value {
    json!({ "scopes": scopes, "workspaces": [], "networks": [], "trusts": [] })
}

#[tokio::test]
async fn an_account_and_its_key_are_made_as_it_is_documented_and_at_once() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let documented = json!({
        "name": "CI/CD Pipeline",
        "description": "Automated deployment service account",
        "permissions": ["workflow.read", "workflow.execute"],
        "ipWhitelist": ["192.168.1.0/24", "127.0.0.0/8"],
    });
    let (status, made) = ada.post(ACCOUNTS, documented.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(
        (&made["account"]["name"], &made["account"]["title"]),
        (&json!("ci-cd-pipeline"), &json!("CI/CD Pipeline"))
    );
    assert_eq!(made["credential"]["holder"], "service_account:ci-cd-pipeline");
    let key = Caller::new(&plane, made["secret"].as_str().unwrap());
    assert!(key.token.starts_with("cs_key_"));
    let (_, context) = key.get("/api/v1/auth/test").await;
    assert_eq!(context["subject"], "service_account:ci-cd-pipeline");
    assert_eq!((&context["authenticated"], &context["identity_type"]), (&json!(true), &json!("service")));
    assert_eq!(
        (&context["token_id"], &context["scopes"]),
        (&made["id"], &json!(["workflow.execute", "workflow.read"]))
    );
    assert_eq!(key.get("/api/v1/auth/validate").await.1["valid"], true);
    let (_, permissions) = key.get("/api/v1/auth/permissions").await;
    let names: Vec<_> = permissions["permissions"].as_array().unwrap().iter().map(|held| &held["name"]).collect();
    assert_eq!(names, ["pipelines:execute", "pipelines:read"]);

    let (status, taken) = ada.post(ACCOUNTS, documented).await;
    assert_eq!((status, &taken["code"]), (409, &json!("request.conflict")));
    let (status, bare) = ada.post(ACCOUNTS, json!({ "name": "bare", "scopes": [], "issue_key": false })).await;
    assert_eq!((status, &bare["secret"], &bare["credential"]), (201, &json!(""), &Value::Null));
    for (wrong, field) in [
        (json!({ "name": "x", "scopes": ["nothing:read"] }), "scopes"),
        (json!({ "name": "anonymous", "scopes": [] }), "name"),
        (json!({ "name": "x", "scopes": [], "networks": ["10.0.0.1/8"] }), "networks"),
        (json!({ "name": "x", "scopes": [], "expires_at": "2020-01-01T00:00:00Z" }), "expires_at"),
    ] {
        let (status, problem) = ada.post(ACCOUNTS, wrong).await;
        assert_eq!((status, &problem["error"]["details"]["field"]), (422, &json!(field)), "{problem}");
    }
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold_and_narrowing_is_always_allowed() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let clerk = ada.account("clerk", &["accounts:read", "accounts:write", "logs:read"]).await;
    ada.account("rich", &["vault:write", "logs:read"]).await;

    let (status, problem) = clerk.post(ACCOUNTS, json!({ "name": "x", "scopes": ["logs:read"] })).await;
    assert_eq!((status, &problem["error"]["details"]["scope"]), (403, &json!("admin:tokens:write")), "{problem}");
    let made = json!({ "name": "x", "scopes": ["vault:write"], "issue_key": false });
    assert_eq!(clerk.post(ACCOUNTS, made).await.0, 422);
    assert_eq!(clerk.put(&at("clerk"), whole(&["accounts:read", "accounts:write", "vault:write"])).await.0, 422);

    assert_eq!(clerk.put(&at("rich"), whole(&["vault:write"])).await.0, 200, "narrowing");
    assert_eq!(clerk.post(&at("rich/trust"), json!({ "account": "clerk" })).await.0, 422, "trust gives");
    assert_eq!(clerk.post(&at("rich/disable"), json!({ "reason": "unused" })).await.0, 200);
    let (status, problem) = clerk.post(&at("rich/enable"), json!({})).await;
    assert_eq!(status, 422, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("you do not hold `vault:write`"), "{problem}");
    assert_eq!(ada.post(&at("rich/enable"), json!({})).await.0, 200);
    let (_, trail) = ada.get("/api/v1/audit/events?kind=account.changed&about=rich").await;
    assert_eq!(trail["items"].as_array().unwrap().len(), 3, "{trail}");
    assert!(trail.to_string().contains("unused"));
}

#[tokio::test]
async fn a_stale_edit_is_refused_and_trust_is_given_and_taken_back() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    ada.account("ci", &["logs:read"]).await;
    ada.account("cd", &["logs:read"]).await;
    let read = ada.request(Method::GET, &at("ci")).send().await.unwrap();
    let tag = read.headers()["etag"].clone();
    let edit = |tag: &str, body: Value| ada.request(Method::PUT, &at("ci")).header("if-match", tag).json(&body).send();
    let first = edit(tag.to_str().unwrap(), whole(&[])).await.unwrap();
    assert_eq!(first.status(), 200);
    assert!(first.headers()["etag"] != tag);
    for stale in [tag.to_str().unwrap(), "\"9\"", "W/\"2\"", "nonsense"] {
        let (status, problem) = told(edit(stale, whole(&["logs:read"])).await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (412, &json!("request.precondition_failed")), "{stale}");
    }
    assert_eq!(edit("*", whole(&["logs:read"])).await.unwrap().status(), 200);

    assert_eq!(ada.post(&at("ci/trust"), json!({ "account": "cd" })).await.1["trusts"], json!(["cd"]));
    assert_eq!(ada.post(&at("ci/untrust"), json!({ "account": "cd" })).await.1["trusts"], json!([]));
    for nobody in ["ci", "nobody", "Not A Name"] {
        assert_eq!(ada.post(&at("ci/trust"), json!({ "account": nobody })).await.0, 422, "{nobody}");
    }
    for (path, method) in [(at("nobody"), Method::GET), (at("Not%20A%20Name"), Method::GET)] {
        assert_eq!(ada.request(method, &path).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn r_15_what_an_account_may_no_longer_do_ends_with_the_next_request() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", &["accounts:read", "logs:read"]).await;
    assert_eq!(ci.get(ACCOUNTS).await.0, 200);
    assert_eq!(ada.put(&at("ci"), whole(&["logs:read"])).await.0, 200);
    assert_eq!(ci.get(ACCOUNTS).await.0, 403, "narrowed");
    assert_eq!(ada.put(&at("ci"), whole(&["accounts:read"])).await.0, 200);
    assert_eq!(ci.get(ACCOUNTS).await.0, 200);

    assert_eq!(ada.post(&at("ci/disable"), json!({})).await.0, 200);
    let (status, problem) = ci.get(ACCOUNTS).await;
    assert_eq!((status, &problem["code"]), (401, &json!("auth.token_revoked")));
    assert_eq!(ada.post(&at("ci/enable"), json!({})).await.0, 200);
    assert_eq!(ci.get(ACCOUNTS).await.0, 200);
}

#[tokio::test]
async fn one_credential_comes_with_a_request_in_one_of_three_ways_and_never_in_the_address() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let key = ada.account("ci", &["accounts:read"]).await.token;
    let ask = |build: &dyn Fn(RequestBuilder) -> RequestBuilder| {
        build(Client::new().get(plane.address().at("/api/v1/auth/test"))).send()
    };
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("ServiceAccount {key}")),
        ("authorization", format!("serviceaccount  {key}")),
        ("x-api-key", key.clone()),
    ] {
        let (status, context) = told(ask(&|call| call.header(name, &value)).await.unwrap()).await;
        assert_eq!((status, &context["subject"]), (200, &json!("service_account:ci")), "{name}");
    }
    let own = format!("ServiceAccount {}", ada.token);
    assert_eq!(ask(&|call| call.header("authorization", &own)).await.unwrap().status(), 401, "a person is no account");
    let two = ask(&|call| call.bearer_auth(&key).header("x-api-key", &key)).await.unwrap();
    assert_eq!(told(two).await.1["code"], "auth.two_credentials");
    let twice = ask(&|call| call.bearer_auth(&key).header("authorization", format!("ServiceAccount {key}")));
    assert_eq!(twice.await.unwrap().status(), 400);
    for name in ["token", "access_token", "api_key"] {
        let (status, problem) = told(ask(&|call| call.query(&[(name, &key)])).await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (400, &json!("auth.token_in_url")), "{name}");
    }
}

#[tokio::test]
async fn an_allowlist_holds_for_the_address_in_its_one_form() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    settings.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()];
    let plane = Plane::start_with(settings).await;
    let ada = Caller::founder(&plane).await;
    let wish = json!({ "name": "ci", "scopes": ["accounts:read"], "networks": ["10.0.0.0/8", "2001:db8::/32"] });
    let key = ada.post(ACCOUNTS, wish).await.1["secret"].as_str().unwrap().to_owned();
    let from = |address: &'static str| {
        let call = Client::new().get(plane.address().at(ACCOUNTS)).bearer_auth(&key);
        call.header("x-forwarded-for", address).send()
    };
    for inside in ["10.1.2.3", "::ffff:10.1.2.3", "[::ffff:a01:203]", "2001:db8::1"] {
        assert_eq!(from(inside).await.unwrap().status(), 200, "{inside}");
    }
    for outside in ["11.1.2.3", "::ffff:11.1.2.3", "2001:db9::1", "::10.1.2.3", "127.0.0.1"] {
        let (status, problem) = told(from(outside).await.unwrap()).await;
        assert_eq!((status, &problem["code"]), (403, &json!("auth.network_forbidden")), "{outside}");
    }
}

#[tokio::test]
async fn a_pipeline_is_restricted_changed_by_revision_and_seen_only_in_its_workspace() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let path = "/api/v1/pipelines/billing%2Fnightly";
    let wish = json!({ "allowed_accounts": ["billing-ci"], "max_duration_seconds": 3600, "owner": "billing-ci", "workspace": "billing" });
    let (status, made) = ada.put(path, wish.clone()).await;
    assert_eq!((status, &made["name"]), (201, &json!("billing/nightly")), "{made}");
    let again = ada.request(Method::PUT, path).json(&wish).send().await.unwrap();
    assert_eq!((again.status().as_u16(), again.headers()["etag"].to_str().unwrap()), (200, "\"1\""));
    let stale = ada.request(Method::PUT, path).header("if-match", "\"2\"").json(&json!({})).send().await.unwrap();
    assert_eq!(stale.status(), 412);
    for wrong in [
        json!({ "allowed_accounts": ["nobody"] }),
        json!({ "max_duration_seconds": 0 }),
        json!({ "owner": "nobody" }),
        json!({ "workspace": "a b" }),
    ] {
        assert_eq!(ada.put(path, wrong.clone()).await.0, 422, "{wrong}");
    }
    assert_eq!(ada.put("/api/v1/pipelines/..%2Fx", json!({})).await.0, 422);

    let bound = json!({ "name": "bound", "scopes": ["pipelines:read", "pipelines:write"], "workspaces": ["shop"] });
    let bound = ada.post(ACCOUNTS, bound).await.1["secret"].as_str().unwrap().to_owned();
    let bound = Caller::new(&plane, bound);
    assert_eq!(bound.get(path).await.0, 404);
    assert_eq!(bound.get("/api/v1/pipelines").await.1["items"], json!([]));
    assert_eq!(bound.put(path, json!({ "workspace": "shop" })).await.0, 404);
    assert_eq!(bound.put("/api/v1/pipelines/shop%2Fnightly", json!({ "workspace": "shop" })).await.0, 201);
    assert_eq!(ada.get("/api/v1/pipelines").await.1["items"].as_array().unwrap().len(), 2);
    let (_, trail) = ada.get("/api/v1/audit/events?kind=pipeline.changed").await;
    assert_eq!(trail["items"].as_array().unwrap().len(), 2);
}
