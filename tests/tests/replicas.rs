//! Two control planes on one PostgreSQL behave as one: what one of them takes back, spends or counts, the other knows at
//! the next request.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use client::trust::TrustStore;
use contract::Code;
use contract::approvals::Ticket;
use countersign_tests::deploy::{action, fresh_key, opening};
use countersign_tests::plane::{Approver, Engine, Plane};
use domain::review::Verdict;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use server::{Bootstrap, Settings, StartError};

#[path = "replicas/died.rs"]
mod died;
#[path = "replicas/sessions.rs"]
mod sessions;

const BOOTSTRAP: &str = "VGhpc0lzQW5FeGFtcGxlU2VjcmV0VG9rZW5TdHJpbmc";
const TOKENS: &str = "/api/v1/auth/service-tokens";

/// Two control planes on one database, which take the bootstrap token.
async fn pair() -> (Plane, Plane) {
    let folder = tempfile::tempdir().unwrap().keep();
    let mut settings = Plane::settings(&folder);
    settings.database = store::testing::postgres().url().clone();
    settings.auth.bootstrap = Some(Bootstrap::parse(BOOTSTRAP, None, None).unwrap());
    let one = Plane::start_with(settings).await;
    let two = one.replica().await;
    (one, two)
}

async fn post(plane: &Plane, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Client::new().post(plane.address().at(path)).bearer_auth(BOOTSTRAP).json(body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn who(plane: &Plane, token: &str) -> StatusCode {
    let request = Client::new().get(plane.address().at("/api/v1/oauth/userinfo")).bearer_auth(token);
    request.send().await.unwrap().status()
}

fn secret(made: &Value) -> String {
    made["secret"].as_str().unwrap_or_else(|| panic!("no secret: {made}")).to_owned()
}

async fn approved(runner: &client::Api, founder: &Approver, key: &str) -> Ticket {
    let ticket = runner.open_ticket(&opening(), key).await.unwrap();
    founder.review(&ticket, Verdict::Approve, None).await.unwrap()
}

#[tokio::test]
async fn u_06_a_replica_with_another_ledger_key_does_not_start_and_says_how_to_share_it() {
    let one = Plane::on(Engine::Postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let copied = one.replica_settings(folder.path());
    let refused = async |settings: Settings| match server::start(settings).await {
        Err(error @ StartError::OtherLedger { .. }) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a second log was begun"),
    };
    let empty = tempfile::tempdir().unwrap();
    let without = refused(Settings { state_dir: empty.path().to_owned(), ..copied.clone() }).await;
    for help in ["COUNTERSIGN_LEDGER_KEY_FILE", "`ledger.key` and `ledger.origin`", "countersign.local/"] {
        assert!(without.contains(help), "{without}");
    }
    assert_eq!(std::fs::read_dir(empty.path()).unwrap().count(), 0, "no key was made");

    // The same name with another key, and the same key under another name.
    let key = std::fs::read(folder.path().join("ledger.key")).unwrap();
    let origin = std::fs::read_to_string(folder.path().join("ledger.origin")).unwrap();
    let file = empty.path().join("the.key");
    for (seed, name) in [([7; 32].to_vec(), origin.clone()), (key.clone(), "another.test/log".into())] {
        std::fs::write(&file, seed).unwrap();
        let mut settings = Settings { state_dir: empty.path().to_owned(), ..copied.clone() };
        (settings.ledger.key_file, settings.ledger.origin) = (Some(file.clone()), Some(name));
        refused(settings).await;
    }
    std::fs::write(&file, key).unwrap();
    std::fs::copy(folder.path().join("webhooks.key"), empty.path().join("webhooks.key")).unwrap();
    let mut settings = Settings { state_dir: empty.path().to_owned(), ..copied };
    (settings.ledger.key_file, settings.ledger.origin) = (Some(file), Some(origin));
    let two = server::start(settings).await.unwrap();
    assert_eq!(two.control.ledger_origin(), one.running.control.ledger_origin());
}

#[tokio::test]
async fn u_06_a_replica_with_another_webhook_key_does_not_start_unless_it_is_to_replace_it() {
    let one = Plane::on(Engine::Postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let copied = one.replica_settings(folder.path());
    let key = folder.path().join("webhooks.key");
    for other in [None, Some([7; 32])] {
        std::fs::remove_file(&key).unwrap();
        if let Some(bytes) = other {
            std::fs::write(&key, bytes).unwrap();
        }
        let refused = server::start(copied.clone()).await.err().unwrap();
        assert!(matches!(refused, StartError::OtherWebhookKey), "{refused}");
        assert_eq!(key.exists(), other.is_some(), "no key was made");
        std::fs::write(&key, [7; 32]).unwrap();
    }
    let mut replacing = copied.clone();
    replacing.webhooks.replace_key = true;
    server::start(replacing).await.unwrap().stop().await;
    server::start(copied).await.unwrap().stop().await;
}

#[tokio::test]
async fn r_15_what_one_takes_back_the_other_refuses_at_the_next_request() {
    let (one, two) = pair().await;
    let (status, made) = post(&one, TOKENS, &json!({ "identifier": "ci", "scopes": ["workflows:read"] })).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let first = secret(&made);
    assert_eq!(who(&two, &first).await, StatusCode::OK);
    let (_, made) = post(&two, &format!("{TOKENS}/ci/rotate"), &json!({ "overlap_seconds": 0 })).await;
    let second = secret(&made);
    assert_eq!((who(&one, &first).await, who(&one, &second).await), (StatusCode::UNAUTHORIZED, StatusCode::OK));
    post(&one, &format!("{TOKENS}/ci/revoke"), &json!({ "family": true })).await;
    assert_eq!(who(&two, &second).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn l_09_another_replica_gives_nobody_a_new_budget_of_attempts() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    settings.database = store::testing::postgres().url().clone();
    settings.auth.address_limit.failures = 6;
    let one = Plane::start_with(settings).await;
    let two = one.replica().await;
    let racers: Vec<_> = (0..24)
        .map(|n| {
            let url = if n % 2 == 0 { &one } else { &two }.address().at("/api/v1/oauth/userinfo");
            tokio::spawn(async move {
                Client::new().get(url).bearer_auth(format!("guess-{n}")).send().await.unwrap().status()
            })
        })
        .collect();
    let mut verified = 0;
    for racer in racers {
        match racer.await.unwrap() {
            StatusCode::UNAUTHORIZED => verified += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    assert_eq!(verified, 6);
    assert_eq!(who(&two, one.sample_token()).await, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test(flavor = "multi_thread")]
async fn r_03_of_64_consumers_at_two_replicas_one_spends_each_ticket() {
    let (one, two) = pair().await;
    let founder = Approver::founder(&one).await;
    let runners = [one.runner(), two.runner()];
    let mut spent = 0;
    for round in 0..20 {
        let ticket = approved(&runners[round % 2], &founder, &format!("round-{round}")).await;
        let start = Arc::new(tokio::sync::Barrier::new(64));
        let racers: Vec<_> = (0..64)
            .map(|n| {
                let (runner, start) = (runners[n % 2].clone(), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    runner.consume(ticket.id, &action(), &fresh_key()).await
                })
            })
            .collect();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => spent += 1,
                Err(error) => assert_eq!(error.code(), Some(Code::Consumed), "{error}"),
            }
        }
        assert_eq!(spent, round + 1);
        // P-03: and not later at the other one.
        let again = runners[(round + 1) % 2].consume(ticket.id, &action(), &fresh_key()).await.unwrap_err();
        assert_eq!(again.code(), Some(Code::Consumed));
    }

    // U-06: one log of both, whoever is asked.
    let trust = tempfile::tempdir().unwrap();
    let trust = TrustStore::at(trust.path());
    one.prove(&trust, &founder).await;
    two.prove(&trust, &founder.founder_at(&two).await).await;
    one.prove(&trust, &founder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn t_05_parallel_rotations_and_revocations_leave_two_secrets_at_most_and_then_none() {
    let (one, two) = pair().await;
    let (one, two) = (Arc::new(one), Arc::new(two));
    for round in 0..4 {
        let name = format!("ci-{round}");
        let (_, made) = post(&one, TOKENS, &json!({ "identifier": name, "scopes": ["workflows:read"] })).await;
        let mut secrets = vec![secret(&made)];
        // In odd rounds it is revoked in the middle of it.
        let racers: Vec<_> = (0..64)
            .map(|n| {
                let plane = Arc::clone(if n % 2 == 0 { &one } else { &two });
                let end = if round % 2 == 1 && n == 40 { "revoke" } else { "rotate" };
                let which = if n < 32 { name.clone() } else { format!("{name}-2") };
                tokio::spawn(async move {
                    let body = if end == "revoke" { json!({ "family": true }) } else { json!({}) };
                    let which = if end == "revoke" { which.trim_end_matches("-2").to_owned() } else { which };
                    post(&plane, &format!("{TOKENS}/{which}/{end}"), &body).await
                })
            })
            .collect();
        for racer in racers {
            let (status, body) = racer.await.unwrap();
            match status {
                StatusCode::CREATED => secrets.push(secret(&body)),
                StatusCode::OK | StatusCode::CONFLICT | StatusCode::NOT_FOUND => {}
                status => panic!("{status}: {body}"),
            }
        }
        let mut valid = 0;
        for secret in &secrets {
            let (here, there) = (who(&one, secret).await, who(&two, secret).await);
            assert_eq!(here, there);
            valid += usize::from(here == StatusCode::OK);
        }
        if round % 2 == 1 {
            assert_eq!(valid, 0, "it was revoked with its family");
        } else {
            assert!((1..=2).contains(&valid), "{valid} of {} are valid", secrets.len());
        }
        post(&two, &format!("{TOKENS}/{name}/revoke"), &json!({ "family": true })).await;
        for secret in &secrets {
            assert_eq!(who(&one, secret).await, StatusCode::UNAUTHORIZED);
        }
    }
}
