//! A standing approval keeps to the policies that are in force when it is used.

use contract::Code;
use countersign_tests::deploy::{action, fresh_key, standing};
use countersign_tests::plane::{Approver, Plane};
use domain::review::Verdict;
use serde_json::json;

use super::Desk;

const SHIPPED: &str = r#"@standing("5 in 15m")"#;

/// Publishes the set in force with another text in the place of the shipped annotation.
async fn publish(ada: &Desk<'_>, grace: &Approver, from: &str, to: &str) {
    let mut texts = ada.live_texts().await;
    let policies = texts["policies"].as_str().unwrap();
    assert!(policies.contains(from));
    texts["policies"] = policies.replace(from, to).into();
    let draft = ada.drafted(&json!({ "title": "Another budget", "texts": texts })).await;
    ada.publish_approved(&draft, grace).await.with(200);
}

#[tokio::test]
async fn what_policy_no_longer_allows_to_stand_is_not_used_again_and_what_it_allows_still_is() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let runner = plane.runner();
    let ticket = runner.open_ticket(&standing(3, 600), &fresh_key()).await.unwrap();
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    let run = async || runner.consume(ticket.id, &action(), &fresh_key()).await;
    run().await.unwrap();

    publish(&ada, &grace, SHIPPED, r#"@standing("2 in 15m")"#).await;
    let narrower = run().await.unwrap_err();
    assert_eq!(narrower.code(), Some(Code::PolicyChanged));
    assert!(narrower.to_string().contains("`prod-needs-approval` allows at most 2 in 15m"), "{narrower}");

    publish(&ada, &grace, r#"@standing("2 in 15m")"#, "").await;
    let never = run().await.unwrap_err();
    assert_eq!(never.code(), Some(Code::PolicyChanged));
    assert!(never.to_string().contains("`prod-needs-approval` allows no standing approval"), "{never}");
    let refused = runner.open_ticket(&standing(2, 60), &fresh_key()).await.unwrap_err();
    assert!(refused.to_string().contains("`prod-needs-approval` allows no standing approval"), "{refused}");

    publish(&ada, &grace, r#"@execution_ttl("15m")"#, &format!("@execution_ttl(\"15m\") {SHIPPED}")).await;
    assert_eq!(run().await.unwrap().use_number.unwrap().number, 2, "a refusal spends nothing");
    assert_eq!(runner.ticket(ticket.id).await.unwrap().uses.len(), 2);
}
