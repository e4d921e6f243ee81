//! Publishing: what is approved is what comes into force, on top of what it was held against.

use countersign_tests::plane::{Approver, Engine, Plane};
use domain::Clock as _;
use domain::ambient::{OsEntropy, SystemClock};
use domain::ticket::State;
use policy::PolicySource;
use serde_json::{Value, json};
use std::sync::Arc;
use store::policies::PolicyVersion;
use store::{Ambient, DatabaseUrl, Store, StoreError};

use super::{Desk, NO_ARTIFACTS, POLICIES, approve, at, case, newest_publication};

#[tokio::test]
async fn what_was_changed_after_its_approval_is_not_published() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let ticket = ada.publish(&draft, None).await.with(202)["ticket"].clone();
    approve(&grace, &ticket).await;
    let more = NO_ARTIFACTS.replace("no-artifacts-in-prod", "no-artifacts-at-all");
    let change = json!({ "title": "Artifacts stay", "texts": ada.with_policy(&more).await });
    let changed = ada.put(&at(&draft, ""), &change).await.with(200);
    assert_eq!(changed["ticket"], json!(null), "the ticket was for other texts");
    ended(&grace, &ticket, "was changed by user:usr_").await;

    // As it was: it is no longer that. As it is: nobody approved that.
    assert_eq!(ada.publish(&draft, Some(&ticket)).await.refused(412, "request.precondition_failed")["field"], "digest");
    ada.send(
        ada.request(reqwest::Method::POST, &at(&draft, "/publish"))
            .json(&json!({ "digest": changed["digest"], "ticket": ticket })),
    )
    .await
    .refused(409, "approval.not_approved");
    assert_eq!(ada.get(POLICIES).await.with(200)["version"], 1);
    let other = ada.publish(&changed, None).await.with(202)["ticket"].clone();
    assert_ne!(other, ticket, "what it is now takes a ticket of its own");
}

#[tokio::test]
async fn a_draft_whose_base_was_followed_says_by_what_and_is_published_once_it_was_held_against_that() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let [first, late] = [
        ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await,
        ada.drafted(&json!({ "title": "Late" })).await,
    ];
    let ticket = ada.publish(&late, None).await.with(202)["ticket"].clone();
    approve(&grace, &ticket).await;
    ada.publish_approved(&first, &grace).await.with(200);

    assert_eq!(ada.get(&at(&late, "")).await.with(200)["stale"], true);
    for ticket in [None, Some(&ticket)] {
        let refused = ada.publish(&late, ticket).await;
        let detail = refused.body["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("version 1") && detail.contains("version 2"), "{detail}");
        assert_eq!(refused.refused(409, "policy.stale")["field"], "base_version");
    }
    let change = json!({ "title": "Late", "texts": late["texts"], "base_version": 2 });
    let rebased = ada.put(&at(&late, ""), &change).await.with(200);
    assert_eq!((&rebased["stale"], &rebased["digest"]), (&json!(false), &late["digest"]));
    // The texts are the same, but they take back now what came between: that is for somebody to see.
    ada.publish(&rebased, Some(&ticket)).await.refused(409, "approval.not_approved");
    let published = ada.publish_approved(&rebased, &grace).await.with(200);
    assert_eq!(published["version"], 3);
}

#[tokio::test]
async fn what_can_no_longer_come_into_force_waits_for_nobody() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let tests = json!([case("Artifacts stay", "deny")]);
    let [first, second, third] = [
        ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &tests).await,
        ada.drafted(&json!({ "title": "Two" })).await,
        ada.drafted(&json!({ "title": "Three" })).await,
    ];
    let mut tickets = Vec::new();
    for draft in [&first, &second, &third] {
        tickets.push(ada.publish(draft, None).await.with(202)["ticket"].clone());
    }
    // Another title changes nothing in what was asked for.
    let renamed = json!({ "title": "Artifacts stay here", "texts": first["texts"], "cases": first["cases"] });
    assert_eq!(ada.put(&at(&first, ""), &renamed).await.with(200)["ticket"], tickets[0]);
    // The tests are a part of what is approved.
    approve(&grace, &tickets[0]).await;
    let fewer = json!({ "title": "Artifacts stay", "texts": first["texts"], "cases": [] });
    ada.put(&at(&first, ""), &fewer).await.with(200);
    ended(&grace, &tickets[0], "was changed by user:usr_").await;
    ada.publish(&first, Some(&tickets[0])).await.refused(409, "approval.not_approved");

    ada.post(&at(&third, "/discard"), &json!({})).await.with(200);
    ended(&grace, &tickets[2], "was discarded by user:usr_").await;

    let again = ada.put(&at(&first, ""), &renamed).await.with(200);
    ada.publish_approved(&again, &grace).await.with(200);
    ended(&grace, &tickets[1], "policy version 2 came into force").await;

    // The next one is without the test that came with it, and says so.
    let plain = ada.drafted(&json!({ "title": "Plain", "cases": [] })).await;
    let ticket = ada.publish(&plain, None).await.with(202)["ticket"].clone();
    let seen = grace.api().ticket(ticket.as_str().unwrap().parse().unwrap()).await.unwrap();
    assert_eq!(seen.found[1], "0 tests pass; a test of version 2 is not among them.");
    assert_eq!(seen.statement.description, None, "these are not the requester's words");
    let argv = seen.binding.action.command.unwrap().argv.join(" ");
    let id = plain["id"].as_str().unwrap();
    assert!(argv.starts_with(&format!("countersign policy publish --draft {id} --base 2 --cases sha256:")), "{argv}");
    approve(&grace, &ticket).await;
    ada.publish(&plain, Some(&ticket)).await.with(200);
    assert_eq!(newest_publication(&founder).await.data["tests_dropped"], 1);
}

/// A ticket that was called off, and why.
async fn ended(reader: &Approver, ticket: &Value, why: &str) {
    let ticket = reader.api().ticket(ticket.as_str().unwrap().parse().unwrap()).await.unwrap();
    assert!(matches!(&ticket.state, State::Cancelled { reason, by: None, .. } if reason.contains(why)), "{ticket:?}");
}

#[tokio::test]
async fn an_approval_is_spent_on_one_publication() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let twin = ada.drafted(&json!({ "title": "The same", "texts": draft["texts"] })).await;
    assert_eq!(draft["digest"], twin["digest"]);
    let ticket = ada.publish(&draft, None).await.with(202)["ticket"].clone();
    approve(&grace, &ticket).await;
    ada.publish(&twin, Some(&ticket)).await.refused(403, "approval.binding_mismatch");
    ada.publish(&draft, Some(&ticket)).await.with(200);
    let change = json!({ "title": "The same", "texts": twin["texts"], "base_version": 2 });
    let twin = ada.put(&at(&twin, ""), &change).await.with(200);
    ada.publish(&twin, Some(&ticket)).await.refused(409, "approval.ticket_consumed");
}

#[tokio::test]
async fn a_lost_answer_is_told_again_by_its_key() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let ticket = ada.publish(&draft, None).await.with(202)["ticket"].clone();
    approve(&grace, &ticket).await;
    let body = json!({ "digest": draft["digest"], "ticket": ticket });
    let request =
        ada.request(reqwest::Method::POST, &at(&draft, "/publish")).header("idempotency-key", "k").json(&body);
    let first = ada.send(request.try_clone().unwrap()).await.with(200);
    assert_eq!(ada.send(request).await.with(200), first);
    assert_eq!(ada.get(POLICIES).await.with(200)["version"], 2);
}

/// A set from before publishing was an action, brought into force as an older version of the program did.
fn put_in_force(database: &DatabaseUrl) {
    let schema = include_str!("../../../crates/policy/tests/engine/before/schema.cedarschema").to_owned();
    let policies = include_str!("../../../crates/policy/tests/engine/before/policies.cedar").to_owned();
    let source = PolicySource::new(schema, policies);
    let version = PolicyVersion {
        version: 2,
        digest: source.digest(),
        schema: source.schema,
        policies: source.policies,
        invariants: source.invariants,
        cases: vec![],
        published_at: SystemClock.now(),
        published_by: None,
        sample: true,
        title: String::new(),
        ticket: None,
        restores: None,
    };
    let ambient = Ambient { clock: Arc::new(SystemClock), entropy: Arc::new(OsEntropy) };
    let store = Store::open(database, ambient).unwrap();
    let event = domain::event::Event::new(version.published_at, domain::event::Kind::PolicyPublished);
    store
        .write(move |mut tx| {
            store::policies::append(&mut tx, &version)?;
            tx.commit(event.clone())?;
            Ok::<_, StoreError>(())
        })
        .unwrap();
}

#[tokio::test]
async fn under_a_set_that_does_not_govern_it_publishing_takes_the_scope_and_says_so() {
    let plane = Plane::on(Engine::Postgres).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let shipped = ada.live_texts().await;
    let database = plane.database().clone();
    tokio::task::spawn_blocking(move || put_in_force(&database)).await.unwrap();

    let small = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    assert_eq!(ada.publish(&small, None).await.with(200)["version"], 3);
    let entry = super::newest_publication(&founder).await;
    assert!(entry.data["ungoverned"].as_str().unwrap().contains("policies:publish"), "{}", entry.data);

    // Once it is governed it stays so.
    let governed = ada.drafted(&json!({ "title": "Publishing needs consent", "texts": shipped })).await;
    assert_eq!(ada.publish(&governed, None).await.with(200)["version"], 4);
    let lost = ada.drafted(&json!({ "restores": 3 })).await;
    let refused = ada.publish(&lost, None).await;
    assert!(refused.body["detail"].as_str().unwrap().contains("policies:publish"), "{}", refused.body);
    refused.refused(409, "policy.locked_out");
    let back = ada.drafted(&json!({ "restores": 4 })).await;
    ada.publish_approved(&back, &grace).await.with(200);
}

#[tokio::test]
async fn a_forbid_that_can_fail_does_not_come_into_force() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let overflows = r#"@id("overflows") forbid (principal, action == Action::"logs:read", resource)
        when { context.now.offset(duration("9223372036854775807ms")) < context.now };"#;
    let draft = ada.with_one_more("It can fail", overflows, &json!([])).await;
    let details = ada.publish(&draft, None).await.refused(409, "policy.grave_finding");
    assert_eq!(details["findings"][0]["policy"], "overflows");
    assert_eq!(details["findings"][0]["kind"], "can_fail");
    assert!(founder.api().inbox(&[]).await.unwrap().items.is_empty(), "nobody is asked to approve it");
}

#[tokio::test]
async fn whether_a_draft_widens_is_told_to_its_approvers_to_policies_and_in_the_entry() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let never_wider = r#"@id("never-wider") @description("No set comes into force that allows more.")
        forbid (principal, action in Action::"govern", resource) unless { resource has widens && !resource.widens };"#;
    let narrower = ada.with_one_more("Never wider", never_wider, &json!([])).await;
    let ticket = ada.publish(&narrower, None).await.with(202)["ticket"].clone();
    let seen = grace.api().ticket(ticket.as_str().unwrap().parse().unwrap()).await.unwrap();
    let told = seen.found.last().unwrap();
    assert_eq!(told, "It is proved that it lets nothing happen that the set in force does not.");
    approve(&grace, &ticket).await;
    ada.publish(&narrower, Some(&ticket)).await.with(200);
    let entry = newest_publication(&founder).await;
    assert_eq!(entry.data["difference"]["widens"], json!(false), "{:#}", entry.data);

    let everybody = r#"@id("everybody-reads") permit (principal, action == Action::"logs:read", resource);"#;
    let wider = ada.with_one_more("Everybody reads", everybody, &json!([])).await;
    let refused = ada.publish(&wider, None).await;
    assert!(refused.body["detail"].as_str().unwrap().contains("No set comes into force that allows more."));
    refused.refused(403, "decision.denied");
    let decision = founder.api().trail(&[("kind", "decision.made")]).await.unwrap().items.remove(0).entry().unwrap();
    let resource = decision.data["question"]["resources"][0].as_str().unwrap().to_owned();
    assert_eq!(decision.data["question"]["known"][resource]["widens"], json!(true));
    // What narrows goes on coming into force under it.
    let stays = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    ada.publish_approved(&stays, &grace).await.with(200);
}
