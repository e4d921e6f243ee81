//! Alerts over HTTP: raised from what happens, taken on, settled, and for those who may see them alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use contract::alerts::AlertRules;
use contract::credentials::CreateServiceToken;
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::until;
use domain::alert::{Alert, AlertState, Rule, RuleSetting, Severity};
use reqwest::{Client, StatusCode};
use server::Settings;

async fn plane(change: impl FnOnce(&mut Settings)) -> (Plane, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    change(&mut settings);
    (Plane::start_with(settings).await, folder)
}

async fn fail(plane: &Plane, times: usize, forwarded: Option<&str>) {
    let http = Client::new();
    for _ in 0..times {
        let mut request = http.get(plane.address().at("/api/v1/alerts")).bearer_auth("hunter2");
        if let Some(address) = forwarded {
            request = request.header("x-forwarded-for", address);
        }
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
}

/// The alerts of a rule, once there are some that fit.
async fn raised(ada: &Approver, rule: Rule, fits: impl Fn(&Alert) -> bool) -> Vec<Alert> {
    let wanted = async || {
        let alerts = ada.api().alerts(&[("rule", rule.name())]).await?.items;
        Ok(Some(alerts).filter(|alerts| alerts.iter().any(&fits)))
    };
    until("the alert is raised", wanted).await.unwrap()
}

#[tokio::test]
async fn a_burst_is_one_alert_whose_count_grows_until_somebody_settles_it() {
    let plane = Plane::start().await;
    let ada = Approver::founder(&plane).await;
    fail(&plane, 12, None).await;
    let rule = Rule::FailedAuthentications;
    let alert = raised(&ada, rule, |alert| alert.count == 12).await.remove(0);
    assert_eq!((alert.subject.as_str(), alert.state), ("address:127.0.0.1/32", AlertState::Open));
    assert_eq!(alert.entries.len(), 12);
    let trail = ada.api().trail(&[("about", &alert.id.to_string())]).await.unwrap().items;
    assert_eq!(trail.len(), 1, "it is in the trail");

    let taken = ada.api().acknowledge_alert(alert.id, Some("looking".into())).await.unwrap();
    assert_eq!(taken.acknowledged.unwrap().note, "looking");
    fail(&plane, 3, None).await;
    let alerts = raised(&ada, rule, |alert| alert.count == 15).await;
    assert_eq!((alerts.len(), alerts[0].state), (1, AlertState::Acknowledged));
    ada.api().resolve_alert(alert.id, None).await.unwrap();
    let refused = ada.api().acknowledge_alert(alert.id, None).await.unwrap_err();
    assert_eq!(refused.code().unwrap().text(), "request.conflict");
    assert!(ada.api().alerts(&[("state", "open")]).await.unwrap().items.iter().all(|open| open.rule != rule));
    fail(&plane, 10, None).await;
    assert_eq!(raised(&ada, rule, |alert| alert.state == AlertState::Open).await.len(), 2);
}

#[tokio::test]
async fn a_credential_from_a_network_where_it_never_was_is_told_of() {
    let (plane, _folder) = plane(|settings| settings.proxy.trusted = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let ada = Approver::founder(&plane).await;
    // The time of learning is over within a second.
    let learned = RuleSetting { within_seconds: 1, ..RuleSetting::default_of(Rule::NewNetwork) };
    ada.api().set_alert_rules(&AlertRules { rules: vec![learned] }).await.unwrap();
    let http = Client::new();
    let from = |address: &'static str| {
        let call = http.get(plane.address().at("/api/v1/oauth/userinfo")).bearer_auth(plane.sample_token());
        call.header("x-forwarded-for", address).send()
    };
    assert_eq!(from("192.0.2.7").await.unwrap().status(), StatusCode::OK);
    let of_ours = |alert: &Alert| alert.sentence.contains("198.51.100.0/24");
    let news = async || {
        from("192.0.2.250").await?;
        from("198.51.100.7").await?;
        let alerts = ada.api().alerts(&[("rule", "new_network")]).await?.items;
        Ok(alerts.into_iter().find(of_ours))
    };
    let started = plane.now();
    let over = async || Ok((plane.now().seconds_since(started) > 1).then_some(()));
    until("the time of learning is over", over).await.unwrap();
    let alert = until("the network is news", news).await.unwrap();
    assert!(alert.subject.starts_with("crd_"), "{}", alert.subject);
    assert!(!alert.sentence.contains("192.0.2"), "a neighbour is no news: {}", alert.sentence);
    assert_eq!(alert.severity, Severity::Warning);
}

#[tokio::test]
async fn who_tries_what_it_may_not_is_told_of_and_sees_no_alert() {
    let plane = Plane::start().await;
    let ada = Approver::founder(&plane).await;
    let narrow = CreateServiceToken {
        account: Some("reporting-agent".into()),
        label: "narrow".into(),
        scopes: Some(vec!["logs:read".into()]),
        ..CreateServiceToken::default()
    };
    let token = ada.api().create_service_token(&narrow).await.unwrap().secret;
    let http = Client::new();
    for path in [
        "alerts",
        "alert-rules",
        "webhooks",
        "alerts",
        "alert-rules",
        "webhooks",
        "alerts",
        "tasks",
        "users",
        "policies",
    ] {
        let answer = http.get(plane.address().at(&format!("/api/v1/{path}"))).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
    }
    let alert = raised(&ada, Rule::PermissionViolations, |alert| alert.count == 10).await.remove(0);
    assert_eq!(alert.subject, "service_account:reporting-agent");
}

#[tokio::test]
async fn the_rules_are_shown_with_their_defaults_and_set_one_by_one() {
    let plane = Plane::start().await;
    let ada = Approver::founder(&plane).await;
    let rules = ada.api().alert_rules().await.unwrap().rules;
    assert_eq!(rules, Rule::ALL.map(RuleSetting::default_of));
    let off = RuleSetting { enabled: false, ..rules[0] };
    let set = ada.api().set_alert_rules(&AlertRules { rules: vec![off] }).await.unwrap().rules;
    assert_eq!((set[0], set[1]), (off, rules[1]));
    let bad = RuleSetting { threshold: 0, ..rules[0] };
    let refused = ada.api().set_alert_rules(&AlertRules { rules: vec![bad] }).await.unwrap_err();
    assert_eq!(refused.code().unwrap().text(), "request.unprocessable");
    fail(&plane, 12, None).await;
    let marker = RuleSetting { threshold: 1, ..RuleSetting::default_of(Rule::PermissionViolations) };
    ada.api().set_alert_rules(&AlertRules { rules: vec![marker] }).await.unwrap();
    assert!(plane.runner().alerts(&[]).await.is_err());
    raised(&ada, Rule::PermissionViolations, |_| true).await;
    assert!(ada.api().alerts(&[("rule", "failed_authentications")]).await.unwrap().items.is_empty());
}
