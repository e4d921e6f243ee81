use countersign_tests::plane::Plane;
use serde_json::{Value, json};

use crate::{Caller, SIMULATE, field};

const ACCESS: &str = "/api/v1/policies/access";
const VOCABULARY: &str = "/api/v1/policies/vocabulary";

fn rows(report: &Value) -> &Vec<Value> {
    report["rows"].as_array().unwrap()
}

#[tokio::test]
async fn who_can_do_this_is_answered_for_everybody_that_is_known() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (status, report) = ada.post(ACCESS, json!({ "action": "pipelines:execute", "env": "prod" })).await;
    assert_eq!(status, 200, "{report}");
    let who: Vec<_> = rows(&report).iter().map(|row| row["principal"].as_str().unwrap()).collect();
    assert!(who.contains(&"service_account:billing-ci") && who.iter().any(|who| who.starts_with("user:")), "{who:?}");
    assert!(!who.contains(&"service_account:web-deployer"), "it holds no such scope: {who:?}");
    for row in rows(&report) {
        let answer = (&row["outcome"], &row["approvers"], &row["because"], &row["resource"]);
        let wanted = (&json!("require_approval"), &json!(1), &json!(["prod-needs-approval"]), &json!("pipeline:*"));
        assert_eq!(answer, wanted);
    }
    assert_eq!((report["cut"].as_bool(), report["asked"].as_u64()), (Some(false), Some(4)), "{report}");
    assert!(ada.decisions().await.is_empty());
}

#[tokio::test]
async fn what_a_principal_can_do_is_what_it_would_be_answered() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let ci = json!({ "principal": "service_account:billing-ci" });
    let (_, report) = ada.post(ACCESS, ci).await;
    let wanted: Vec<_> = rows(&report).iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert!(wanted.iter().all(|action| ["pipelines:execute", "logs:read"].contains(action)), "{wanted:?}");
    for row in rows(&report) {
        let asked = json!({
            "principal": row["principal"], "action": row["action"], "resources": [row["resource"]], "env": row["env"],
        });
        let (_, answer) = ada.post(SIMULATE, json!({ "question": asked })).await;
        assert_eq!(answer["outcome"], row["outcome"], "{row}");
    }
}

#[tokio::test]
async fn restricted_pipelines_and_workspaces_are_asked_about_as_they_are() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    ada.account("bound", &["pipelines:execute"], &["shop"]).await;
    let path = "/api/v1/pipelines/billing%2Fnightly";
    let restriction = json!({ "allowed_accounts": ["billing-ci"], "workspace": "billing" });
    let put = ada.request(reqwest::Method::PUT, path).json(&restriction).send().await.unwrap();
    assert_eq!(put.status(), 201);
    let (_, report) = ada.post(ACCESS, json!({ "action": "pipelines:execute", "env": "dev" })).await;
    let of = |who: &str| -> Vec<String> {
        let mine = rows(&report).iter().filter(|row| row["principal"] == who);
        mine.map(|row| row["resource"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("service_account:bound"), ["pipeline:shop/*"]);
    assert_eq!(of("service_account:billing-ci"), ["pipeline:billing/nightly", "pipeline:*"]);
}

#[tokio::test]
async fn access_needs_both_scopes_and_names_that_are_there() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let reader = ada.account("reader", &["policies:read"], &[]).await;
    let (status, refused) = reader.post(ACCESS, json!({})).await;
    assert_eq!((status, &refused["error"]["details"]["scope"]), (403, &json!("accounts:read")));
    for (name, value, helps) in [
        ("principal", "service_account:biling-ci", "service_account:billing-ci"),
        ("action", "pipelines:exceute", "pipelines:execute"),
        ("env", "prd", "prod"),
        ("resource", "nightly", "kind:name"),
    ] {
        let (status, refused) = ada.post(ACCESS, json!({ name: value })).await;
        assert_eq!((status, field(&refused)), (422, name), "{refused}");
        assert!(refused["detail"].as_str().unwrap().contains(helps), "{refused}");
    }
}

#[tokio::test]
async fn the_vocabulary_has_the_names_that_its_reader_may_see() {
    let plane = Plane::start().await;
    let ada = Caller::founder(&plane).await;
    let (status, names) = ada.get(VOCABULARY).await;
    assert_eq!(status, 200, "{names}");
    let actions = names["outline"]["actions"].as_array().unwrap();
    let execute = actions.iter().find(|action| action["name"] == "pipelines:execute").unwrap();
    assert_eq!((&execute["scope"], &execute["resources"]), (&json!("pipelines:execute"), &json!(["pipeline"])));
    assert!(actions.iter().all(|action| action["name"] != "approve"), "reviewing is asked through its own door");
    assert!(names["outline"]["environments"].as_array().unwrap().contains(&json!("prod")));
    let ci = json!({ "principal": "service_account:billing-ci", "name": "billing-ci" });
    assert!(names["principals"].as_array().unwrap().contains(&ci), "{names}");
    assert!(names["teams"].as_array().unwrap().contains(&json!("samples")));

    let reader = ada.account("reader", &["policies:read"], &[]).await;
    let (status, less) = reader.post(VOCABULARY, json!({ "subject": { "version": 1 } })).await;
    assert_eq!((status, &less["principals"], &less["pipelines"]), (200, &json!([]), &json!([])), "{less}");
    assert_eq!(less["outline"], names["outline"]);
}
