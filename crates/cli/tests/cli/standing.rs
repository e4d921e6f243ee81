//! `exec --standing`: one approval, the same command so many times, and what is said of it.

use std::fs;

use serde_json::json;

use crate::plane::Plane;
use crate::run::finish;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_as_often_as_was_approved_and_not_once_more() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "echo ran >> runs");
    let (run, id) = plane.waiting(plane.exec().args(["--standing", "3/10m", "--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    let first = run.ended().await;
    first.done();
    for words in ["to be used up to 3 times within 10 min", "use 1 of 3 of ticket", &format!("--ticket {id}")] {
        assert!(first.err.contains(words), "`{words}` is not in: {}", first.err);
    }
    let text = id.to_string();
    let again = |command: &str| {
        let mut exec = plane.exec();
        exec.args(["--ticket", &text, "--", command]);
        exec
    };
    plane.script("other.sh", "touch other");
    finish(&mut again("./other.sh")).await.refused(84, &["differs", "nothing ran"]);
    let second = finish(&mut again("./deploy.sh")).await;
    second.done();
    assert!(second.err.contains("use 2 of 3") && second.err.contains("run the same with"), "{}", second.err);

    let shown = finish(plane.runner().args(["approval", "show", &text])).await;
    let shown = shown.done();
    assert!(shown.contains("up to 3 times within 10 min") && shown.contains("2 of 3"), "{shown}");
    let whole = finish(plane.runner().args(["--json", "approval", "show", &text])).await.json();
    assert_eq!(whole["binding"]["budget"], json!({ "uses": 3, "window_seconds": 600 }));
    assert_eq!(whole["uses"].as_array().unwrap().len(), 2);

    let third = finish(&mut again("./deploy.sh")).await;
    third.done();
    assert!(third.err.contains("use 3 of 3") && third.err.contains("it was the last"), "{}", third.err);
    finish(&mut again("./deploy.sh")).await.refused(83, &["all 3 uses of ticket", "are spent"]);
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n".repeat(3));
    assert!(!plane.has("other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_policy_does_not_allow_is_refused_with_its_guard() {
    let plane = Plane::start().await;
    let told = finish(plane.exec().args(["--standing", "6/10m", "--", "true"])).await;
    told.refused(64, &["budget: `prod-needs-approval` allows at most 5 in 15m, and 6 in 10m was asked for"]);
    finish(plane.exec().args(["--standing", "1/10m", "--", "true"])).await.refused(64, &["2 to 50 uses"]);
    finish(plane.exec().args(["--standing", "5", "--", "true"])).await.refused(64, &["like `5/15m`"]);
    let both = ["--standing", "2/1m", "--ticket", "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG", "--", "true"];
    finish(plane.exec().args(both)).await.refused(64, &["cannot be used with"]);
    assert!(plane.ada.api.inbox(&[]).await.unwrap().items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_revoked_by_whoever_may_review_and_then_nothing_runs() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "echo ran >> runs");
    let (run, id) = plane.waiting(plane.exec().args(["--standing", "5/15m", "--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    run.ended().await.done();
    let text = id.to_string();
    let revoke = ["approval", "revoke", &text, "--reason", "wrong release"];
    finish(plane.runner().args(revoke)).await.refused(80, &["approvals:review"]);
    let revoked = finish(plane.admin().args(revoke)).await;
    assert_eq!(revoked.done(), format!("{id} is cancelled, used 1 of 5 times\n"));
    let late = finish(plane.exec().args(["--ticket", &text, "--", "./deploy.sh"])).await;
    late.refused(82, &["was revoked by a reviewer: wrong release"]);
    finish(plane.admin().args(revoke)).await.refused(83, &["cancelled already"]);
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_of_a_standing_approval_is_verified_offline_with_its_budget() {
    let mut plane = Plane::start().await;
    let request = ["approval", "request", "--env", "prod", "--action", "pipelines:execute", "--resource"];
    let more = ["pipeline:billing/nightly", "--standing", "2/5m", "--", "true"];
    let opened = finish(plane.runner().args(request).args(more)).await;
    let id = opened.done().trim().parse().unwrap();
    let ticket = plane.ada.approve(id).await;
    let grant = finish(plane.runner().args(["approval", "grant", &id.to_string()])).await.json();
    fs::write(plane.home().join("action.json"), json!(ticket.binding.action).to_string()).unwrap();
    plane.stop().await;
    let verify = async |grant: &serde_json::Value| {
        fs::write(plane.home().join("grant.json"), grant.to_string()).unwrap();
        let args = ["--json", "approval", "verify", "grant.json", "--action", "action.json", "--subject"];
        finish(plane.runner().args(args).arg("service_account:billing-ci")).await
    };
    let verified = verify(&grant).await.json();
    assert_eq!(verified["budget"], json!({ "uses": 2, "window_seconds": 300 }));
    let mut raised = grant.clone();
    raised["budget"]["uses"] = 50.into();
    verify(&raised).await.refused(84, &["what would run now is not what was approved"]);
    let mut longer = grant;
    longer["execution_expires_at"] = "2099-01-01T00:00:00Z".into();
    let until = verify(&longer).await.json()["execution_expires_at"].as_str().unwrap().to_owned();
    assert!(!until.starts_with("2099"), "{until}: what was signed ends it");
}
