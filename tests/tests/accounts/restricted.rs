//! What restricts a pipeline decides over HTTP: who may run it, whom its owner trusts, how long it may take.

use countersign_tests::plane::Plane;
use domain::event::{Event, Kind};
use policy::PolicySource;
use serde_json::{Value, json};
use store::policies::PolicyVersion;
use store::{Store, StoreError};

use crate::{Caller, at, whole};

const NIGHTLY: &str = "/api/v1/pipelines/billing%2Fnightly";
const RUNS: &[&str] = &["decisions:request", "pipelines:execute"];

fn run(env: &str) -> Value {
    json!({ "env": env, "action": "pipelines:execute", "resources": ["pipeline:billing/nightly"] })
}

/// The outcome, and the first policy that led to it.
async fn decided(who: &Caller<'_>, action: Value) -> (String, String) {
    let (status, answer) = who.post("/api/v1/authz/decisions", action).await;
    assert_eq!(status, 200, "{answer}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["outcome"]), text(&answer["reasons"][0]["policy"]))
}

fn answer(outcome: &str, policy: &str) -> (String, String) {
    (outcome.to_owned(), policy.to_owned())
}

#[tokio::test]
async fn only_listed_accounts_run_a_pipeline_and_those_whom_a_listed_owner_trusts() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (ci, cd) = (ada.account("ci", RUNS).await, ada.account("cd", RUNS).await);
    let (allow, deny) = (answer("allow", "scopes-permit"), answer("deny", "listed-accounts-run"));
    assert_eq!(decided(&cd, run("staging")).await, allow);

    let list = json!({ "allowed_accounts": ["ci"], "owner": "ci" });
    assert_eq!(ada.put(NIGHTLY, list).await.0, 201);
    assert_eq!(decided(&ci, run("staging")).await, allow);
    assert_eq!(decided(&cd, run("staging")).await, deny);
    let opened = json!({ "action": run("staging"), "statement": {} });
    let (status, problem) = cd.post("/api/v1/approvals", opened).await;
    assert_eq!((status, &problem["code"]), (403, &json!("decision.denied")), "{problem}");

    assert_eq!(ada.post(&format!("{}/trust", at("ci")), json!({ "account": "cd" })).await.0, 200);
    assert_eq!(decided(&cd, run("staging")).await, allow);
    assert_eq!(decided(&cd, run("prod")).await, answer("require_approval", "prod-needs-approval"));

    assert_eq!(ada.post(&format!("{}/untrust", at("ci")), json!({ "account": "cd" })).await.0, 200);
    assert_eq!(decided(&cd, run("staging")).await, deny);
}

#[tokio::test]
async fn trust_ends_with_the_account_that_gives_it() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (_, cd) = (ada.account("ci", RUNS).await, ada.account("cd", RUNS).await);
    assert_eq!(ada.put(NIGHTLY, json!({ "allowed_accounts": ["ci"], "owner": "ci" })).await.0, 201);
    assert_eq!(ada.post(&format!("{}/trust", at("ci")), json!({ "account": "cd" })).await.0, 200);
    assert_eq!(decided(&cd, run("dev")).await.0, "allow");
    assert_eq!(ada.post(&format!("{}/disable", at("ci")), json!({ "reason": "it moved" })).await.0, 200);
    assert_eq!(decided(&cd, run("dev")).await, answer("deny", "listed-accounts-run"));
    assert_eq!(ada.post(&format!("{}/enable", at("ci")), json!({ "reason": "it is back" })).await.0, 200);
    assert_eq!(decided(&cd, run("dev")).await.0, "allow");
}

#[tokio::test]
async fn a_task_ends_when_its_pipeline_says_so() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", RUNS).await;
    let begin = async |key: &str| {
        let decision = ci.post("/api/v1/authz/decisions", run("dev")).await.1["id"].clone();
        let begun = ci.request(reqwest::Method::POST, "/api/v1/tasks").header("idempotency-key", key);
        let (status, begun) = crate::told(begun.json(&json!({ "decision": decision })).send().await.unwrap()).await;
        assert_eq!(status, 201, "{begun}");
        begun
    };
    assert_eq!(begin("one").await["deadline"], Value::Null);
    assert_eq!(ada.put(NIGHTLY, json!({ "max_duration_seconds": 600 })).await.0, 201);
    let second = begin("two").await;
    let (_, tasks) = ada.get("/api/v1/tasks").await;
    let task = &tasks["items"][0];
    assert_eq!((&task["id"], &task["deadline"]), (&second["task"], &second["deadline"]), "{tasks}");
    let instant = |value: &Value| value.as_str().unwrap().parse::<domain::Instant>().unwrap();
    assert_eq!(instant(&task["deadline"]), instant(&task["started_at"]).plus(600));
}

#[tokio::test]
async fn nobody_draws_a_pipeline_into_their_workspace() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let scopes = ["pipelines:write", "pipelines:execute", "decisions:request"];
    let bound = json!({ "name": "bound", "scopes": scopes, "workspaces": ["shop"] });
    let bound = Caller::new(&plane, ada.post(super::ACCOUNTS, bound).await.1["secret"].as_str().unwrap());
    assert_eq!(decided(&bound, run("dev")).await, answer("deny", "stay-in-workspaces"));
    for name in ["billing%2Fnightly", "nightly"] {
        let taken = bound.put(&format!("/api/v1/pipelines/{name}"), json!({ "workspace": "shop" })).await;
        assert_eq!(taken.0, 404, "{name}");
    }
    assert_eq!(decided(&bound, run("dev")).await, answer("deny", "stay-in-workspaces"));
    assert_eq!(ada.put(NIGHTLY, json!({ "workspace": "shop" })).await.0, 201);
    assert_eq!(decided(&bound, run("dev")).await, answer("allow", "scopes-permit"));
}

#[tokio::test]
async fn an_account_that_names_networks_is_known_to_come_from_one() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", RUNS).await;
    let known = async |decided: Value| {
        let path = format!("/api/v1/audit/events?about={}", decided["id"].as_str().unwrap());
        let (_, trail) = ada.get(&path).await;
        let leaf: Value = serde_json::from_str(trail["items"][0]["leaf"].as_str().unwrap()).unwrap();
        leaf["data"]["question"]["context"]["known_network"].clone()
    };
    let (_, free) = ci.post("/api/v1/authz/decisions", run("dev")).await;
    assert_eq!(known(free).await, Value::Null);
    let mut narrowed = whole(RUNS);
    narrowed["networks"] = json!(["127.0.0.0/8"]);
    assert_eq!(ada.put(&at("ci"), narrowed).await.0, 200);
    let (_, bound) = ci.post("/api/v1/authz/decisions", run("dev")).await;
    assert_eq!(known(bound).await, json!(true));
}

#[tokio::test]
async fn a_request_cannot_say_what_only_the_control_plane_sees() {
    let plane = Plane::start().await;
    let ci = Caller::founder(&plane).await.account("ci", RUNS).await;
    for (name, value, field) in [
        ("ip", "127.0.0.1", "context.ip"),
        ("known_network", "true", "context.known_network"),
        ("execution_mode", "everywhere", "context.execution_mode"),
        ("break_glass", " ", "context.break_glass"),
        ("approval", "{}", "context"),
    ] {
        let mut action = run("prod");
        action["context"] = json!({ name: value });
        let (status, problem) = ci.post("/api/v1/authz/decisions", action).await;
        assert_eq!((status, &problem["error"]["details"]["field"]), (422, &json!(field)), "{problem}");
    }
}

/// Brings the policy set into force that was shipped before there were restrictions.
fn go_back(plane: &Plane) {
    let schema = include_str!("../../../crates/policy/tests/engine/before/schema.cedarschema").to_owned();
    let policies = include_str!("../../../crates/policy/tests/engine/before/policies.cedar").to_owned();
    let digest = PolicySource::new(schema.clone(), policies.clone()).digest();
    let store = Store::open(plane.database(), store::testing::ambient()).unwrap();
    let published = store.write(move |mut tx| {
        let live = store::policies::live(&mut tx)?.unwrap();
        let at = live.published_at;
        let (schema, policies) = (schema.clone(), policies.clone());
        let invariants = String::new();
        let before = PolicyVersion { version: 2, digest, schema, policies, invariants, ..live };
        store::policies::append(&mut tx, &before)?;
        tx.commit(Event::new(at, Kind::PolicyPublished).about("policies/2"))
    });
    let published: Result<_, StoreError> = published;
    published.unwrap();
}

#[tokio::test]
async fn a_policy_set_from_before_there_were_restrictions_answers_as_it_did() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = ada.account("ci", RUNS).await;
    let restriction = json!({ "allowed_accounts": [], "max_duration_seconds": 60, "owner": "ci" });
    assert_eq!(ada.put(NIGHTLY, restriction).await.0, 201);
    assert_eq!(decided(&ci, run("dev")).await, answer("deny", "listed-accounts-run"));
    go_back(&plane);
    assert_eq!(decided(&ci, run("dev")).await, answer("allow", "scopes-permit"));
    let mut emergency = run("prod");
    emergency["context"] = json!({ "break_glass": "the database burns" });
    assert_eq!(decided(&ci, emergency.clone()).await, answer("require_approval", "prod-needs-approval"));
    let (_, asked) = ci.post("/api/v1/authz/decisions", emergency).await;
    assert_eq!(asked["requirement"]["max_duration_seconds"], json!(60), "time limits are the control plane's own");
}
