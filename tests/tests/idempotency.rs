//! `Idempotency-Key` on every route that makes something: done once, on either engine and whichever replica is asked.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use countersign_tests::plane::{Approver, Engine, Plane};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

struct Asks<'a> {
    plane: &'a Plane,
    token: String,
}

impl Asks<'_> {
    async fn ask(&self, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
        let request = Client::new().post(self.plane.address().at(path)).bearer_auth(&self.token).json(body);
        let answer = request.header("idempotency-key", key).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }
}

/// Asks the first time, again, and with another request.
async fn asked(first: &Asks<'_>, second: &Asks<'_>, path: &str, bodies: [&Value; 2]) -> [(StatusCode, Value); 2] {
    let made = first.ask(path, path, bodies[0]).await;
    assert_eq!(made.0, StatusCode::CREATED, "{path}: {}", made.1);
    let again = second.ask(path, path, bodies[0]).await;
    let (status, problem) = second.ask(path, path, bodies[1]).await;
    assert_eq!((status, &problem["code"]), (422.try_into().unwrap(), &json!("request.idempotency_key_reused")));
    [made, again]
}

async fn what_makes_a_secret_is_done_once_and_the_secret_is_shown_once(engine: Engine) {
    let plane = Plane::on(engine).await;
    let replica = if engine == Engine::Postgres { Some(plane.replica().await) } else { None };
    let token = plane.founder_token().await;
    let first = Asks { plane: &plane, token: token.clone() };
    let second = Asks { plane: replica.as_ref().unwrap_or(&plane), token };
    let account = |name: &str| json!({ "name": name, "scopes": ["logs:read"] });
    let webhook = |event: &str| json!({ "url": "https://siem.example.com/in", "events": [event] });
    let user = |email: &str| json!({ "email": email, "name": "Grace", "scopes": ["approvals:read"] });
    for (path, bodies) in [
        ("/api/v1/auth/service-tokens", [json!({ "identifier": "one" }), json!({ "identifier": "two" })]),
        ("/api/v1/auth/api-keys", [json!({ "name": "one" }), json!({ "name": "two" })]),
        ("/api/v1/users", [user("grace@example.com"), user("joan@example.com")]),
        ("/api/v1/auth/service-accounts", [account("deploy-bot"), account("deploy-cat")]),
        ("/api/v1/auth/service-tokens/one/rotate", [json!({ "overlap_seconds": 60 }), json!({})]),
        ("/api/v1/webhooks", [webhook("alert.*"), webhook("credential.created")]),
    ] {
        let [(_, made), (status, problem)] = asked(&first, &second, path, [&bodies[0], &bodies[1]]).await;
        assert_eq!((status, &problem["code"]), (StatusCode::CONFLICT, &json!("request.already_done")), "{path}");
        let id = if made["account"].is_null() { &made["id"] } else { &made["account"]["name"] };
        assert_eq!(&problem["error"]["details"]["id"], id, "{path}");
        let secret = made["secret"].as_str().unwrap();
        assert!(!problem.to_string().contains(secret));
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains(id.as_str().unwrap()) && detail.contains("cannot be shown again"), "{detail}");
    }
    let founder = Approver::founder(&plane).await;
    assert_eq!(founder.api().users().await.unwrap().len(), 2, "nobody was made twice");
}

async fn what_makes_no_secret_gives_the_same_answer(engine: Engine) {
    let plane = Plane::on(engine).await;
    let replica = if engine == Engine::Postgres { Some(plane.replica().await) } else { None };
    let token = plane.founder_token().await;
    let first = Asks { plane: &plane, token: token.clone() };
    let second = Asks { plane: replica.as_ref().unwrap_or(&plane), token };
    let scope = |name: &str| json!({ "name": name, "description": "refund an order" });
    let bodies = [scope("shop:refund"), scope("shop:cancel")];
    let [made, again] = asked(&first, &second, "/api/v1/scopes", [&bodies[0], &bodies[1]]).await;
    assert_eq!(made, again);

    let draft = |title: &str| json!({ "title": title });
    let bodies = [draft("one approver"), draft("two approvers")];
    let [made, again] = asked(&first, &second, "/api/v1/policies/drafts", [&bodies[0], &bodies[1]]).await;
    assert_eq!(made, again);

    let founder = Approver::founder(&plane).await;
    let agent = founder.runner_of("reporting-agent").await;
    let read = json!({
        "env": "prod", "action": "logs:read", "resources": ["pipeline:billing/nightly"], "context": {}, "command": null,
    });
    let action: domain::binding::Action = serde_json::from_value(read).unwrap();
    let decision = agent.decide(&action).await.unwrap().id;
    let token = founder.token_of("reporting-agent").await;
    let (first, second) = (Asks { token: token.clone(), ..first }, Asks { token, ..second });
    let bodies = [json!({ "decision": decision }), json!({ "decision": agent.decide(&action).await.unwrap().id })];
    let [made, again] = asked(&first, &second, "/api/v1/tasks", [&bodies[0], &bodies[1]]).await;
    assert_eq!(made, again);
}

async fn a_key_that_is_no_key_is_refused(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Asks { plane: &plane, token: plane.founder_token().await };
    let body = json!({ "name": "shop:refund", "description": "refund an order" });
    for bad in ["", "two words", &"x".repeat(201)] {
        let (status, problem) = founder.ask("/api/v1/scopes", bad, &body).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert!(problem["detail"].as_str().unwrap().starts_with("Idempotency-Key: "), "{problem}");
    }
    assert_eq!(founder.ask("/api/v1/scopes", &"x".repeat(200), &body).await.0, StatusCode::CREATED);
}

countersign_tests::on_both_engines! {
    what_makes_a_secret_is_done_once_and_the_secret_is_shown_once,
    what_makes_no_secret_gives_the_same_answer,
    a_key_that_is_no_key_is_refused,
}
