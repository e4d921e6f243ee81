//! What a draft lets happen that the set in force does not, proved or refuted; and invariants, which a set must keep.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use countersign_tests::plane::{Approver, Plane};
use countersign_tests::until;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Desk, NO_ARTIFACTS, POLICIES, at};

const COMPARE: &str = "/api/v1/policies/compare";

/// Nothing runs in production unless somebody has approved it.
const ATTENDED: &str = r#"
@id("prod-is-attended")
@title("Production is attended")
forbid (principal, action in [Action::"execute", Action::"deploy"], resource)
when { resource.env == Environment::"prod" && !(context has breakGlass) }
unless { context has approval && context.approval.approvers >= 1 };
"#;

/// A draft with that invariant.
async fn attended(desk: &Desk<'_>) -> Value {
    let mut texts = desk.live_texts().await;
    texts["invariants"] = ATTENDED.into();
    desk.drafted(&json!({ "title": "Production is attended", "texts": texts })).await
}

/// Every line of an answer.
async fn lines(desk: &Desk<'_>, body: &Value) -> Vec<Value> {
    let answer = desk.request(Method::POST, COMPARE).json(body).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    answer.text().await.unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

async fn report(desk: &Desk<'_>, body: &Value) -> Value {
    let mut lines = lines(desk, body).await;
    let last = lines.pop().unwrap();
    assert!(lines.iter().all(|line| line["progress"].is_object()), "{lines:?}");
    last["report"].clone()
}

fn proof<'a>(report: &'a Value, aspect: &str, direction: &str) -> &'a Value {
    let proofs = report["proofs"].as_array().unwrap();
    proofs.iter().find(|proof| proof["aspect"] == aspect && proof["direction"] == direction).unwrap()
}

/// A plane whose solver is another program.
async fn with_solver(program: PathBuf) -> Plane {
    Plane::start_told(|settings| settings.proof.solver = Some(program)).await
}

#[tokio::test]
async fn a_set_that_takes_fewer_approvers_is_found_out_with_a_concrete_request() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let mut texts = ada.live_texts().await;
    let policies = texts["policies"].as_str().unwrap();
    let (before, guard) = policies.split_once("@id(\"prod-needs-approval\")").unwrap();
    let (guard, after) = guard.split_once("when {").unwrap();
    texts["policies"] =
        format!("{before}@id(\"prod-needs-approval\"){guard}when {{ principal is ServiceAccount &&\n{after}").into();
    let report = report(&ada, &json!({ "subject": { "texts": texts } })).await;
    assert_eq!(report["changed"], json!(["prod-needs-approval"]));
    let unattended = proof(&report, "unattended", "widens");
    assert_eq!(unattended["proved"], "sometimes", "{unattended:#}");
    let example = &unattended["counterexamples"][0];
    assert_eq!((&example["live"], &example["draft"]), (&json!("require_approval"), &json!("allow")));
    assert_eq!(example["question"]["env"], "prod");
    assert_eq!(proof(&report, "unattended", "narrows")["proved"], "never");
}

#[tokio::test]
async fn a_set_held_against_itself_differs_in_nothing() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let report = report(&ada, &json!({})).await;
    assert_eq!(report["basis"]["draft"], report["basis"]["live"]);
    assert!(report["proofs"].as_array().unwrap().iter().all(|proof| proof["proved"] == "never"), "{report:#}");
}

#[tokio::test]
async fn without_a_solver_everything_is_unknown_and_says_how_to_get_one() {
    let plane = with_solver("/nowhere/cvc5".into()).await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let report = report(&ada, &json!({ "subject": { "draft": draft["id"] } })).await;
    assert!(report["solver"]["problem"].as_str().unwrap().contains("/nowhere/cvc5"), "{}", report["solver"]);
    assert_eq!(proof(&report, "ceiling", "narrows")["proved"], "unknown");
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused_before_the_first_line() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let broken = json!({ "subject": { "texts": { "schema": "", "policies": "permit (" } } });
    let details = ada.post(COMPARE, &broken).await.refused(422, "request.unprocessable");
    assert!(!details["problems"].as_array().unwrap().is_empty());
    let absent = json!({ "subject": { "draft": "drf_01HZY3V5W2M4Q6S8T0XABCDEFG" } });
    ada.post(COMPARE, &absent).await.refused(404, "request.not_found");
    ada.post(COMPARE, &json!({ "subject": { "version": 7 } })).await.refused(404, "request.not_found");
}

/// A solver that is this shell script, put in the place of the one before.
fn solver(folder: &Path, script: &str) -> PathBuf {
    let (new, program) = (folder.join("new"), folder.join("solver"));
    fs::write(&new, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&new, Permissions::from_mode(0o755)).unwrap();
    fs::rename(new, &program).unwrap();
    program
}

/// One that tells its version and then hangs, having written down which process it is.
fn hanging(folder: &Path) -> PathBuf {
    let pids = folder.join("pids");
    let version = "if [ \"$1\" = --version ]; then echo This is cvc5 version 1.0.3; exit; fi";
    solver(folder, &format!("{version}\necho $$ >> {}\nexec sleep 100000", pids.display()))
}

fn pids(folder: &Path) -> Vec<String> {
    fs::read_to_string(folder.join("pids")).unwrap_or_default().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn closing_the_connection_ends_the_work_and_its_solver_and_frees_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let plane = Plane::start_told(|settings| {
        settings.proof.solver = Some(hanging(folder.path()));
        settings.proof.query_timeout = server::Period::seconds(3600);
        settings.proof.total_timeout = server::Period::seconds(3600);
    })
    .await;
    let ada = Desk::founder(&plane).await;
    let draft = ada.with_one_more("Artifacts stay", NO_ARTIFACTS, &json!([])).await;
    let body = json!({ "subject": { "draft": draft["id"] } });
    let mut running = Vec::new();
    for _ in 0..2 {
        let mut answer = ada.request(Method::POST, COMPARE).json(&body).send().await.unwrap();
        let first = answer.chunk().await.unwrap().unwrap();
        assert!(first.starts_with(b"{\"progress\":"), "{first:?}");
        running.push(answer);
    }
    let started = async || Ok((pids(folder.path()).len() == 2).then_some(()));
    until("both solvers run", started).await.unwrap();
    let busy = ada.request(Method::POST, COMPARE).json(&body).send().await.unwrap();
    assert_eq!((busy.status().as_u16(), &busy.headers()["retry-after"].to_str().unwrap()), (503, &"1"));

    drop(running);
    let gone = async || {
        let alive = pids(folder.path()).iter().any(|pid| Path::new("/proc").join(pid).exists());
        Ok((!alive).then_some(()))
    };
    until("no solver is left", gone).await.unwrap();
    let free = async || {
        let answer = ada.request(Method::POST, COMPARE).json(&json!({})).send().await?;
        Ok((answer.status() == 200).then_some(()))
    };
    until("a place is free", free).await.unwrap();
}

#[tokio::test]
async fn an_invariant_that_holds_is_proved_and_one_that_is_broken_is_shown() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = attended(&ada).await;
    ada.publish_approved(&draft, &grace).await.with(200);
    let entry = super::newest_publication(&founder).await;
    let kept = json!({ "results": [{ "id": "prod-is-attended", "proved": "never" }], "accepted_unproved": false });
    assert_eq!(entry.data["invariants"], kept);

    // Dropping the guard breaks it; dropping the invariant with it does not help.
    let live = ada.live_texts().await;
    let policies = live["policies"].as_str().unwrap();
    let (before, guard) = policies.split_once("@id(\"prod-needs-approval\")").unwrap();
    let unguarded = format!("{before}{}", guard.split_once("};").unwrap().1);
    for invariants in [ATTENDED, ""] {
        let texts = json!({ "schema": live["schema"], "policies": unguarded, "invariants": invariants });
        let draft = ada.drafted(&json!({ "title": "Unguarded", "texts": texts })).await;
        let details = ada.publish(&draft, None).await.refused(409, "policy.invariant_broken");
        assert_eq!(details["invariants"][0]["id"], "prod-is-attended");
        assert_eq!(details["invariants"][0]["broken_by"][0]["question"]["env"], "prod");
    }
    assert_eq!(ada.get(POLICIES).await.with(200)["version"], 2);
}

#[tokio::test]
async fn what_no_solver_proved_is_published_only_by_who_takes_it_on_trust() {
    let plane = with_solver("/nowhere/cvc5".into()).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = attended(&ada).await;
    let refused = ada.publish(&draft, None).await;
    let detail = refused.body["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("prod-is-attended") && detail.contains("accept_unproved"), "{detail}");
    assert_eq!(refused.refused(409, "policy.unproved")["invariants"][0]["proved"], "unknown");
    let trusting = |ticket: Value| json!({ "digest": draft["digest"], "ticket": ticket, "accept_unproved": true });
    let waits = ada.post(&at(&draft, "/publish"), &trusting(json!(null))).await.with(202);
    super::approve(&grace, &waits["ticket"]).await;
    // The approval says it: it need not be said again.
    ada.publish(&draft, Some(&waits["ticket"])).await.with(200);
    let entry = super::newest_publication(&founder).await;
    assert_eq!(entry.data["invariants"]["accepted_unproved"], true);
}

#[tokio::test]
async fn an_approval_of_what_was_proved_is_not_one_of_what_is_taken_on_trust() {
    let folder = tempfile::tempdir().unwrap();
    let works = || solver(folder.path(), "exec cvc5 \"$@\"");
    let plane = with_solver(works()).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ada = Desk::founder(&plane).await;
    let draft = attended(&ada).await;
    let proved = ada.publish(&draft, None).await.with(202)["ticket"].clone();
    super::approve(&grace, &proved).await;

    solver(folder.path(), "exit 1");
    ada.publish(&draft, Some(&proved)).await.refused(409, "policy.unproved");
    let body = json!({ "digest": draft["digest"], "ticket": proved, "accept_unproved": true });
    let waits = ada.post(&at(&draft, "/publish"), &body).await.with(202);
    assert_ne!(waits["ticket"], proved, "somebody has to agree to that");
    let seen = grace.api().ticket(waits["ticket"].as_str().unwrap().parse().unwrap()).await.unwrap();
    assert!(seen.found.iter().any(|sentence| sentence.contains("taken on trust")), "{:?}", seen.found);
    assert_eq!(seen.binding.action.command.unwrap().argv.last().unwrap(), "--accept-unproved");
    super::approve(&grace, &waits["ticket"]).await;
    // What can be proved by then is published as what was approved.
    works();
    ada.publish(&draft, Some(&waits["ticket"])).await.with(200);
    let entry = super::newest_publication(&founder).await;
    assert_eq!(entry.data["invariants"]["accepted_unproved"], false);
}

#[tokio::test]
async fn a_broken_invariant_text_is_refused_with_its_place() {
    let plane = Plane::start().await;
    let ada = Desk::founder(&plane).await;
    let mut texts = ada.live_texts().await;
    texts["invariants"] = "\n@id(\"x\") permit (principal, action, resource);".into();
    let checked = ada.post(&format!("{POLICIES}/check"), &json!({ "texts": texts })).await.with(200);
    assert_eq!((&checked["problems"][0]["file"], &checked["problems"][0]["line"]), (&json!("invariants"), &json!(2)));
}
