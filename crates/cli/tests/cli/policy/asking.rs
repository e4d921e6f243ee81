//! `policy simulate`, `who`, `can` and `case`: questions without effect, and a decision as a test.

use std::fs;

use super::{TWO, alone, shipped, write};
use crate::plane::Plane;
use crate::run::finish;

const NIGHTLY: &[&str] = &["--action", "pipelines:execute", "--resource", "pipeline:billing/nightly", "--env", "prod"];

#[tokio::test]
async fn a_folder_answers_without_a_control_plane() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(Some(TWO)), None);
    let ask = async |more: &[&str]| {
        let mut command = alone(home.path(), &["simulate", "--dir", "policies", "--principal", "service_account:ci"]);
        finish(command.args(NIGHTLY).args(more)).await
    };
    let waits = ask(&[]).await;
    let out = waits.done();
    assert!(out.starts_with("answer      needs approval\n"), "{out}");
    assert!(out.contains("it takes    2 approvers") && out.contains("> prod-needs-approval"), "{out}");
    assert!(waits.err.contains("answered here"), "{}", waits.err);
    assert!(ask(&["--approvers", "1"]).await.done().starts_with("answer      needs approval"));
    assert!(ask(&["--approvers", "2"]).await.done().starts_with("answer      allowed"));
    let denied = ask(&["--scope", "logs:read"]).await;
    assert!(denied.done().contains("because     no policy permits it"), "{}", denied.out);
    let glass = ask(&["--context", "break_glass=the site is down", "--json"]).await.json();
    assert_eq!(glass["reasons"][0]["policy"], "break-glass");
    assert_eq!(glass["question"]["context"]["break_glass"], "the site is down");

    ask(&["--context", "approvers=2"]).await.refused(64, &["`--context`: unknown field `approvers`"]);
    let mut unknown = alone(home.path(), &["simulate", "--dir", "policies", "--principal", "service_account:ci"]);
    unknown.args(["--action", "pipelines:exekute", "--resource", "pipeline:a/b", "--env", "prod"]);
    finish(&mut unknown).await.refused(64, &["pipelines:exekute", "pipelines:execute"]);
    let mut missing = alone(home.path(), &["simulate", "--dir", "policies", "--principal", "service_account:ci"]);
    missing.args(["--action", "pipelines:execute", "--env", "prod"]);
    finish(&mut missing).await.refused(64, &["--resource"]);
    let mut nobody = alone(home.path(), &["simulate", "--dir", "policies", "--principal", "ci"]);
    finish(nobody.args(NIGHTLY)).await.refused(64, &["`principal` is `ci`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recorded_decision_becomes_a_case_that_the_set_in_force_passes() {
    let plane = Plane::start().await;
    let (run, _) = plane.waiting(plane.exec().args(["--", "true"])).await;
    drop(run);
    let trail = plane.ada.api.trail(&[("kind", "decision.made")]).await.unwrap();
    let id = trail.items[0].entry().unwrap().about.unwrap();

    finish(plane.admin().args(["policy", "pull", "policies"])).await.done();
    let case = ["policy", "case", "--decision", &id, "--name", "Nightly waits for somebody"];
    let printed = finish(plane.admin().args(case)).await;
    assert!(printed.done().starts_with("- name: \"Nightly waits for somebody\"\n  principal: "), "{}", printed.out);
    fs::write(plane.home().join("policies/tests/cases.yaml"), printed.done()).unwrap();
    let tested = finish(&mut alone(plane.home(), &["test", "policies"])).await;
    assert!(tested.done().contains("1 of 1 case passed"), "{tested:?}");
    let other = finish(plane.admin().args(case).args(["--expect", "allow"])).await;
    fs::write(plane.home().join("policies/tests/cases.yaml"), other.done()).unwrap();
    finish(&mut alone(plane.home(), &["test", "policies"])).await.refused(86, &["1 case fails"]);

    let missing = ["policy", "case", "--decision", "dec_01HZY3V5W2M4Q6S8T0XABCDEFG"];
    finish(plane.admin().args(missing)).await.refused(66, &["is not in the audit trail"]);
    let lines: Vec<_> = trail.items.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    fs::write(plane.home().join("audit.jsonl"), format!("{{\"foreign\": 1}}\n\n{}\n{{\"cut", lines.join("\n")))
        .unwrap();
    let exported = finish(&mut alone(plane.home(), &[&case[1..], &["--export", "audit.jsonl"]].concat())).await;
    assert_eq!(exported.done(), printed.out);
    let missing = finish(&mut alone(plane.home(), &[&missing[1..], &["--export", "audit.jsonl"]].concat())).await;
    missing.refused(66, &["is not in `audit.jsonl`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_fills_in_what_it_knows_and_says_who_can() {
    let plane = Plane::start().await;
    let simulate = ["policy", "simulate", "--principal", "service_account:billing-ci"];
    let asked = finish(plane.admin().args(simulate).args(NIGHTLY)).await;
    assert!(asked.done().starts_with("answer      needs approval\n"), "{}", asked.out);
    assert!(asked.out.contains("pipelines:execute, ") || asked.out.contains(", pipelines:execute"), "{}", asked.out);
    assert!(
        finish(plane.admin().args(simulate).args(NIGHTLY).args(["--approvers", "1"])).await.done().contains("allowed")
    );
    let unknown = ["policy", "simulate", "--principal", "service_account:billing-c"];
    finish(plane.admin().args(unknown).args(NIGHTLY)).await.refused(64, &["billing-c"]);

    let who = finish(plane.admin().args(["policy", "who"]).args(NIGHTLY)).await;
    let row = who.done().lines().find(|line| line.contains("service_account:billing-ci")).unwrap();
    assert!(row.contains("needs approval by 1") && row.contains("prod-needs-approval"), "{}", who.out);
    let can = ["policy", "can", "--principal", "service_account:reporting-agent", "--env", "prod"];
    let can = finish(plane.admin().args(can)).await;
    assert!(can.done().contains("logs:read") && !can.out.contains("pipelines:execute"), "{}", can.out);

    // The same of a set that is stored nowhere.
    write(plane.home(), "policies", &shipped(Some(TWO)), None);
    let two = finish(plane.admin().args(["policy", "who", "--dir", "policies"]).args(NIGHTLY)).await;
    assert!(two.done().contains("needs approval by 2"), "{}", two.out);
}
