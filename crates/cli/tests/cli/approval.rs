//! `approval`: tickets without running anything, and a grant verified with nobody to ask.

use std::fs;

use crate::plane::Plane;
use crate::run::{finish, start};

const REQUEST: [&str; 7] =
    ["approval", "request", "--env", "prod", "--action", "pipelines:execute", "--resource=pipeline:billing/nightly"];

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_opened_shown_listed_and_cancelled() {
    let plane = Plane::start().await;
    let request = finish(plane.runner().args(REQUEST).args(["--title", "a\u{202e}b", "--", "true", "--x"])).await;
    let id = request.done().trim().to_owned();
    assert!(request.err.contains("waits for 1 approval"), "{}", request.err);

    let shown = finish(plane.runner().args(["approval", "show", &id])).await;
    for words in ["pending", "[1] --x", "pipeline:billing/nightly", "a‹U+202E›b", "execution_context=cli", "Ada"] {
        assert!(shown.done().contains(words), "`{words}` is not in: {}", shown.out);
    }
    let json = finish(plane.runner().args(["approval", "show", &id, "--json"])).await.json();
    assert_eq!(json["binding"]["action"]["command"]["argv"][1], "--x");

    finish(plane.runner().args(["approval", "list"])).await.refused(80, &["approvals:read"]);
    assert!(finish(plane.admin().args(["approval", "list", "--view", "mine"])).await.done().contains(&id));
    let list = finish(plane.admin().args(["approval", "list", "--json"])).await.json();
    assert_eq!(list[0]["id"], id.as_str());

    let cancel = ["approval", "cancel", &id, "--reason", "not today"];
    finish(plane.runner().args(cancel)).await.done();
    finish(plane.runner().args(cancel)).await.refused(83, &["cancelled already"]);
    finish(plane.runner().args(["approval", "wait", &id])).await.refused(82, &["was cancelled: not today"]);
    assert!(finish(plane.admin().args(["approval", "list"])).await.done().contains("no tickets"));
    let nobody = "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG";
    finish(plane.runner().args(["approval", "show", nobody])).await.refused(66, &["there is no ticket"]);
    finish(plane.runner().args(["approval", "show", "tkt_1"])).await.refused(64, &["tkt_1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_listed_until_somebody_has_looked_at_it() {
    let plane = Plane::start().await;
    let list = || async { finish(plane.admin().args(["approval", "list", "--view", "after-review"])).await };
    assert!(list().await.done().contains("no tickets"));
    let burning = ["--context", "break_glass=the database burns", "--", "true"];
    let (run, id) = plane.waiting(plane.exec().args(burning)).await;
    assert!(list().await.done().contains("no tickets"), "nothing has run");
    plane.ada.approve(id).await;
    run.ended().await.done();
    assert!(list().await.done().contains(&id.to_string()));
    let shown = finish(plane.admin().args(["approval", "show", &id.to_string()])).await;
    assert!(shown.done().contains("open: nobody has looked at this emergency yet"), "{}", shown.out);
    let json = finish(plane.admin().args(["--json", "approval", "show", &id.to_string()])).await.json();
    assert_eq!(json["after_review"], serde_json::json!({ "state": "open" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_verified_offline_and_fits_one_action_only() {
    let mut plane = Plane::start().await;
    let opened = finish(plane.runner().args(REQUEST).args(["--json", "--", "true"])).await.json();
    let id = opened["id"].as_str().unwrap().to_owned();
    let mut wait = start(plane.runner().args(["approval", "wait", &id]));
    wait.told("waits for").await;
    finish(plane.runner().args(["approval", "grant", &id])).await.refused(82, &["pending, not approved"]);
    plane.ada.approve(id.parse().unwrap()).await;
    assert!(wait.ended().await.done().contains("is approved"));

    let grant = finish(plane.runner().args(["approval", "grant", &id])).await;
    let (grant_file, action_file) = (plane.home().join("grant.json"), plane.home().join("action.json"));
    fs::write(&grant_file, grant.done()).unwrap();
    fs::write(&action_file, opened["binding"]["action"].to_string()).unwrap();
    plane.stop().await;

    let verify = |subject: &str| {
        let mut verify = plane.runner();
        verify.args(["approval", "verify"]).arg(&grant_file).arg("--action").arg(&action_file);
        verify.args(["--subject", subject]).env_remove("COUNTERSIGN_TOKEN");
        verify
    };
    let mine = "service_account:billing-ci";
    assert!(finish(&mut verify(mine)).await.done().contains("Ada"));
    assert_eq!(finish(verify(mine).arg("--json")).await.json()["approvers"][0]["name"], "Ada");
    finish(&mut verify("service_account:web-deployer")).await.refused(84, &["not what was approved"]);
    finish(verify(mine).args(["--at", "2020-01-01T00:00:00Z"])).await.refused(84, &["review 1 does not count"]);
    finish(verify(mine).args(["--at", "2090-01-01T00:00:00Z"])).await.refused(82, &["could be used until"]);
    finish(verify(mine).args(["--minimum-approvals", "2"])).await.refused(84, &["1 of 2 people"]);
    finish(verify(mine).env_remove("COUNTERSIGN_ROSTER_PIN")).await.refused(84, &["no roster is pinned"]);

    let changed = opened["binding"]["action"].to_string().replace("\"true\"", "\"false\"");
    fs::write(&action_file, changed).unwrap();
    finish(&mut verify(mine)).await.refused(84, &["not what was approved"]);
    fs::write(&action_file, "{}").unwrap();
    finish(&mut verify(mine)).await.refused(64, &["is not what it should be"]);
}
