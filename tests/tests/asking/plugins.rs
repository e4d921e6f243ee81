use std::path::Path;

use contract::Code;
use countersign_tests::deploy::fresh_key;
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::until;
use domain::review::Verdict;
use serde_json::{Value, json};
use server::Plugin;

use crate::{Caller, nightly};

const DECIDE: &str = "/api/v1/authz/decisions";

fn plugin(name: &str, command: &[&str]) -> Plugin {
    Plugin {
        name: name.into(),
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        actions: Vec::new(),
        envs: Vec::new(),
        environment: Vec::new(),
        timeout_ms: 20_000,
        max_concurrent: 4,
    }
}

/// One that says this, whatever it is asked.
fn saying(name: &str, says: &Value) -> Plugin {
    plugin(name, &["printf", "%s", &says.to_string()])
}

async fn with(plugins: Vec<Plugin>) -> Plane {
    Plane::start_told(|settings| settings.plugins = plugins).await
}

/// What one plugin makes of a run that policy allows.
async fn asked(plugin: Plugin) -> Value {
    let plane = with(vec![plugin]).await;
    let (status, answer) = Caller::sample(&plane).post(DECIDE, nightly("dev")).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test]
async fn a_plugin_makes_an_answer_stricter_and_its_entry_says_how() {
    let plane = with(vec![saying("friday", &json!({ "outcome": "deny", "reason": "not on a Friday" }))]).await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let (_, denied) = ci.post(DECIDE, nightly("dev")).await;
    assert_eq!(denied["outcome"], "deny", "{denied}");
    let reason = json!({ "policy": "plugin:friday", "title": "friday", "sentence": "not on a Friday" });
    assert_eq!(denied["reasons"], json!([reason]));
    let entry = &ada.decisions().await[0]["data"];
    assert_eq!((&entry["answer"]["outcome"], &entry["answer"]["ground"]), (&json!("deny"), &json!("plugin_denied")));
    assert_eq!(entry["policy_answer"]["outcome"], "allow");
    assert_eq!(
        (&entry["plugins"][0]["plugin"], &entry["plugins"][0]["effect"]),
        (&json!("friday"), &json!("stricter"))
    );
    assert!(entry["plugins"][0]["took_ms"].is_u64());
    let (status, refused) = ci.post("/api/v1/tasks", json!({ "decision": denied["id"] })).await;
    assert_eq!(status, 422, "what a plugin denies does not begin: {refused}");
}

#[tokio::test]
async fn a_plugin_that_has_nothing_against_it_changes_nothing() {
    assert_eq!(asked(saying("quiet", &json!({}))).await["outcome"], "allow");
    assert_eq!(asked(saying("friendly", &json!({ "outcome": "allow" }))).await["outcome"], "allow");
    let elsewhere = Plugin { envs: vec!["prod".into()], ..plugin("elsewhere", &["false"]) };
    assert_eq!(asked(elsewhere).await["outcome"], "allow");
    let other = Plugin { actions: vec!["artifacts:read".into()], ..plugin("other", &["false"]) };
    assert_eq!(asked(other).await["outcome"], "allow");
}

#[tokio::test]
async fn a_plugin_cannot_loosen_and_the_entry_says_that_it_tried() {
    let plane = with(vec![saying("loose", &json!({ "outcome": "allow" }))]).await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let (_, answer) = ci.post(DECIDE, nightly("prod")).await;
    assert_eq!((&answer["outcome"], &answer["requirement"]["quorum"]), (&json!("require_approval"), &json!(1)));
    assert_eq!(ada.decisions().await[0]["data"]["plugins"][0]["effect"], "ignored_as_looser");
    let mut lacking = nightly("dev");
    lacking["action"] = "pipelines:stop".into();
    let (_, denied) = ci.post(DECIDE, lacking).await;
    assert_eq!(denied["outcome"], "deny");
    assert!(ada.decisions().await[0]["data"].get("plugins").is_none(), "nobody is asked where policy denies");
}

#[tokio::test]
async fn a_plugin_that_fails_denies_by_name_and_says_why() {
    let short = |command: &[&str]| Plugin { timeout_ms: 300, ..plugin("bad", command) };
    for (plugin, why) in [
        (plugin("bad", &["cat", "/dev/zero"]), "more than 65536 bytes"),
        (short(&["sleep", "1000"]), "longer than 300 ms"),
        (short(&["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 1; done"]), "longer than 300 ms"),
        (short(&["sh", "-c", "exec 1>&- 2>&-; sleep 1000"]), "longer than 300 ms"),
        (short(&["sh", "-c", "cat /dev/zero >&2"]), "longer than 300 ms"),
        (plugin("bad", &["echo", "allow"]), "no JSON of the form"),
        (plugin("bad", &["echo", "{\"outcome\":\"allow\",\"really\":true}"]), "no JSON of the form"),
        (plugin("bad", &["true"]), "answered nothing"),
        (plugin("bad", &["sh", "-c", "echo '{}'; exit 3"]), "exit status: 3"),
        (plugin("bad", &["sh", "-c", "echo '{}'; kill -9 $$"]), "signal: 9"),
        (plugin("bad", &["/nowhere/at/all"]), "cannot be started"),
    ] {
        let command = plugin.command.clone();
        let answer = asked(plugin).await;
        assert_eq!((&answer["outcome"], &answer["reasons"][0]["policy"]), (&json!("deny"), &json!("plugin:bad")));
        assert!(answer["reasons"][0]["sentence"].as_str().unwrap().contains(why), "{command:?}: {answer}");
    }
}

#[tokio::test]
async fn what_a_plugin_leaves_behind_is_ended_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let leaves = format!("sleep 1000 & echo $! > {}; echo '{{}}'", pid.display());
    let answer = asked(plugin("forks", &["sh", "-c", &leaves])).await;
    assert_eq!(answer["outcome"], "allow", "its child held its output open, and that held nobody up: {answer}");
    let left: u32 = std::fs::read_to_string(pid).unwrap().trim().parse().unwrap();
    until("the child is gone", async || {
        let status =
            std::fs::read_to_string(Path::new("/proc").join(left.to_string()).join("stat")).unwrap_or_default();
        let gone = status.rsplit(") ").next().is_none_or(|rest| rest.is_empty() || rest.starts_with('Z'));
        Ok(gone.then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_plugin_is_told_the_question_and_has_no_variable_that_nobody_named() {
    let script = "import json,os,sys; t=json.load(sys.stdin); v=sorted(set(os.environ)-{'LC_CTYPE'}); \
                  print(json.dumps({'outcome':'deny','reason':' '.join([t['stage'],t['question']['action'],\
                  t['answer']['outcome'],os.getcwd()]+v)}))";
    let answer = asked(plugin("teller", &["python3", "-c", script])).await;
    assert_eq!(answer["reasons"][0]["sentence"], "decision pipelines:execute allow / PATH", "{answer}");
}

#[tokio::test]
async fn a_slow_plugin_holds_up_nobody_but_its_own_caller() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let waits = format!("while [ ! -e {} ]; do sleep 0.05; done; echo '{{}}'", go.display());
    let slow = Plugin { envs: vec!["prod".into()], timeout_ms: 60_000, ..plugin("slow", &["sh", "-c", &waits]) };
    let plane = with(vec![slow]).await;
    let (ada, ci) = (Caller::founder(&plane).await, Caller::sample(&plane));
    let others = async {
        for _ in 0..3 {
            assert_eq!(ci.post(DECIDE, nightly("dev")).await.1["outcome"], "allow");
        }
        assert_eq!(ada.decisions().await.len(), 3, "the slow one is not there yet");
        std::fs::write(&go, "").unwrap();
    };
    let (answer, ()) = tokio::join!(ci.post(DECIDE, nightly("prod")), others);
    assert_eq!(answer.1["outcome"], "require_approval", "{answer:?}");
    assert_eq!(ada.decisions().await.len(), 4);
}

#[tokio::test]
async fn a_ticket_takes_what_a_plugin_asks_for_and_is_spent_once_that_is_met() {
    let asks = json!({ "outcome": "require_approval", "approvers": 2, "reason": "two people on a release day" });
    let plane = with(vec![saying("release-day", &asks)]).await;
    let founder = Approver::founder(&plane).await;
    let second = founder.invite("grace@example.com", "Grace").await;
    let runner = plane.runner();
    let opening = contract::approvals::OpenTicket {
        budget: None,
        action: serde_json::from_value(nightly("dev")).unwrap(),
        statement: domain::ticket::Statement::default(),
        resource_hash: None,
        command_hash: None,
    };
    let ticket = runner.open_ticket(&opening, "key-1").await.unwrap();
    assert_eq!(ticket.requirement.quorum, 2, "policy alone would allow it");
    assert_eq!(ticket.reasons[0].sentence, "two people on a release day");
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    let early = runner.consume(ticket.id, &opening.action, &fresh_key()).await.unwrap_err();
    assert_eq!(early.code(), Some(Code::NotApproved));
    let approved = second.review(&ticket, Verdict::Approve, None).await.unwrap();
    assert_eq!(approved.state.name(), "approved");
    runner.consume(ticket.id, &opening.action, &fresh_key()).await.unwrap();
}

#[tokio::test]
async fn a_plugin_that_changes_its_mind_stops_an_approved_ticket() {
    let folder = tempfile::tempdir().unwrap();
    let frozen = folder.path().join("frozen");
    let script = format!(
        "if [ -e {} ]; then echo '{{\"outcome\":\"deny\",\"reason\":\"frozen\"}}'; else echo '{{}}'; fi",
        frozen.display()
    );
    let plane = with(vec![plugin("freeze", &["sh", "-c", &script])]).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let mut action = nightly("prod");
    action["command"] = json!({ "argv": ["./nightly.sh"], "working_directory": "/srv" });
    let opening = contract::approvals::OpenTicket {
        budget: None,
        action: serde_json::from_value(action).unwrap(),
        statement: domain::ticket::Statement::default(),
        resource_hash: None,
        command_hash: None,
    };
    let ticket = runner.open_ticket(&opening, "key-1").await.unwrap();
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    std::fs::write(&frozen, "").unwrap();
    let refused = runner.consume(ticket.id, &opening.action, &fresh_key()).await.unwrap_err();
    assert_eq!(refused.code(), Some(Code::PolicyChanged));
    assert!(refused.to_string().contains("frozen"), "{refused}");
    std::fs::remove_file(&frozen).unwrap();
    runner.consume(ticket.id, &opening.action, &fresh_key()).await.unwrap();
}

#[tokio::test]
async fn a_simulation_asks_no_plugin_and_says_which_a_decision_would() {
    let plane = with(vec![saying("friday", &json!({ "outcome": "deny" }))]).await;
    let ada = Caller::founder(&plane).await;
    let question = crate::question("service_account:billing-ci", "dev");
    let (_, answer) = ada.post(crate::SIMULATE, json!({ "question": question })).await;
    assert_eq!((&answer["outcome"], &answer["plugins"]), (&json!("allow"), &json!(["friday"])), "{answer}");
    let batch = json!({ "actions": [nightly("dev"), nightly("prod"), nightly("dev")] });
    let (_, answered) = Caller::sample(&plane).post("/api/v1/authz/decisions/batch", batch).await;
    let denied = |one: &Value| one["decision"]["reasons"][0]["policy"] == "plugin:friday";
    assert!(answered["answers"].as_array().unwrap().iter().all(denied), "{answered}");
}

#[tokio::test]
async fn the_example_lets_approvers_run_and_tells_others_what_is_missing() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/plugins/auth_plugin.py");
    let plane = with(vec![plugin("roles", &["python3", example])]).await;
    let ada = Caller::founder(&plane).await;
    let (_, denied) = Caller::sample(&plane).post(DECIDE, nightly("dev")).await;
    assert_eq!((&denied["outcome"], &denied["reasons"][0]["sentence"]), (&json!("deny"), &json!("Missing approval")));
    let scopes = ["decisions:request", "pipelines:execute"];
    let body = json!({ "name": "releaser", "scopes": scopes, "team": "approver" });
    let (_, made) = ada.post("/api/v1/auth/service-accounts", body).await;
    let releaser = Caller { plane: &plane, token: made["secret"].as_str().unwrap().to_owned() };
    assert_eq!(releaser.post(DECIDE, nightly("dev")).await.1["outcome"], "allow");
}

#[tokio::test]
async fn a_plugin_that_cannot_be_used_keeps_the_control_plane_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Plane::settings(folder.path());
    settings.plugins = vec![plugin("relative", &["./auth_plugin.py"])];
    let refused = server::start(settings).await.err().unwrap().to_string();
    assert!(refused.contains("`plugins.command` of `relative`"), "{refused}");
}
