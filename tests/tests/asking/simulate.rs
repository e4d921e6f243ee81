use countersign_tests::plane::Plane;
use serde_json::{Value, json};

use crate::{Caller, SIMULATE, field, question};

const CI: &str = "service_account:billing-ci";

#[tokio::test]
async fn a_simulation_is_completed_by_what_is_known_and_leaves_no_entry() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (status, answer) = ada.post(SIMULATE, json!({ "question": question(CI, "prod") })).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["outcome"], &answer["ground"]), (&json!("require_approval"), &json!("approval_needed")));
    assert_eq!(answer["requirement"]["quorum"], 1);
    assert_eq!(answer["question"]["principal"]["teams"], json!(["samples"]));
    let scopes = json!(["decisions:request", "logs:read", "pipelines:execute"]);
    assert_eq!(answer["question"]["principal"]["scopes"], scopes);
    let guard = answer["policies"].as_array().unwrap().iter().find(|one| one["determining"] == true).unwrap();
    assert_eq!((&guard["policy"], &guard["standing"]), (&json!("prod-needs-approval"), &json!("applying")));
    assert_eq!(answer["plugins"], json!([]));
    assert!(ada.decisions().await.is_empty());
}

#[tokio::test]
async fn a_simulated_approval_lifts_a_guard_and_one_that_is_too_small_does_not() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let with = |approvers: u32| {
        let mut asked = question(CI, "prod");
        asked["approvers"] = approvers.into();
        json!({ "question": asked })
    };
    let (_, none) = ada.post(SIMULATE, with(0)).await;
    assert_eq!(none["outcome"], "require_approval", "{none}");
    let (_, one) = ada.post(SIMULATE, with(1)).await;
    assert_eq!(one["outcome"], "allow", "{one}");
    let mut groups = question(CI, "prod");
    groups["groups"] = json!(["sre"]);
    let (status, refused) = ada.post(SIMULATE, json!({ "question": groups })).await;
    assert_eq!((status, field(&refused)), (422, "question.groups"));
}

#[tokio::test]
async fn what_cannot_be_asked_is_told_with_its_field_and_what_would_help() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let changed = |name: &str, value: Value| {
        let mut asked = question(CI, "prod");
        asked[name] = value;
        json!({ "question": asked })
    };
    for (body, name, helps) in [
        (changed("principal", json!("service_account:biling-ci")), "question.principal", "service_account:billing-ci"),
        (changed("principal", json!("nobody")), "question.principal", "service_account:"),
        (changed("action", json!("pipelines:exceute")), "action", "pipelines:execute"),
        (changed("env", json!("prd")), "env", "prod"),
        (changed("resources", json!(["pipelin:a"])), "resources[0]", "pipeline"),
        (changed("resources", json!(["app:web"])), "resources[0]", "pipeline"),
        (changed("resources", json!([])), "question.resources", "name at least one"),
        (changed("known", json!({ "pipeline:x": {} })), "question.known", "question.resources"),
        (changed("scopes", json!(["a*"])), "question.scopes", "name each scope"),
    ] {
        let (status, refused) = ada.post(SIMULATE, body).await;
        assert_eq!((status, field(&refused)), (422, name), "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains(helps), "{refused}");
    }
}

#[tokio::test]
async fn somebody_who_is_not_known_is_simulated_with_the_scopes_that_are_said() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let mut asked = question("service_account:not-yet-there", "dev");
    asked["scopes"] = json!(["workflow.execute"]);
    let (status, answer) = ada.post(SIMULATE, json!({ "question": asked })).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("allow")), "{answer}");
    let (_, answer) = ada.post(SIMULATE, json!({ "question": question("user:ada@example.com", "dev") })).await;
    assert!(answer["question"]["principal"]["id"].as_str().unwrap().starts_with("usr_"), "{answer}");
}

#[tokio::test]
async fn another_set_is_asked_by_its_texts_and_texts_that_do_not_hold_are_refused_with_their_place() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (_, live) = ada.get("/api/v1/policies/versions/1").await;
    let mut texts = live["texts"].clone();
    let stricter = format!(
        "{}\n@id(\"never\") forbid (principal, action == Action::\"pipelines:execute\", resource);",
        texts["policies"].as_str().unwrap()
    );
    texts["policies"] = stricter.into();
    let body = json!({ "subject": { "texts": texts }, "question": question(CI, "dev") });
    let (status, answer) = ada.post(SIMULATE, body).await;
    assert_eq!((status, &answer["outcome"], &answer["ground"]), (200, &json!("deny"), &json!("forbidden")), "{answer}");
    assert_ne!(answer["policy_set"], live["digest"]);

    let (_, answer) = ada.post(SIMULATE, json!({ "subject": { "version": 1 }, "question": question(CI, "dev") })).await;
    assert_eq!((&answer["outcome"], &answer["policy_set"]), (&json!("allow"), &live["digest"]));
    let (status, _) = ada.post(SIMULATE, json!({ "subject": { "version": 9 }, "question": question(CI, "dev") })).await;
    assert_eq!(status, 404);

    texts["policies"] = "permit (principal, action".into();
    let body = json!({ "subject": { "texts": texts }, "question": question(CI, "dev") });
    let (status, refused) = ada.post(SIMULATE, body).await;
    assert_eq!((status, field(&refused)), (422, "texts"), "{refused}");
    assert!(refused["detail"].as_str().unwrap().contains("policies:1:"), "{refused}");
}

#[tokio::test]
async fn a_caller_bound_to_workspaces_asks_about_what_is_in_them_alone() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    ada.account("inside", &["pipelines:execute"], &["billing"]).await;
    let bound = ada.account("auditor", &["policies:read", "accounts:read"], &["billing"]).await;
    let ask = |principal: &str, resource: &str| {
        let mut asked = question(principal, "dev");
        asked["resources"] = json!([resource]);
        json!({ "question": asked })
    };
    let (status, answer) = bound.post(SIMULATE, ask("service_account:inside", "pipeline:billing/nightly")).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("allow")), "{answer}");
    let (status, refused) = bound.post(SIMULATE, ask(CI, "pipeline:billing/nightly")).await;
    assert_eq!((status, field(&refused)), (422, "question.principal"), "an account of everywhere: {refused}");
    assert!(!refused["detail"].as_str().unwrap().contains("there are: `service_account:billing-ci"), "{refused}");
    let (status, refused) = bound.post(SIMULATE, ask("service_account:inside", "pipeline:shop/nightly")).await;
    assert_eq!((status, refused["code"].as_str()), (403, Some("auth.workspace_forbidden")), "{refused}");
    let (status, refused) = bound.post(SIMULATE, ask("service_account:inside", "pipeline:nightly")).await;
    assert_eq!((status, field(&refused)), (422, "question.resources"), "{refused}");
}

#[tokio::test]
async fn where_a_request_would_come_from_is_held_against_the_networks_of_its_account() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let account = json!({ "name": "placed", "scopes": ["pipelines:execute"], "networks": ["10.0.0.0/8"] });
    assert_eq!(ada.post("/api/v1/auth/service-accounts", account).await.0, 201);
    let from = |ip: &str| {
        let mut asked = question("service_account:placed", "prod");
        asked["context"] = json!({ "ip": ip });
        json!({ "question": asked })
    };
    let (_, inside) = ada.post(SIMULATE, from("10.1.2.3")).await;
    assert_eq!(
        (&inside["outcome"], &inside["question"]["context"]["known_network"]),
        (&json!("require_approval"), &json!(true))
    );
    let (_, outside) = ada.post(SIMULATE, from("192.0.2.1")).await;
    assert_eq!(outside["outcome"], "deny", "{outside}");
    let (status, refused) = ada.post(SIMULATE, from("somewhere")).await;
    assert_eq!((status, field(&refused)), (422, "context.ip"), "{refused}");
}
