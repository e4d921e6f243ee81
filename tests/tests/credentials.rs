//! Credentials over HTTP: made, used, replaced, ended; guessed at; and tokens of outside issuers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;

use countersign_tests::deploy;
use countersign_tests::plane::{Approver, Plane};
use domain::Clock as _;
use domain::ambient::SystemClock;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use server::{Bootstrap, Environment, IssuerSettings};

const BOOTSTRAP: &str = "VGhpc0lzQW5FeGFtcGxlU2VjcmV0VG9rZW5TdHJpbmc";
const TOKENS: &str = "/api/v1/auth/service-tokens";

struct Admin<'a> {
    plane: &'a Plane,
    token: &'a str,
}

impl Admin<'_> {
    async fn post(&self, path: &str, body: Value) -> Response {
        Client::new().post(self.plane.address().at(path)).bearer_auth(self.token).json(&body).send().await.unwrap()
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status(), StatusCode::CREATED, "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    async fn refused(&self, path: &str, body: Value) -> (u16, Value) {
        let answer = self.post(path, body).await;
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

async fn bootstrapped(folder: &std::path::Path) -> Plane {
    let mut settings = Plane::settings(folder);
    settings.auth.bootstrap = Some(Bootstrap::parse(BOOTSTRAP, None, None).unwrap());
    Plane::start_with(settings).await
}

async fn who(plane: &Plane, token: &str) -> (StatusCode, Value) {
    let answer =
        Client::new().get(plane.address().at("/api/v1/oauth/userinfo")).bearer_auth(token).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_token_is_made_with_the_bootstrap_token_rotated_and_ended_with_its_family() {
    let folder = tempfile::tempdir().unwrap();
    let plane = bootstrapped(folder.path()).await;
    let admin = Admin { plane: &plane, token: BOOTSTRAP };
    let wish = json!({ "identifier": "my-ci-token", "scopes": ["workflows:read", "workflows:execute"] });
    let first = admin.made(TOKENS, wish).await;
    let first_secret = first["secret"].as_str().unwrap();
    let (status, me) = who(&plane, first_secret).await;
    assert_eq!((status, &me["principal"]), (StatusCode::OK, &json!("service_account:my-ci-token")));
    assert_eq!(me["scopes"], json!(["workflows:execute", "workflows:read"]));

    let second = admin.made(&format!("{TOKENS}/my-ci-token/rotate"), json!({ "overlap_seconds": 300 })).await;
    assert_eq!(second["credential"]["identifier"], "my-ci-token-2");
    assert_eq!(second["expires_at"], first["expires_at"], "the lifetime is not renewed by rotating");
    for secret in [first_secret, second["secret"].as_str().unwrap()] {
        assert_eq!(who(&plane, secret).await.0, StatusCode::OK);
    }
    let (status, problem) = admin.refused(&format!("{TOKENS}/my-ci-token/rotate"), json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("token.not_rotatable")));

    let third = admin.made(&format!("{TOKENS}/my-ci-token-2/rotate"), json!({ "overlap_seconds": 0 })).await;
    for secret in [first_secret, second["secret"].as_str().unwrap()] {
        let (status, problem) = who(&plane, secret).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.token_expired")));
    }
    let ended =
        admin.post(&format!("{TOKENS}/my-ci-token/revoke"), json!({ "reason": "leaked", "family": true })).await;
    assert_eq!(ended.json::<Value>().await.unwrap()["revoked"].as_array().unwrap().len(), 3);
    let (status, problem) = who(&plane, third["secret"].as_str().unwrap()).await;
    assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.token_revoked")));
    assert_eq!(admin.refused(&format!("{TOKENS}/my-ci-token-3/rotate"), json!({})).await.0, 409);

    let founder = Approver::founder(&plane).await;
    let rotations = founder.api().trail(&[("kind", "credential.rotated")]).await.unwrap();
    assert_eq!(rotations.items.len(), 2);
    let enabled = founder.api().trail(&[("kind", "authentication.bootstrap_enabled")]).await.unwrap();
    assert_eq!(enabled.items.len(), 1);
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold_not_even_by_rotating() {
    let folder = tempfile::tempdir().unwrap();
    let plane = bootstrapped(folder.path()).await;
    let root = Admin { plane: &plane, token: BOOTSTRAP };
    let rich = json!({ "identifier": "rich", "scopes": ["vault:write"] });
    root.made(TOKENS, rich).await;
    let narrow = json!({ "identifier": "narrow", "scopes": ["admin:tokens:write", "workflows:read"] });
    let narrow = root.made(TOKENS, narrow).await;
    let narrow = Admin { plane: &plane, token: narrow["secret"].as_str().unwrap() };
    for (path, body) in [
        (TOKENS.to_owned(), json!({ "scopes": ["vault:write"] })),
        (format!("{TOKENS}/rich/rotate"), json!({})),
        (format!("{TOKENS}/narrow/rotate"), json!({ "scopes": ["vault:write"] })),
    ] {
        let (status, problem) = narrow.refused(&path, body).await;
        assert_eq!(status, 422, "{path}");
        assert!(problem["detail"].as_str().unwrap().contains("you do not hold `vault:write`"), "{problem}");
    }
    let same = narrow.made(&format!("{TOKENS}/narrow/rotate"), json!({ "scopes": ["workflow.read"] })).await;
    assert_eq!(same["credential"]["scopes"], json!(["workflow.read"]), "an alias is no more than the scope");
}

#[tokio::test]
async fn l_05_of_many_guesses_at_once_no_more_are_looked_at_than_the_limit_and_l_09_a_restart_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let limited = || {
        let mut settings = Plane::settings(folder.path());
        settings.auth.address_limit.failures = 5;
        settings
    };
    let plane = Plane::start_with(limited()).await;
    let http = Client::new();
    let guess = |url: reqwest::Url, n: usize| http.get(url).bearer_auth(format!("cs_svt_{n:048}")).send();
    let url = plane.address().at("/api/v1/policies");
    let answers = futures_util::future::join_all((0..200).map(|n| guess(url.clone(), n))).await;
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    for answer in answers {
        let answer = answer.unwrap();
        if answer.status() == StatusCode::TOO_MANY_REQUESTS {
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            let wait: u32 = header("retry-after").parse().unwrap();
            assert!((1..=60).contains(&wait), "{wait}");
            assert_eq!(header("ratelimit-policy"), "\"authentication-by-address\";q=5;w=60");
            assert_eq!(header("ratelimit"), format!("\"authentication-by-address\";r=0;t={wait}"));
        }
        *statuses.entry(answer.status().as_u16()).or_default() += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(401, 5), (429, 195)]));
    let token = plane.sample_token().to_owned();
    let running = plane.running;
    running.stop().await;

    let again = server::start(limited()).await.unwrap();
    let url = format!("{}/api/v1/policies", again.issuer);
    let answer = http.get(&url).bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS, "a restart gives no new budget");
    again.stop().await;
}

#[tokio::test]
async fn one_credential_decides_and_none_stands_in_an_address() {
    let plane = Plane::start().await;
    let http = Client::new();
    let url = plane.address().at("/api/v1/oauth/userinfo").to_string();
    let good = plane.sample_token();
    for request in [
        http.get(&url).bearer_auth(good).header("x-api-key", good),
        http.get(&url).bearer_auth(good).header("authorization", format!("Bearer {good}")),
        http.get(format!("{url}?access_token={good}")).bearer_auth(good),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(answer.headers()["www-authenticate"], "Bearer error=\"invalid_request\"");
    }
    for request in [
        http.get(&url).header("authorization", format!("ServiceAccount {good}")),
        http.get(&url).header("authorization", format!("bearer {good}")),
        http.get(&url).header("x-api-key", good),
    ] {
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
    for scheme in ["Basic dTpw", "Bearer", "Bearer a b", "Token x"] {
        let answer = http.get(&url).header("authorization", scheme).send().await.unwrap();
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["code"], "auth.invalid_scheme", "{scheme}");
    }
}

const SECRET: &str = "a-shared-secret-of-forty-characters-xxxx";

fn token(change: impl FnOnce(&mut Value)) -> String {
    let now = SystemClock.now().seconds();
    let mut claims = json!({
        "iss": "https://idp.example/", "aud": "countersign", "sub": "auth0|ann", "iat": now, "exp": now + 300,
        "scope": "openid decisions:request workflows:execute", "workspaces": ["ws-a"],
        "email": "ada@example.com", "email_verified": true,
    });
    change(&mut claims);
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap()
}

#[tokio::test]
async fn a_token_of_a_trusted_issuer_is_its_subject_and_never_a_reviewer() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    let issuer = json!({
        "name": "idp", "issuer": "https://idp.example/", "audiences": ["countersign"], "profile": "orcheo",
        "secret_env": "IDP_SECRET",
    });
    settings.jwt.issuers = vec![serde_json::from_value::<IssuerSettings>(issuer).unwrap()];
    settings.environment = Environment::of([("IDP_SECRET".to_owned(), SECRET.to_owned())]);
    let plane = Plane::start_with(settings).await;
    let founder = Approver::founder(&plane).await;

    let good = token(|_| {});
    let (status, me) = who(&plane, &good).await;
    assert_eq!((status, &me["principal"]), (StatusCode::OK, &json!("service_account:idp/auth0|ann")));
    assert_eq!(
        me["scopes"],
        json!(["decisions:request", "workflows:execute"]),
        "what means nothing here is not listed"
    );

    let http = Client::new();
    let action = json!({ "action": "pipelines:execute", "env": "dev", "resources": ["pipeline:ws-a/nightly"] });
    let ask = http.post(plane.address().at("/api/v1/authz/decisions")).bearer_auth(&good).json(&action);
    let answer = ask.send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    let decided = founder.api().trail(&[("kind", "decision.made")]).await.unwrap();
    assert_eq!(decided.items[0].entry().unwrap().principal.unwrap().to_string(), "service_account:idp/auth0|ann");

    let cases: [(&str, String); 4] = [
        ("auth.token_expired", token(|claims| claims["exp"] = json!(SystemClock.now().seconds() - 61))),
        ("auth.invalid_audience", token(|claims| claims["aud"] = json!("another"))),
        ("auth.invalid_issuer", token(|claims| claims["iss"] = json!("https://evil.example/"))),
        ("auth.invalid_token", format!("{}x", token(|_| {}))),
    ];
    for (code, bad) in cases {
        let (status, problem) = who(&plane, &bad).await;
        assert_eq!((status, &problem["code"]), (StatusCode::UNAUTHORIZED, &json!(code)));
    }
    // Ann may sit here under another name, and nobody could tell that she approves what she asked for.
    let opening = json!({ "action": deploy::action(), "statement": {} });
    let open = async |token: String| {
        let ask = http.post(plane.address().at("/api/v1/approvals")).header("idempotency-key", "once").json(&opening);
        let answer = ask.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
    };
    let unknown = |kind: &str| {
        token(|claims| {
            (claims["workspaces"], claims["email"], claims["token_use"]) =
                (json!(["billing"]), Value::Null, json!(kind));
        })
    };
    assert_eq!(open(unknown("user")).await, (403, json!("approval.not_eligible")));
    assert_eq!(open(unknown("service")).await, (201, Value::Null));
    let review = http.post(plane.address().at("/api/v1/approvals/tkt_01HZY3V5W2M4Q6S8T0XABCDEFG/reviews"));
    let reviewer = token(|claims| claims["scope"] = json!("approvals:review"));
    let answer = review.bearer_auth(&reviewer).json(&json!({ "review": "x" })).send().await.unwrap();
    assert!(answer.status().is_client_error());
}

#[tokio::test]
async fn who_is_bound_to_a_workspace_or_a_network_reaches_no_credential_beyond_it() {
    let plane = Plane::start().await;
    let founder = plane.founder_token().await;
    let admin = Admin { plane: &plane, token: &founder };
    let scopes = json!(["admin:tokens:read", "admin:tokens:write", "logs:read"]);
    let bound = json!({ "identifier": "bound", "scopes": scopes, "workspaces": ["a"] });
    let near = json!({ "identifier": "near", "scopes": scopes, "networks": ["127.0.0.0/8"] });
    let (bound, near) = (admin.made(TOKENS, bound).await, admin.made(TOKENS, near).await);
    admin.made(TOKENS, json!({ "identifier": "everywhere", "scopes": ["logs:read"] })).await;
    admin.made(TOKENS, json!({ "identifier": "in-a", "scopes": ["logs:read"], "workspaces": ["a"] })).await;

    let bound = Admin { plane: &plane, token: bound["secret"].as_str().unwrap() };
    for what in ["rotate", "revoke"] {
        let (status, problem) = bound.refused(&format!("{TOKENS}/everywhere/{what}"), json!({})).await;
        assert_eq!((status, &problem["code"]), (404, &json!("request.not_found")), "{what}");
    }
    let listed = Client::new().get(plane.address().at(TOKENS)).bearer_auth(bound.token).send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    let mut names: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["identifier"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["bound", "in-a"]);
    bound.made(&format!("{TOKENS}/in-a/rotate"), json!({})).await;

    let near = Admin { plane: &plane, token: near["secret"].as_str().unwrap() };
    for (path, body) in [
        (format!("{TOKENS}/everywhere/rotate"), json!({})),
        (TOKENS.to_owned(), json!({ "scopes": ["logs:read"] })),
        (TOKENS.to_owned(), json!({ "scopes": ["logs:read"], "networks": ["0.0.0.0/0"] })),
    ] {
        let (status, problem) = near.refused(&path, body).await;
        assert_eq!((status, &problem["error"]["details"]["field"]), (422, &json!("networks")), "{path}: {problem}");
    }
    near.made(TOKENS, json!({ "scopes": ["logs:read"], "networks": ["127.0.0.1"] })).await;
}

#[tokio::test]
async fn what_is_refused_inside_a_use_case_is_recorded_and_so_is_what_came_as_it_may_not() {
    let plane = Plane::start().await;
    let founder = plane.founder_token().await;
    let admin = Admin { plane: &plane, token: &founder };
    let scopes = json!(["admin:tokens:write", "logs:read"]);
    let narrow = admin.made(TOKENS, json!({ "identifier": "narrow", "scopes": scopes })).await;
    let none = admin.made(TOKENS, json!({ "identifier": "none", "scopes": ["logs:read"] })).await;
    let narrow = Admin { plane: &plane, token: narrow["secret"].as_str().unwrap() };
    let none = Admin { plane: &plane, token: none["secret"].as_str().unwrap() };
    assert_eq!(narrow.refused(TOKENS, json!({ "scopes": ["policies:write"] })).await.0, 422);
    assert_eq!(none.refused("/api/v1/auth/api-keys", json!({ "name": "x", "account": "narrow" })).await.0, 403);
    let ask = |name| Client::new().get(plane.address().at(TOKENS)).header("authorization", name).send();
    assert_eq!(ask("Basic YTpi").await.unwrap().status(), 401);

    let founder = Approver::founder(&plane).await;
    let refused = founder.api().trail(&[("kind", "authorization.refused")]).await.unwrap();
    let scopes: Vec<_> = refused.items.iter().map(|item| item.entry().unwrap().data["scope"].clone()).collect();
    assert_eq!(scopes, [json!("admin:tokens:write"), json!("policies:write")]);
    let failed = founder.api().trail(&[("kind", "authentication.failed")]).await.unwrap();
    assert_eq!(failed.items.len(), 1);
}

#[tokio::test]
async fn whoever_adds_a_scope_holds_it_and_can_give_it() {
    let plane = Plane::start().await;
    let founder = plane.founder_token().await;
    let admin = Admin { plane: &plane, token: &founder };
    admin.made("/api/v1/scopes", json!({ "name": "shop:refund", "description": "refund an order" })).await;
    let token = admin.made(TOKENS, json!({ "scopes": ["shop:refund"] })).await;
    let (_, me) = who(&plane, token["secret"].as_str().unwrap()).await;
    assert_eq!(me["scopes"], json!(["shop:refund"]));
    let changed = Approver::founder(&plane).await.api().trail(&[("kind", "user.changed")]).await.unwrap();
    assert!(changed.items[0].entry().unwrap().principal.is_some(), "it says by whom");
    let (_, later) = who(&plane, &plane.founder_token().await).await;
    assert!(later["scopes"].as_array().unwrap().contains(&json!("shop:refund")), "the next session has it too");
}
