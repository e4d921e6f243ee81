//! What a draft, or a narrower grant, would have changed about past decisions.

use countersign_tests::plane::{Approver, Plane};
use domain::outcome::Outcome;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, NO_ARTIFACTS, artifacts_of_prod};

const REPLAY: &str = "/api/v1/policies/replay";

async fn report(desk: &Desk<'_>, body: &Value) -> Value {
    let answer = desk.request(Method::POST, REPLAY).json(body).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"application/x-ndjson".parse().unwrap())
    );
    let text = answer.text().await.unwrap();
    let last: Value = text.lines().last().unwrap().parse().unwrap();
    assert!(last["report"].is_object(), "{last}");
    last["report"].clone()
}

#[tokio::test]
async fn a_draft_is_shown_which_past_decisions_it_would_have_flipped() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let agent = founder.runner_of("reporting-agent").await;
    for _ in 0..3 {
        assert_eq!(artifacts_of_prod(&agent).await, Outcome::Allow);
    }
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let report_of = report(&ada, &json!({ "subject": { "draft": draft["id"] } })).await;
    assert_eq!(report_of["coverage"]["recorded"], 3);
    let flips = report_of["flips"].as_array().unwrap();
    assert_eq!(flips.len(), 1, "{flips:#?}");
    assert_eq!((&flips[0]["flip"], &flips[0]["count"]), (&json!({ "from": "allow", "to": "deny" }), &json!(3)));
    assert_eq!(flips[0]["samples"][0]["after"], json!(["no-artifacts-in-prod"]));
    assert_eq!(report_of["basis"]["draft"], draft["digest"]);

    let grant = json!({ "grant": { "principal": "service_account:reporting-agent", "scopes": ["logs:read"] } });
    let narrower = report(&ada, &grant).await;
    assert_eq!(narrower["flips"][0]["count"], 3, "{narrower:#}");
    let same = report(&ada, &json!({})).await;
    assert_eq!((&same["flips"], &same["same"]), (&json!([]), &json!(3)));
    assert_eq!(report(&ada, &json!({ "until": "2020-01-01T00:00:00Z" })).await["coverage"]["recorded"], 0);
}

#[tokio::test]
async fn what_cannot_be_replayed_is_refused_before_the_first_line() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let range = json!({ "from": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z" });
    assert_eq!(ada.post(REPLAY, &range).await.refused(422, "request.unprocessable")["field"], "until");
    let grant = json!({ "grant": { "principal": "ada", "scopes": [] } });
    assert_eq!(ada.post(REPLAY, &grant).await.refused(422, "request.unprocessable")["field"], "grant.principal");
    let broken = json!({ "subject": { "texts": { "schema": "", "policies": "permit (" } } });
    assert!(!ada.post(REPLAY, &broken).await.refused(422, "request.unprocessable")["problems"].is_null());
    ada.post(REPLAY, &json!({ "subject": { "version": 9 } })).await.refused(404, "request.not_found");
    let account = json!({ "name": "reader", "scopes": ["policies:read"] });
    let made = ada.post("/api/v1/auth/service-accounts", &account).await.with(201);
    let reader = Desk { plane: &plane, token: made["secret"].as_str().unwrap().to_owned() };
    assert_eq!(reader.post(REPLAY, &json!({})).await.refused(403, "auth.missing_scope")["scope"], "audit:read");
}
