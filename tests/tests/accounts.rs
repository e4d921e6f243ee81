//! Service accounts over HTTP: made with a key, used from where they may be, changed, ended; and people's passwords.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use countersign_tests::plane::{Approver, Plane};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::Settings;

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

async fn log_in(plane: &Plane, email: &str, password: &str) -> Response {
    let login = Client::new().post(plane.address().at("/api/v1/auth/login"));
    login.json(&json!({ "email": email, "password": password })).send().await.unwrap()
}

#[tokio::test]
async fn s_31_a_login_without_a_browser_approves_nothing_and_never_stands_for_a_fresh_one() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let (status, session) = told(log_in(&plane, EMAIL, PASSWORD).await).await;
    assert_eq!((status, &session["token_type"]), (200, &json!("Bearer")), "{session}");
    assert!(session.get("refresh_token").is_none());
    let program = Caller::new(&plane, session["access_token"].as_str().unwrap());
    assert_eq!(program.get("/api/v1/auth/test").await.1["identity_type"], "user");
    let (status, key) = program.post("/api/v1/auth/api-keys", json!({ "name": "My Integration Key" })).await;
    assert_eq!(status, 201, "{key}");

    let action = json!({
        "action": {
            "env": "prod",
            "action": "pipelines:execute",
            "resources": ["pipeline:billing/nightly"],
            "context": { "execution_context": "cli" },
            "command": { "argv": ["./deploy.sh"], "working_directory": "/srv" },
        },
        "statement": {},
    });
    let runner = Caller::new(&plane, plane.sample_token());
    let (status, ticket) = runner.post("/api/v1/approvals", action).await;
    assert_eq!(status, 201, "{ticket}");
    let review = format!("/api/v1/approvals/{}/reviews", ticket["id"].as_str().unwrap());
    let roster = serde_json::to_value(founder.api().roster().await.unwrap().versions.remove(0)).unwrap();
    for (path, body) in [
        (review.as_str(), json!({ "jws": "e30.e30.e30" })),
        ("/api/v1/roster", roster),
        ("/api/v1/users/me/password", json!({ "current": PASSWORD, "new": "another horse, another staple" })),
    ] {
        let (status, problem) = program.post(path, body).await;
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("auth.insufficient_user_authentication")),
            "{path}: {problem}"
        );
    }

    let (status, problem) = told(log_in(&plane, EMAIL, "wrong").await).await;
    assert_eq!((status, &problem["code"]), (401, &json!("auth.invalid_credentials")));
    let (_, trail) = Caller::founder(&plane).await.get("/api/v1/audit/authentication").await;
    let kinds: Vec<_> = trail["items"].as_array().unwrap().iter().map(|entry| entry["leaf"].to_string()).collect();
    assert!(kinds.len() > 3 && kinds.iter().all(|leaf| leaf.contains(r#"kind\":\"authentication."#)), "{kinds:?}");
    assert!(!kinds.concat().contains("wrong"));
}

#[tokio::test]
async fn where_logins_without_a_browser_are_switched_off_there_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    settings.auth.password_login = false;
    let plane = Plane::start_with(settings).await;
    assert_eq!(log_in(&plane, EMAIL, PASSWORD).await.status(), StatusCode::NOT_FOUND);
}

async fn sign_in_page(plane: &Plane, password: &str) -> Response {
    let form = [
        ("response_type", "code"),
        ("client_id", contract::oauth::CONSOLE_CLIENT_ID),
        ("redirect_uri", "http://127.0.0.1:49152/callback"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
        ("state", "0123456789abcdef"),
        ("email", EMAIL),
        ("password", password),
    ];
    let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    http.post(plane.address().at("/api/v1/oauth/authorize")).form(&form).send().await.unwrap()
}

fn limited(folder: &std::path::Path) -> Settings {
    let mut settings = Plane::settings(folder);
    settings.auth.identity_limit.failures = 3;
    settings
}

#[tokio::test]
async fn j_20_a_lock_by_one_way_of_signing_in_holds_for_the_other() {
    for by_page in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let plane = Plane::start_with(limited(folder.path())).await;
        for _ in 0..3 {
            let refused =
                if by_page { sign_in_page(&plane, "x").await } else { log_in(&plane, "ADA@example.com ", "x").await };
            assert_eq!(refused.status(), 401);
        }
        let login = log_in(&plane, EMAIL, PASSWORD).await;
        assert!(login.headers().contains_key("retry-after"));
        let (status, problem) = told(login).await;
        assert_eq!((status, &problem["code"]), (429, &json!("auth.rate_limited.identity")));
        let page = sign_in_page(&plane, PASSWORD).await;
        assert_eq!(page.status(), 429);
        assert!(page.headers().contains_key("retry-after"));
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
        let page = page.text().await.unwrap();
        assert!(page.contains("Too many sign-ins have failed. Try again in") && page.contains("<form"), "{page}");
    }
}

#[tokio::test]
async fn another_password_ends_the_other_sessions_and_is_the_only_one_that_fits() {
    let plane = Plane::start().await;
    let (here, there) = (Caller::founder(&plane).await, Caller::founder(&plane).await);
    let new = "another horse, another staple";
    let change = |current: &str, new: &str| json!({ "current": current, "new": new });
    for (wrong, field) in [(change("wrong", new), "current"), (change(PASSWORD, "short"), "new")] {
        let (status, problem) = here.post("/api/v1/users/me/password", wrong).await;
        assert_eq!((status, &problem["error"]["details"]["field"]), (422, &json!(field)));
    }
    assert_eq!(here.post("/api/v1/users/me/password", change(PASSWORD, new)).await.0, 204);
    assert_eq!(here.get("/api/v1/auth/validate").await.0, 200);
    assert_eq!(there.get("/api/v1/auth/validate").await.0, 401);
    assert_eq!(log_in(&plane, EMAIL, PASSWORD).await.status(), 401);
    assert_eq!(log_in(&plane, EMAIL, new).await.status(), 200);
    let (_, trail) = here.get("/api/v1/audit/events?kind=user.password_changed").await;
    assert_eq!(trail["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn c_11_whoever_is_disabled_has_no_session_and_somebody_who_can_change_accounts_stays() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let ada = Caller::founder(&plane).await;
    let own = ada.get("/api/v1/oauth/userinfo").await.1["principal"].as_str().unwrap().replace("user:", "");
    let (status, _) = ada.post(&format!("/api/v1/users/{own}/disable"), json!({})).await;
    assert_eq!(status, 409, "nobody disables themselves");
    let clerk = ada.account("clerk", &["accounts:write"]).await;
    let (status, problem) = clerk.post(&format!("/api/v1/users/{own}/disable"), json!({})).await;
    assert!(status == 409 && problem["detail"].as_str().unwrap().contains("the last"), "{problem}");

    let bob = founder.invite("bob@example.com", "Bob").await;
    let id = bob.api().who_am_i().await.unwrap().principal.user().unwrap();
    let (status, user) = clerk.post(&format!("/api/v1/users/{id}/disable"), json!({ "reason": "left" })).await;
    assert_eq!((status, &user["active"], &user["on_roster"]), (200, &json!(false), &json!(true)), "{user}");
    // His client refreshes when its token is refused, so this is refused twice over.
    assert!(matches!(bob.api().who_am_i().await, Err(client::ClientError::SignedOut(_))));
    assert_eq!(clerk.post(&format!("/api/v1/users/{id}/enable"), json!({})).await.0, 403, "a program enables nobody");
    assert_eq!(ada.post(&format!("/api/v1/users/{id}/enable"), json!({})).await.0, 200);
    assert!(bob.api().who_am_i().await.is_err(), "old sessions stay dead");
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
    assert_eq!(bound.put("/api/v1/pipelines/shop", json!({ "workspace": "shop" })).await.0, 201);
    assert_eq!(ada.get("/api/v1/pipelines").await.1["items"].as_array().unwrap().len(), 2);
    let (_, trail) = ada.get("/api/v1/audit/events?kind=pipeline.changed").await;
    assert_eq!(trail["items"].as_array().unwrap().len(), 2);
}
