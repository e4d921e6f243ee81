//! Drafts: what is not said is as in the set in force, one key makes one, and none vanishes.

use countersign_tests::plane::Plane;
use reqwest::Method;
use serde_json::json;

use super::{DRAFTS, Desk, NO_ARTIFACTS, POLICIES, at, case};

#[tokio::test]
async fn what_a_draft_does_not_say_is_as_in_the_set_in_force() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let live = ada.get(&format!("{POLICIES}/versions/1")).await.with(200);
    let draft = ada.drafted(&json!({})).await;
    assert_eq!((&draft["texts"], &draft["digest"]), (&live["texts"], &live["digest"]));
    assert_eq!(draft["title"], "Draft of version 1");
    assert_eq!(ada.drafted(&json!({ "restores": 1 })).await["title"], "Bring back version 1");
    let both = json!({ "restores": 1, "cases": [case("x", "deny")] });
    assert_eq!(ada.post(DRAFTS, &both).await.refused(422, "request.unprocessable")["field"], "restores");
    let none = ada.post(DRAFTS, &json!({ "restores": 9 })).await;
    assert_eq!(none.refused(422, "request.unprocessable")["field"], "restores");
}

#[tokio::test]
async fn the_same_key_makes_one_draft() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let make = |title: &str| {
        ada.request(Method::POST, DRAFTS).header("idempotency-key", "k1").json(&json!({ "title": title }))
    };
    let first = ada.send(make("one")).await.with(201);
    assert_eq!(ada.send(make("one")).await.with(201)["id"], first["id"]);
    ada.send(make("two")).await.refused(422, "request.idempotency_key_reused");
    assert_eq!(ada.get(DRAFTS).await.with(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_that_was_given_up_stays_and_is_not_changed() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([case("a report stays", "deny")])).await;
    let stale = ada.request(Method::POST, &at(&draft, "/discard")).header("if-match", "\"7\"");
    ada.send(stale).await.refused(412, "request.precondition_failed");
    let gone = ada.post(&at(&draft, "/discard"), &json!({})).await.with(200);
    assert_eq!((&gone["state"]["name"], &gone["texts"]), (&json!("discarded"), &draft["texts"]));
    let change = json!({ "title": "x", "texts": draft["texts"] });
    ada.put(&at(&draft, ""), &change).await.refused(409, "policy.draft_settled");
    ada.publish(&draft, None).await.refused(409, "policy.draft_settled");
    ada.post(&at(&draft, "/discard"), &json!({})).await.refused(409, "policy.draft_settled");
    let listed = ada.get(DRAFTS).await.with(200);
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["state"]["name"]), (&draft["id"], &json!("discarded")));
}

#[tokio::test]
async fn a_list_of_drafts_goes_on_where_a_page_ended() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    for number in 0..51 {
        ada.drafted(&json!({ "title": format!("draft {number}") })).await;
    }
    let first = ada.get(DRAFTS).await.with(200);
    assert_eq!(first["items"].as_array().unwrap().len(), 50);
    let next = first["next"].as_str().unwrap();
    let rest = ada.get(&format!("{DRAFTS}?cursor={next}")).await.with(200);
    assert_eq!((&rest["items"][0]["title"], &rest["next"]), (&json!("draft 0"), &json!(null)));
    ada.get(&format!("{DRAFTS}?cursor=nonsense")).await.refused(400, "request.malformed");
}

#[tokio::test]
async fn an_edit_says_what_it_is_held_against() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.drafted(&json!({ "restores": 1 })).await;
    let put = |base: u32, policies: &str| {
        let mut texts = draft["texts"].clone();
        texts["policies"] = format!("{}{policies}", texts["policies"].as_str().unwrap()).into();
        json!({ "title": "again", "texts": texts, "base_version": base })
    };
    for nowhere in [0, 2] {
        let refused = ada.put(&at(&draft, ""), &put(nowhere, "")).await;
        assert_eq!(refused.refused(422, "request.unprocessable")["field"], "base_version");
    }
    assert_eq!(ada.put(&at(&draft, ""), &put(1, "")).await.with(200)["restores"], 1);
    let other = ada.put(&at(&draft, ""), &put(1, NO_ARTIFACTS)).await.with(200);
    assert_eq!(other["restores"], json!(null), "other texts bring nothing back");
    let untitled = json!({ "title": " ", "texts": draft["texts"] });
    let refused = ada.put(&at(&draft, ""), &untitled).await;
    assert_eq!(refused.refused(422, "request.unprocessable")["field"], "title");
}
