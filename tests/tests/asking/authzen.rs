use countersign_tests::plane::Plane;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::Caller;

const ONE: &str = "/access/v1/evaluation";
const MANY: &str = "/access/v1/evaluations";

fn evaluation(env: &str) -> Value {
    json!({
        "subject": { "type": "service_account", "id": "billing-ci" },
        "action": { "name": "pipelines:execute", "properties": { "method": "POST" } },
        "resource": { "type": "pipeline", "id": "billing/nightly" },
        "context": { "env": env, "time": "2026-11-22T05:00:00Z" },
    })
}

fn decisions(answer: &Value) -> Vec<bool> {
    answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].as_bool().unwrap()).collect()
}

#[tokio::test]
async fn the_metadata_says_where_it_is_asked() {
    let plane = Plane::start().await;
    let metadata = Client::new().get(plane.address().at("/.well-known/authzen-configuration")).send().await.unwrap();
    let metadata: Value = metadata.json().await.unwrap();
    let issuer = &plane.running.issuer;
    assert_eq!(
        metadata,
        json!({
            "policy_decision_point": issuer,
            "access_evaluation_endpoint": format!("{issuer}{ONE}"),
            "access_evaluations_endpoint": format!("{issuer}{MANY}"),
        })
    );
}

#[tokio::test]
async fn a_caller_asks_for_itself_and_only_allow_is_true() {
    let plane = Plane::start().await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let (status, allowed) = ci.post(ONE, evaluation("dev")).await;
    assert_eq!((status, &allowed["decision"]), (200, &json!(true)), "{allowed}");
    let (status, waits) = ci.post(ONE, evaluation("prod")).await;
    assert_eq!((status, &waits["decision"]), (200, &json!(false)), "{waits}");
    assert_eq!(waits["context"]["outcome"], "require_approval");
    assert_eq!(waits["context"]["requirement"]["quorum"], 1);
    assert_eq!(waits["context"]["reasons"][0]["policy"], "prod-needs-approval");
    let entries = ada.decisions().await;
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().any(|entry| entry["about"] == allowed["context"]["id"]));
}

#[tokio::test]
async fn for_somebody_else_it_is_a_simulation_that_needs_another_scope() {
    let plane = Plane::start().await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let (status, answer) = ada.post(ONE, evaluation("dev")).await;
    assert_eq!((status, &answer["decision"], &answer["context"]["id"]), (200, &json!(true), &Value::Null), "{answer}");
    assert!(ada.decisions().await.is_empty());

    let mut other = evaluation("dev");
    other["subject"]["id"] = "web-deployer".into();
    let (status, refused) = ci.post(ONE, other.clone()).await;
    assert_eq!((status, &refused["error"]["details"]["scope"]), (403, &json!("policies:read")), "{refused}");
    let (_, denied) = ada.post(ONE, other.clone()).await;
    assert_eq!((&denied["decision"], &denied["context"]["outcome"]), (&json!(false), &json!("deny")));
    other["subject"] = json!({ "type": "user", "id": "eve", "properties": { "scopes": ["pipelines:execute"] } });
    let (_, invented) = ada.post(ONE, other).await;
    assert_eq!(invented["decision"], json!(true), "{invented}");
}

#[tokio::test]
async fn what_is_malformed_is_400_and_names_the_member_and_the_request_id_comes_back() {
    let plane = Plane::start().await;
    let ci = Caller::sample(&plane);
    let changed = |pointer: &str, value: Value| {
        let mut asked = evaluation("dev");
        *asked.pointer_mut(pointer).unwrap() = value;
        asked
    };
    let mut without = evaluation("dev");
    without.as_object_mut().unwrap().remove("resource");
    for (body, names) in [
        (without, "resource"),
        (changed("/subject/id", json!(7)), "string"),
        (changed("/subject/type", json!("robot")), "`subject.type` is `robot`"),
        (changed("/action/name", json!("pipelines:exceute")), "`action.name` is `pipelines:exceute`"),
        (changed("/resource/type", json!("pipelin")), "`resource` is `pipelin:billing/nightly`"),
        (changed("/context/env", json!("prd")), "`context.env` is `prd`"),
        (changed("/context", json!({})), "`context.env` is missing"),
        (changed("/context", json!({ "env": "dev", "ip": "192.0.2.1" })), "context.ip"),
        (json!([]), "the body does not fit"),
    ] {
        let answer = ci.request(Method::POST, ONE).header("x-request-id", "a strange {id}").json(&body).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), 400, "{names}");
        assert_eq!(answer.headers()["x-request-id"], "a strange {id}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains(names), "{names}: {problem}");
    }
    let nobody = Client::new().post(plane.address().at(ONE)).json(&evaluation("dev")).send().await.unwrap();
    assert_eq!(nobody.status(), 401);
}

#[tokio::test]
async fn many_evaluations_share_what_they_do_not_say_and_end_as_they_are_told_to() {
    let plane = Plane::start().await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let mut many = evaluation("dev");
    let unknown = json!({ "context": { "env": "prd" } });
    many["evaluations"] = json!([{}, { "context": { "env": "prod" } }, unknown, {}]);
    let (status, answer) = ci.post(MANY, many.clone()).await;
    assert_eq!((status, decisions(&answer)), (200, vec![true, false, false, true]), "{answer}");
    let error = &answer["evaluations"][2]["context"]["error"];
    assert_eq!(error["status"], 400);
    assert!(error["message"].as_str().unwrap().contains("`context.env` is `prd`"), "{error}");
    assert_eq!(ada.decisions().await.len(), 3);

    for (semantic, wanted) in [
        ("execute_all", vec![true, false, false, true]),
        ("deny_on_first_deny", vec![true, false]),
        ("permit_on_first_permit", vec![true]),
    ] {
        many["options"] = json!({ "evaluations_semantic": semantic, "another_option": 1 });
        let (_, answer) = ci.post(MANY, many.clone()).await;
        assert_eq!(decisions(&answer), wanted, "{semantic}");
    }
    many["options"] = json!({ "evaluations_semantic": "some" });
    assert_eq!(ci.post(MANY, many.clone()).await.0, 400);
}

#[tokio::test]
async fn without_evaluations_many_are_one_and_there_are_a_hundred_at_most() {
    let plane = Plane::start().await;
    let ci = Caller::sample(&plane);
    let (status, one) = ci.post(MANY, evaluation("dev")).await;
    assert_eq!((status, &one["decision"]), (200, &json!(true)), "{one}");
    let mut none = evaluation("dev");
    none["evaluations"] = json!([]);
    assert_eq!(ci.post(MANY, none.clone()).await.1["decision"], json!(true));
    none["evaluations"] = json!(vec![json!({}); 101]);
    assert_eq!(ci.post(MANY, none).await.0, 400);
    let (status, bare) = ci.post(MANY, json!({ "evaluations": [{}] })).await;
    assert_eq!((status, &bare["evaluations"][0]["context"]["error"]["status"]), (200, &json!(400)), "{bare}");
    assert_eq!(ci.post(MANY, json!({})).await.0, 400);
}
