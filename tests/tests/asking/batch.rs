use countersign_tests::plane::Plane;
use serde_json::json;

use crate::{Caller, field, nightly};

const BATCH: &str = "/api/v1/authz/decisions/batch";

#[tokio::test]
async fn each_action_of_a_batch_has_its_own_answer_and_entry_in_the_same_order() {
    let plane = Plane::start().await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let mut lacking = nightly("dev");
    lacking["action"] = "pipelines:stop".into();
    let mut unknown = nightly("prd");
    unknown["env"] = "prd".into();
    let actions = json!([nightly("prod"), unknown, nightly("dev"), lacking]);
    let (status, answered) = ci.post(BATCH, json!({ "actions": actions })).await;
    assert_eq!(status, 200, "{answered}");
    let answers = answered["answers"].as_array().unwrap();
    let outcomes: Vec<_> = answers.iter().map(|one| one["decision"]["outcome"].as_str()).collect();
    assert_eq!(outcomes, [Some("require_approval"), None, Some("allow"), Some("deny")]);
    assert_eq!((field(&answers[1]["problem"]), &answers[1]["problem"]["status"]), ("env", &json!(422)));
    assert!(answers[1]["problem"]["request_id"].as_str().unwrap().starts_with("req_"));

    let entries = ada.decisions().await;
    let mut recorded: Vec<_> = entries.iter().map(|entry| entry["about"].as_str().unwrap()).collect();
    recorded.sort_unstable();
    let mut told: Vec<_> = answers.iter().filter_map(|one| one["decision"]["id"].as_str()).collect();
    told.sort_unstable();
    assert_eq!(recorded, told);
    let allowed = answers[2]["decision"]["id"].clone();
    let (status, task) = ci.post("/api/v1/tasks", json!({ "decision": allowed })).await;
    assert_eq!(status, 201, "an answer of a batch is a decision like any other: {task}");
}

#[tokio::test]
async fn a_batch_has_one_to_a_hundred_actions_and_needs_the_right_to_ask() {
    let plane = Plane::start().await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    for count in [0, 101] {
        let actions: Vec<_> = (0..count).map(|_| nightly("dev")).collect();
        let (status, refused) = ci.post(BATCH, json!({ "actions": actions })).await;
        assert_eq!((status, field(&refused)), (422, "actions"), "{refused}");
    }
    for odd in
        [json!({ "env": 1 }), json!([null]), json!({ "action": "pipelines:execute", "context": {}, "env": "dev" })]
    {
        let (status, refused) = ci.post(BATCH, json!({ "actions": [nightly("dev"), odd] })).await;
        assert_eq!(status, 422, "no part of a body that does not fit is asked: {refused}");
    }
    assert!(ada.decisions().await.is_empty());
    let hundred: Vec<_> = (0..100).map(|_| nightly("dev")).collect();
    let (status, answered) = ci.post(BATCH, json!({ "actions": hundred })).await;
    assert_eq!((status, answered["answers"].as_array().unwrap().len()), (200, 100));
    let nothing = ada.account("nothing", &["logs:read"], &[]).await;
    let (status, _) = nothing.post(BATCH, json!({ "actions": [nightly("dev")] })).await;
    assert_eq!(status, 403);
    let (status, answered) = ci.post(BATCH, json!({ "actions": [nightly("prd")] })).await;
    assert_eq!((status, answered["answers"].as_array().unwrap().len()), (200, 1), "nothing but a problem");
}
