//! People's passwords, at the page and without a browser.

use countersign_tests::plane::{Approver, Plane};
use reqwest::{Client, Response, StatusCode};
use serde_json::json;
use server::Settings;

use crate::{Caller, EMAIL, PASSWORD, told};

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
async fn l_08_who_guesses_from_elsewhere_locks_nobody_out_until_many_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = limited(folder.path());
    settings.proxy.trusted = vec!["127.0.0.1/32".parse().unwrap()];
    settings.auth.password_login = true;
    let plane = Plane::start_with(settings).await;
    let log_in_from = async |from: String, password: &str| {
        let login = Client::new().post(plane.address().at("/api/v1/auth/login")).header("x-forwarded-for", from);
        login.json(&json!({ "email": EMAIL, "password": password })).send().await.unwrap().status().as_u16()
    };
    for guesses in 0..4 {
        let expected = if guesses < 3 { 401 } else { 429 };
        assert_eq!(log_in_from("192.0.2.1".into(), "x").await, expected);
    }
    assert_eq!(log_in_from("198.51.100.7".into(), PASSWORD).await, 200, "from where nobody guessed");
    // Ten times as many from everywhere together are too many for everyone.
    for guesser in 0..27 {
        assert_eq!(log_in_from(format!("203.0.113.{guesser}"), "x").await, 401, "{guesser}");
    }
    assert_eq!(log_in_from("198.51.100.7".into(), PASSWORD).await, 429);
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
