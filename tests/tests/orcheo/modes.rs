//! Who may call at all: the bootstrap token, the modes of authentication, the limits on failed attempts.

use std::path::Path;
use std::process::Command;

use countersign_tests::plane::{Approver, Plane};
use countersign_tests::process::{Process, program};
use countersign_tests::wait::until;
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::{AuthMode, Settings};

use crate::wire::Caller;
use crate::{BOOTSTRAP, at, operator, plane_until, terminal};

#[tokio::test]
async fn t_19_the_bootstrap_token_works_until_it_is_removed_and_each_use_is_in_the_ledger() {
    let (plane, mut cli) = terminal().await;
    operator(&mut cli).await;
    cli.run(BOOTSTRAP, &["token", "list"]).await;
    cli.make(BOOTSTRAP, &["token", "create", "--id", "second"]).await;
    let founder = Approver::founder(&plane).await;
    let used = founder.api().trail(&[("kind", "authentication.succeeded")]).await.unwrap().items;
    let used = used.iter().filter(|entry| entry.leaf.contains("\"method\":\"bootstrap\"")).count();
    assert_eq!(used, 3);
    assert_eq!(founder.api().trail(&[("kind", "authentication.bootstrap_enabled")]).await.unwrap().items.len(), 1);
    drop(plane);

    let plane = Plane::start().await;
    let mut without = at(&plane.running.issuer);
    cli.note("where it is not configured (any more), it is nothing");
    without.run(BOOTSTRAP, &["token", "list"]).await;
    cli.append(&without);
    cli.holds_to("bootstrap");
}

#[tokio::test]
async fn t_19_an_expired_bootstrap_token_is_refused_and_that_is_in_the_ledger() {
    let plane = plane_until(Some("2024-05-01T12:00:00Z")).await;
    let mut cli = at(&plane.running.issuer);
    cli.run(BOOTSTRAP, &["token", "create"]).await;
    cli.holds_to("expired");
    let (status, refused) = Caller::of(&plane, BOOTSTRAP).get("").await;
    assert_eq!((status, &refused["detail"]["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.token_expired")));
    let founder = Approver::founder(&plane).await;
    let failed = founder.api().trail(&[("kind", "authentication.failed")]).await.unwrap().items;
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|entry| entry.leaf.contains("bootstrap token has expired")));
}

#[tokio::test]
async fn t_01_no_secret_of_fifty_tokens_is_in_any_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    settings.auth.bootstrap = Some(server::Bootstrap::parse(BOOTSTRAP, None, None).unwrap());
    let plane = Plane::start_with(settings).await;
    let caller = Caller::of(&plane, BOOTSTRAP);
    let mut secrets = vec![BOOTSTRAP.to_owned()];
    for number in 0..50 {
        let (_, made) = caller.post("", &json!({ "identifier": format!("token-{number}") })).await;
        secrets.push(made["secret"].as_str().unwrap().to_owned());
        if number % 10 == 0 {
            let (_, rotated) = caller.post(&format!("/token-{number}/rotate"), &json!({})).await;
            secrets.push(rotated["secret"].as_str().unwrap().to_owned());
        }
    }
    assert_eq!(caller.get("").await.1["total"], 50 + 5 + 1, "and the sample account's token");
    let mut looked_at = 0;
    let mut look = |when: &str| {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let file = file.unwrap().path();
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for secret in &secrets {
                // Without its prefix, which other secrets share.
                let random = &secret[secret.len() - 24..];
                assert!(!text.contains(random), "{} holds a secret {when}", file.display());
            }
            looked_at += text.len();
        }
    };
    look("while it runs");
    plane.running.stop().await;
    look("after it has ended");
    assert!(looked_at > 100_000, "{looked_at} bytes are not the database");
}

#[tokio::test]
async fn too_many_wrong_tokens_are_turned_away_with_the_true_time_to_wait() {
    let limit = |settings: &mut Settings| {
        settings.auth.address_limit.failures = 2;
        settings.auth.address_limit.interval = 3600;
    };
    let plane = Plane::start_told(limit).await;
    let mut cli = at(&plane.running.issuer);
    for guess in ["one", "two", "three"] {
        cli.run(guess, &["token", "list"]).await;
    }
    cli.holds_to("limits");
    let answer = Caller::of(&plane, "four").request(Method::GET, "").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: u32 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait));
    let said =
        json!({ "message": "Too many authentication attempts from IP 127.0.0.1", "code": "auth.rate_limited.ip" });
    assert_eq!(answer.json::<serde_json::Value>().await.unwrap(), json!({ "detail": said }));
}

/// One that nobody has founded: there is nothing to authenticate with.
async fn unfounded(folder: &Path, change: impl FnOnce(&mut Settings)) -> server::Running {
    let mut settings = Plane::settings(folder);
    change(&mut settings);
    server::start(settings).await.unwrap()
}

#[tokio::test]
async fn t_19_in_optional_mode_nobody_makes_the_first_token_unasked_and_a_wrong_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let running = unfounded(folder.path(), |settings| settings.auth.mode = AuthMode::Optional).await;
    let mut cli = at(&running.issuer);
    cli.run("", &["token", "create"]).await;
    cli.run("hunter2", &["token", "create"]).await;
    cli.holds_to("optional");
    let (status, refused) = Caller::at(&running.issuer, "").post("", &json!({})).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused["detail"]["code"], "auth.authentication_required");
    let (status, refused) = Caller::at(&running.issuer, "hunter2").post("", &json!({})).await;
    assert_eq!((status, &refused["detail"]["code"]), (StatusCode::UNAUTHORIZED, &json!("auth.invalid_token")));
}

#[tokio::test]
async fn in_disabled_mode_the_cli_needs_no_token_and_a_wrong_one_is_still_refused() {
    let folder = tempfile::tempdir().unwrap();
    let running = unfounded(folder.path(), |settings| settings.auth.mode = AuthMode::Disabled).await;
    let mut cli = at(&running.issuer);
    cli.make("", &["token", "create", "--id", "dev", "--scope", "workflows:read"]).await;
    cli.run("", &["token", "list"]).await;
    cli.run("hunter2", &["token", "list"]).await;
    cli.holds_to("disabled");
}

fn serve(home: &Path) -> Command {
    let mut command = Command::new(program("countersign").unwrap());
    command.args(["serve", "--listen", "127.0.0.1:0", "--state-dir"]).arg(home.join("state"));
    command.env_clear().env("HOME", home);
    command
}

#[tokio::test]
async fn countersign_serve_takes_orcheos_variables() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(folder.path());
    command.env("ORCHEO_AUTH_MODE", "required").env("ORCHEO_AUTH_BOOTSTRAP_SERVICE_TOKEN", BOOTSTRAP);
    command.env("ORCHEO_AUTH_BOOTSTRAP_TOKEN_SCOPES", "admin:tokens:write,admin:tokens:read,workflows:read");
    let served = Process::spawn(&mut command, &folder.path().join("log")).unwrap();
    let address = until("the control plane listens", async || {
        let log = served.output();
        let address = log.split_whitespace().find_map(|word| word.strip_prefix("issuer="));
        Ok(address.map(|address| address.trim_matches('"').to_owned()))
    });
    let mut cli = at(&address.await.unwrap());
    let scopes = ["--scope", "admin:tokens:read", "--scope", "workflows:read"];
    let token = cli.make(BOOTSTRAP, &[&["token", "create", "--id", "production-token"], &scopes[..]].concat()).await;
    cli.run(&token.secret, &["token", "show", "production-token"]).await;
    cli.run("", &["token", "list"]).await;
    cli.holds_to("served");
    let log = served.output();
    assert!(log.contains("a bootstrap token is configured") && !log.contains(BOOTSTRAP), "{log}");
    assert!(!log.contains(&token.secret), "{log}");
}

#[tokio::test]
async fn t_19_countersign_serve_does_not_serve_everyone_by_one_variable() {
    let folder = tempfile::tempdir().unwrap();
    let output = serve(folder.path()).env("ORCHEO_AUTH_MODE", "disabled").output().unwrap();
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("--insecure-no-auth"), "{said}");
    assert!(!folder.path().join("state").exists());
}
