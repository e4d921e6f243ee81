//! The whole path: a draft that fails its test, is mended, approved by somebody else, published, and rolled back.

use countersign_tests::plane::{Approver, Engine, Plane};
use domain::outcome::Outcome;
use domain::review::Verdict;
use serde_json::json;

use super::{DRAFTS, Desk, NO_ARTIFACTS, POLICIES, approve, artifacts_of_prod, at, case};

async fn a_set_is_drafted_tested_approved_published_and_rolled_back(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let agent = founder.runner_of("reporting-agent").await;
    let ada = Desk::founder(&plane).await;
    assert_eq!(artifacts_of_prod(&agent).await, Outcome::Allow);

    let texts = ada.with_policy(NO_ARTIFACTS).await;
    let checked = ada.post(&format!("{POLICIES}/check"), &json!({ "texts": texts })).await.with(200);
    assert_eq!(checked["problems"], json!([]));
    let ids: Vec<_> = checked["policies"].as_array().unwrap().iter().map(|policy| &policy["id"]).collect();
    assert!(ids.contains(&&json!("no-artifacts-in-prod")), "{ids:?}");

    // The test says what was so far; the draft changes that.
    let cases = json!([case("a report is read in production", "allow")]);
    let made = ada.post(DRAFTS, &json!({ "title": "Artifacts stay", "texts": texts, "cases": cases })).await;
    assert_eq!(made.header("etag"), "\"1\"");
    assert_eq!(made.header("location"), at(&made.body, ""));
    let draft = made.with(201);
    assert_eq!(draft["digest"], checked["digest"]);
    assert_eq!((&draft["base_version"], &draft["stale"]), (&json!(1), &json!(false)));
    let subject = json!({ "subject": { "draft": draft["id"] } });
    let report = ada.post(&format!("{POLICIES}/test"), &subject).await.with(200);
    assert_eq!((&report["passed"], &report["failed"]), (&json!(0), &json!(1)));
    assert_eq!(report["results"][0]["because"], json!(["no-artifacts-in-prod"]));
    let details = ada.publish(&draft, None).await.refused(409, "policy.tests_failed");
    assert_eq!(details["cases"][0]["name"], "a report is read in production");

    // Mended: the test now forbids what the draft forbids.
    let mended = json!({ "title": "Artifacts stay", "texts": texts, "cases": [case("a report stays", "deny")] });
    let change = ada.request(reqwest::Method::PUT, &at(&draft, "")).header("if-match", "\"1\"").json(&mended);
    let changed = ada.send(change.try_clone().unwrap()).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let draft = changed.with(200);
    ada.send(change).await.refused(412, "request.precondition_failed");

    // Publishing needs another person.
    let asked = ada.publish(&draft, None).await;
    let location = asked.header("location");
    let waits = asked.with(202);
    let ticket = &waits["ticket"];
    assert_eq!((&waits["state"], &waits["requirement"]["quorum"]), (&json!("approval_required"), &json!(1)));
    assert!(location.ends_with(ticket.as_str().unwrap()), "{location}");
    assert_eq!(&ada.publish(&draft, None).await.with(202)["ticket"], ticket, "asked again, it is the same ticket");
    assert_eq!(&ada.get(&at(&draft, "")).await.with(200)["ticket"], ticket);
    ada.publish(&draft, Some(ticket)).await.refused(409, "approval.not_approved");
    let seen = founder.api().ticket(ticket.as_str().unwrap().parse().unwrap()).await.unwrap();
    let action = &seen.binding.action;
    let digest = draft["digest"].as_str().unwrap().trim_start_matches("sha256:");
    assert_eq!(action.resources.iter().collect::<Vec<_>>(), [format!("policy_set:{digest}")]);
    assert_eq!(action.command.as_ref().unwrap().argv[4], draft["id"].as_str().unwrap());
    let own = founder.review(&seen, Verdict::Approve, None).await.unwrap_err();
    assert_eq!(own.code(), Some(contract::Code::OwnTicket));
    assert_eq!(artifacts_of_prod(&agent).await, Outcome::Allow, "nothing is in force yet");

    approve(&grace, ticket).await;
    let published = ada.publish(&draft, Some(ticket)).await.with(200);
    assert_eq!(published, json!({ "state": "published", "version": 2, "digest": draft["digest"] }));
    assert_eq!(artifacts_of_prod(&agent).await, Outcome::Deny);
    ada.publish(&draft, Some(ticket)).await.refused(409, "policy.draft_settled");
    let spent = founder.api().ticket(seen.id).await.unwrap();
    assert_eq!((spent.state.name(), spent.task.unwrap().exit_code), ("consumed", Some(0)));
    let kept = ada.get(&at(&draft, "")).await.with(200);
    assert_eq!((&kept["state"]["name"], &kept["state"]["version"]), (&json!("published"), &json!(2)));
    assert_eq!(&kept["ticket"], ticket);
    let entry = super::newest_publication(&founder).await;
    assert_eq!(entry.about.as_deref(), Some("policies/2"));
    for (name, value) in
        [("digest", &draft["digest"]), ("draft", &draft["id"]), ("ticket", ticket), ("tests", &json!(1))]
    {
        assert_eq!(&entry.data[name], value, "{}", entry.data);
    }
    assert_eq!(entry.data["ungoverned"], json!(null));

    // Rolled back, in the same way.
    let back = ada.drafted(&json!({ "restores": 1 })).await;
    assert_eq!((&back["restores"], &back["base_version"], &back["cases"]), (&json!(1), &json!(2), &json!([])));
    assert_eq!(ada.publish_approved(&back, &grace).await.with(200)["version"], 3);
    assert_eq!(artifacts_of_prod(&agent).await, Outcome::Allow);
    let versions = ada.get(&format!("{POLICIES}/versions")).await.with(200)["items"].clone();
    let [third, second, first] = [&versions[0], &versions[1], &versions[2]];
    assert_eq!((&third["version"], &third["restores"]), (&json!(3), &json!(1)));
    assert_eq!(third["digest"], first["digest"]);
    assert_eq!((&second["title"], &second["ticket"]), (&json!("Artifacts stay"), ticket));
    let whole = ada.get(&format!("{POLICIES}/versions/2")).await.with(200);
    assert_eq!((&whole["texts"], &whole["cases"][0]["name"]), (&texts, &json!("a report stays")));
    plane.prove_every_entry(&founder).await;
}

#[tokio::test]
async fn a_set_is_drafted_tested_approved_published_and_rolled_back_on_sqlite() {
    a_set_is_drafted_tested_approved_published_and_rolled_back(Engine::Sqlite).await;
}

#[tokio::test]
async fn a_set_is_drafted_tested_approved_published_and_rolled_back_on_postgres() {
    a_set_is_drafted_tested_approved_published_and_rolled_back(Engine::Postgres).await;
}
