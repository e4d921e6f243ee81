//! Webhooks over HTTP, with a receiver on a real socket that verifies by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use contract::webhooks::{ChangeWebhook, CreateWebhook};
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::receiver::{Answer, Receiver};
use countersign_tests::until;
use domain::id::WebhookId;
use domain::webhook::{Delivery, DeliveryState};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use server::{Period, Settings};

/// A control plane that may call this computer without TLS, and does not wait before it tries again.
fn settings(folder: &Path) -> Settings {
    let mut settings = Plane::settings(folder);
    settings.outbound.allowed_ranges = vec!["127.0.0.0/8".into()];
    settings.outbound.plain_http = true;
    settings.webhooks.retries = vec![Period::millis(1); 3];
    settings.webhooks.timeout = Period::seconds(1);
    settings.webhooks.rest_after = 100;
    settings
}

async fn plane() -> (Plane, Approver, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let plane = Plane::start_with(settings(folder.path())).await;
    let ada = Approver::founder(&plane).await;
    (plane, ada, folder)
}

async fn hook(ada: &Approver, url: &str, events: &[&str]) -> (WebhookId, String) {
    let events = events.iter().map(ToString::to_string).collect();
    let request = CreateWebhook { url: url.into(), description: "inbox".into(), events };
    let fresh = ada.api().create_webhook(&request).await.unwrap();
    (fresh.id.parse().unwrap(), fresh.secret)
}

/// The newest message of a webhook, once it stands like this.
async fn settled(ada: &Approver, webhook: WebhookId, state: DeliveryState) -> Delivery {
    let wanted = async || {
        let newest = ada.api().deliveries(webhook, &[]).await?.items.into_iter().next();
        Ok(newest.filter(|delivery| delivery.state == state))
    };
    until("the message is settled", wanted).await.unwrap()
}

#[tokio::test]
async fn what_happens_is_told_with_a_signature_that_verifies() {
    let (plane, ada, _folder) = plane().await;
    let receiver = Receiver::start([]).await;
    let (webhook, secret) = hook(&ada, &receiver.url(), &["authentication.*", "alert.*"]).await;
    assert!(secret.starts_with("whsec_"));
    let http = Client::new();
    for _ in 0..10 {
        http.get(plane.address().at("/api/v1/alerts")).bearer_auth("hunter2").send().await.unwrap();
    }
    let all = receiver.after(11).await;
    let raised: Vec<_> = all.iter().filter(|one| one.json()["type"] == "alert.raised").collect();
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0].json()["data"]["rule"], "failed_authentications");
    for one in &all {
        assert!(one.is_signed_with(&secret), "{one}");
        assert!(!one.is_signed_with("whsec_"), "an empty secret verifies nothing");
        assert_eq!((one.path.as_str(), one.header("content-type")), ("/hook", "application/json"));
        assert!(one.header("webhook-id").starts_with("msg_"));
        assert!(one.json()["timestamp"].is_string(), "{one}");
    }
    let failed = all.iter().find(|one| one.json()["type"] == "authentication.failed").unwrap().json();
    assert_eq!(failed["data"]["kind"], "authentication.failed");
    assert!(failed["data"]["index"].is_u64(), "where it is in the ledger: {failed}");
    let mut ids: Vec<_> = all.iter().map(|one| one.header("webhook-id").to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all.len());
    let shown = ada.api().webhook(webhook).await.unwrap();
    assert_eq!((shown.secrets.len(), shown.failures), (1, 0));
}

#[tokio::test]
async fn a_failure_is_tried_again_under_the_same_id() {
    let (_plane, ada, _folder) = plane().await;
    let elsewhere = Receiver::start([]).await;
    let receiver = Receiver::start([Answer::Status(500), Answer::Redirect(elsewhere.url()), Answer::Status(429)]).await;
    let (webhook, secret) = hook(&ada, &receiver.url(), &["alert.*"]).await;
    ada.api().test_webhook(webhook).await.unwrap();
    let all = receiver.after(4).await;
    assert!(all.iter().all(|one| one.header("webhook-id") == all[0].header("webhook-id")));
    assert!(all.iter().all(|one| one.is_signed_with(&secret)));
    let delivery = settled(&ada, webhook, DeliveryState::Delivered).await;
    assert_eq!((delivery.attempts, delivery.last_status), (4, Some(204)));
    assert!(elsewhere.received().is_empty(), "h-05: a redirect is not followed");
    ada.api().resend_delivery(webhook, delivery.id).await.unwrap();
    assert_eq!(receiver.after(5).await[4].header("webhook-id"), delivery.id.to_string());
}

#[tokio::test]
async fn h_12_receivers_that_stall_are_given_up_and_those_that_never_end_hold_nobody_up() {
    let (plane, ada, _folder) = plane().await;
    let stalled = Receiver::start(vec![Answer::Stall; 8]).await;
    let endless = Receiver::start(vec![Answer::Endless; 8]).await;
    let healthy = Receiver::start([]).await;
    let (of_stalled, _) = hook(&ada, &stalled.url(), &["alert.*"]).await;
    let (of_endless, _) = hook(&ada, &endless.url(), &["alert.*"]).await;
    let (of_healthy, _) = hook(&ada, &healthy.url(), &["alert.*"]).await;
    for webhook in [of_stalled, of_endless, of_healthy] {
        ada.api().test_webhook(webhook).await.unwrap();
    }
    healthy.after(1).await;
    stalled.after(1).await;
    assert!(ada.api().inbox(&[]).await.is_ok(), "nobody waits for a receiver");
    // It answered 200, and what it adds to that is not read to its end.
    assert_eq!(settled(&ada, of_endless, DeliveryState::Delivered).await.last_status, Some(200));
    let given_up = settled(&ada, of_stalled, DeliveryState::Failed).await;
    assert_eq!((given_up.last_error.as_deref(), given_up.attempts), (Some("timeout"), 4));
    plane.running.stop().await;
}

#[tokio::test]
async fn an_address_that_is_gone_is_told_nothing_more() {
    let (_plane, ada, _folder) = plane().await;
    let receiver = Receiver::start([Answer::Status(410)]).await;
    let (webhook, _) = hook(&ada, &receiver.url(), &["alert.*"]).await;
    ada.api().test_webhook(webhook).await.unwrap();
    let off = until("it is switched off", async || {
        let shown = ada.api().webhook(webhook).await?;
        Ok((!shown.active).then_some(shown))
    });
    assert!(off.await.unwrap().disabled_reason.unwrap().contains("410"));
    let alerts = ada.api().alerts(&[("rule", "webhook_failing")]).await.unwrap().items;
    assert_eq!((alerts.len(), alerts[0].subject.clone()), (1, webhook.to_string()));
    let refused = ada.api().test_webhook(webhook).await.unwrap_err();
    assert_eq!(refused.code().unwrap().text(), "request.conflict");
}

#[tokio::test]
async fn a_message_under_way_when_the_server_ends_is_sent_again_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let first = Plane::start_with(settings(folder.path())).await;
    let ada = Approver::founder(&first).await;
    let receiver = Receiver::start([Answer::Stall]).await;
    let (webhook, secret) = hook(&ada, &receiver.url(), &["alert.*"]).await;
    ada.api().test_webhook(webhook).await.unwrap();
    let under_way = receiver.after(1).await.remove(0);
    first.running.stop().await;
    let second = server::start(settings(folder.path())).await.unwrap();
    let again = receiver.after(2).await.remove(1);
    assert_eq!(again.header("webhook-id"), under_way.header("webhook-id"));
    assert_eq!(again.body, under_way.body);
    assert!(again.is_signed_with(&secret), "the key that seals it is kept");
    second.stop().await;
}

#[tokio::test]
async fn h_09_after_a_rotation_both_secrets_verify_and_then_the_fresh_one() {
    let (_plane, ada, _folder) = plane().await;
    let receiver = Receiver::start([]).await;
    let (webhook, old) = hook(&ada, &receiver.url(), &["alert.*"]).await;
    let new = ada.api().rotate_webhook_secret(webhook, None).await.unwrap().secret;
    ada.api().test_webhook(webhook).await.unwrap();
    let both = receiver.after(1).await.remove(0);
    assert!(both.is_signed_with(&old) && both.is_signed_with(&new));
    ada.api().rotate_webhook_secret(webhook, Some(0)).await.unwrap();
    ada.api().test_webhook(webhook).await.unwrap();
    let one = receiver.after(2).await.remove(1);
    assert!(!one.is_signed_with(&old) && !one.is_signed_with(&new));
}

#[tokio::test]
async fn h_10_the_secret_is_in_no_answer_no_table_and_no_file() {
    let (plane, ada, folder) = plane().await;
    let receiver = Receiver::start([]).await;
    let (webhook, secret) = hook(&ada, &receiver.url(), &["*"]).await;
    ada.api().test_webhook(webhook).await.unwrap();
    settled(&ada, webhook, DeliveryState::Delivered).await;
    let token = plane.founder_token().await;
    let http = Client::new();
    let mut answers = String::new();
    for path in ["webhooks", &format!("webhooks/{webhook}"), &format!("webhooks/{webhook}/deliveries"), "audit/events"]
    {
        let at = plane.address().at(&format!("/api/v1/{path}"));
        answers += &http.get(at).bearer_auth(&token).send().await.unwrap().text().await.unwrap();
    }
    answers += &receiver.received().iter().map(ToString::to_string).collect::<String>();
    plane.running.stop().await;
    let encoded = secret.strip_prefix("whsec_").unwrap();
    assert!(!answers.contains(encoded));
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let found = bytes.windows(encoded.len()).any(|part| part == encoded.as_bytes());
        assert!(!found, "{} holds it", path.display());
    }
    let mode = std::fs::metadata(folder.path().join("webhooks.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn h_01_h_07_an_address_that_the_server_does_not_go_to_is_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let plane = Plane::start_with(Plane::settings(folder.path())).await;
    let ada = Approver::founder(&plane).await;
    let (webhook, _) = hook(&ada, "https://siem.example.com/x", &["alert.*"]).await;
    for url in [
        "http://siem.example.com/x",
        "https://127.0.0.1/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://①②⑦.0.0.1/x",
        "https://[::ffff:169.254.169.254]/x",
        "https://ada:hunter2@siem.example.com/x",
        "ftp://siem.example.com/x",
        "file:///etc/passwd",
        "",
    ] {
        let request = CreateWebhook { url: url.into(), description: String::new(), events: vec!["alert.*".into()] };
        let refused = ada.api().create_webhook(&request).await.unwrap_err();
        assert_eq!(refused.code().unwrap().text(), "request.unprocessable", "{url}");
        let request =
            ChangeWebhook { url: url.into(), description: String::new(), events: vec!["alert.*".into()], active: true };
        let refused = ada.api().change_webhook(webhook, &request).await.unwrap_err();
        assert_eq!(refused.code().unwrap().text(), "request.unprocessable", "{url}");
    }
    // There is no field that would allow it.
    let token = plane.founder_token().await;
    let body = json!({ "url": "http://127.0.0.1:1/x", "events": ["*"], "allow_private": ["127.0.0.0/8"] });
    let at = plane.address().at("/api/v1/webhooks");
    let answer = Client::new().post(at).bearer_auth(&token).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn h_01_an_address_that_was_allowed_once_is_judged_again_when_it_is_sent_to() {
    let folder = tempfile::tempdir().unwrap();
    let open = Plane::start_with(settings(folder.path())).await;
    let ada = Approver::founder(&open).await;
    let receiver = Receiver::start([]).await;
    let (webhook, _) = hook(&ada, &receiver.url(), &["alert.*"]).await;
    let (email, password) = ("ada@example.com", "correct horse battery staple");
    open.running.stop().await;
    let mut closed = settings(folder.path());
    closed.outbound.allowed_ranges.clear();
    let closed = server::start(closed).await.unwrap();
    let api = countersign_tests::plane::sign_in(&closed.issuer.parse().unwrap(), email, password).await;
    api.test_webhook(webhook).await.unwrap();
    let failed = until("it is given up", async || {
        let newest = api.deliveries(webhook, &[("state", "failed")]).await?.items;
        Ok(newest.into_iter().next())
    });
    assert_eq!(failed.await.unwrap().last_error.as_deref(), Some("address_not_allowed"));
    assert!(receiver.received().is_empty());
    closed.stop().await;
}

#[tokio::test]
async fn what_cannot_be_wanted_is_refused_by_its_field() {
    let (plane, ada, _folder) = plane().await;
    let token = plane.founder_token().await;
    let at = plane.address().at("/api/v1/webhooks");
    for (body, field) in [
        (json!({ "url": "https://a.example/x", "events": [] }), "events"),
        (json!({ "url": "https://a.example/x", "events": ["tickets.*"] }), "events"),
        (json!({ "url": "https://10.0.0.1/x", "events": ["*"] }), "url"),
        (json!({ "url": "https://a.example/x", "events": ["*"], "description": "x".repeat(501) }), "description"),
    ] {
        let answer = Client::new().post(at.clone()).bearer_auth(&token).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["error"]["details"]["field"], field, "{problem}");
    }
    let (webhook, _) = hook(&ada, "https://a.example/x", &["ticket.*"]).await;
    let off = ada.api().disable_webhook(webhook, Some("moved".into())).await.unwrap();
    assert_eq!((off.active, off.disabled_reason.as_deref()), (false, Some("moved")));
}
