//! `exec`: what runs, what does not, and how it ends.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use contract::tasks::TaskState;
use domain::ticket::State;
use nix::sys::signal::Signal;

use crate::plane::{Plane, script};
use crate::run::{finish, start};

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_command_runs_with_its_streams_and_its_exit_code() {
    let plane = Plane::start().await;
    let secrets = "env | grep -cE '^COUNTERSIGN_(TOKEN|MANIFEST_KEY)='";
    plane.script("deploy.sh", &format!("echo \"$@ in $REGION\"; {secrets}; cat; echo done >&2; exit 7"));
    let mut exec = plane.exec();
    exec.env("COUNTERSIGN_MANIFEST_KEY", "AAAA");
    exec.args(["--bind-env", "REGION", "--title", "Nightly", "--", "./deploy.sh", "--flag", "two words"]);
    let (mut run, id) = plane.waiting(exec.env("REGION", "eu-1")).await;

    let ticket = plane.ada.api.ticket(id).await.unwrap();
    let command = ticket.binding.action.command.unwrap();
    assert_eq!(command.argv, ["./deploy.sh", "--flag", "two words"]);
    assert_eq!(command.environment["REGION"], "eu-1");
    assert!(command.executable_digest.is_some());
    assert_eq!(ticket.binding.action.context["execution_context"], "cli");
    assert_eq!(ticket.statement.title.as_deref(), Some("Nightly"));

    plane.ada.approve(id).await;
    run.said("--flag two words in eu-1").await;
    run.write("streamed\n").await;
    run.said("streamed").await;
    let ended = run.ended().await;
    ended.refused(7, &["waits for 1 approval", "approved by Ada; verified against roster version 1", "\ndone\n"]);
    assert_eq!(ended.out, "--flag two words in eu-1\n0\nstreamed\n", "the command gets no secrets");

    let task = plane.ada.api.ticket(id).await.unwrap().task.unwrap();
    assert_eq!((task.state, task.exit_code), (TaskState::Failed, Some(7)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_is_told_word_for_word() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.deny(id, "nicht am Freitag – später").await;
    run.ended().await.refused(81, &["Ada denied ticket", "nicht am Freitag – später"]);
    assert!(!plane.has("ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_file_that_was_replaced_while_it_waited_does_not_run() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.script("deploy.sh", "touch ran; rm -rf everything");
    plane.ada.approve(id).await;
    run.ended().await.refused(84, &["`command.executable_digest` differs"]);
    assert!(!plane.has("ran"));
    let ticket = plane.ada.api.ticket(id).await.unwrap();
    assert_eq!(ticket.state.name(), "approved", "it was not spent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_was_moved_while_it_waited_stops_it() {
    let plane = Plane::start().await;
    let folder = plane.home().join("work");
    fs::create_dir(&folder).unwrap();
    script(&folder.join("deploy.sh"), "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"]).current_dir(&folder)).await;
    fs::rename(&folder, plane.home().join("elsewhere")).unwrap();
    plane.ada.approve(id).await;
    run.ended().await.refused(84, &["`command.working_directory` differs"]);
    assert!(!plane.has("elsewhere/ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_runs_later_as_it_was_asked_for_and_only_once() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "echo ran >> runs");
    let with = |more: &[&str], region: &str, command: &[&str]| {
        let mut exec = plane.exec();
        exec.args(["--bind-env", "REGION"]).args(more).arg("--").args(command).env("REGION", region);
        exec
    };
    let ended = finish(&mut with(&["--no-wait"], "eu-1", &["./deploy.sh"])).await;
    ended.refused(82, &["is not approved yet", "--ticket tkt_"]);
    let text = ended.out.trim().to_owned();
    let id = text.parse().unwrap();
    finish(&mut with(&["--no-wait", "--ticket", &text], "eu-1", &["./deploy.sh"]))
        .await
        .refused(82, &["not approved yet"]);
    plane.ada.approve(id).await;

    let ticket = ["--ticket", &text];
    let argument = finish(&mut with(&ticket, "eu-1", &["./deploy.sh", "--force"])).await;
    argument.refused(84, &["`command.argv` differs", "nothing ran"]);
    finish(&mut with(&ticket, "us-1", &["./deploy.sh"])).await.refused(84, &["`command.environment` differs"]);
    let elsewhere = tempfile::tempdir().unwrap();
    let mut moved = with(&ticket, "eu-1", &[plane.home().join("deploy.sh").to_str().unwrap()]);
    finish(moved.current_dir(elsewhere.path())).await.refused(84, &["differs"]);
    assert!(!plane.has("runs"));

    finish(&mut with(&ticket, "eu-1", &["./deploy.sh"])).await.done();
    finish(&mut with(&ticket, "eu-1", &["./deploy.sh"])).await.refused(83, &["was consumed", "it works once"]);
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_race_for_one_ticket_one_runs() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "echo ran >> runs");
    let (first, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    let mut second = start(plane.exec().args(["--ticket", &id.to_string(), "--", "./deploy.sh"]));
    second.told("waits for").await;
    plane.ada.approve(id).await;
    let (first, second) = (first.ended().await, second.ended().await);
    let mut codes = [first.code.unwrap(), second.code.unwrap()];
    codes.sort_unstable();
    assert_eq!(codes, [0, 83], "{first:?} {second:?}");
    assert_eq!(fs::read_to_string(plane.home().join("runs")).unwrap(), "ran\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_executors_own_minimum_is_not_waived_by_the_control_plane() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let two = ["--minimum-approvals", "2"];
    let early = finish(plane.exec().args(two).args(["--", "./deploy.sh"])).await;
    early.refused(84, &["demands 2 approvals and the control plane asks for 1 of them in `prod`"]);
    assert!(plane.ada.api.inbox(&[]).await.unwrap().items.is_empty(), "nobody is asked in vain");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh", "--slowly"])).await;
    let mut late = start(plane.exec().args(two).args(["--ticket", &id.to_string(), "--", "./deploy.sh", "--slowly"]));
    late.told("waits for").await;
    run.signal(Signal::SIGSTOP);
    plane.ada.approve(id).await;
    late.ended().await.refused(84, &["1 of 2 people approved"]);
    run.signal(Signal::SIGKILL);
    run.ended().await;

    let dev = |more: &[&str]| {
        let mut exec = plane.runner();
        exec.args(["exec", "--env", "dev", "--action", "pipelines:execute", "--resource", "pipeline:a"]);
        exec.args(more).args(["--", "./deploy.sh"]);
        exec
    };
    finish(&mut dev(&["--minimum-approvals", "1"])).await.refused(84, &["without approval; it cannot waive that"]);
    fs::create_dir_all(plane.config()).unwrap();
    let trusted = serde_json::json!({ &plane.url: { "minimum_approvals": { "dev": 1 } } });
    fs::write(plane.config().join("trust.json"), trusted.to_string()).unwrap();
    finish(&mut dev(&["--minimum-approvals", "0"])).await.refused(84, &["demands 1 approval"]);
    assert!(!plane.has("ran"));

    fs::remove_file(plane.config().join("trust.json")).unwrap();
    finish(&mut dev(&[])).await.done();
    assert!(plane.has("ran"));
    let tasks = plane.ada.api.tasks(None).await.unwrap().items;
    assert_eq!((tasks.len(), tasks[0].exit_code), (1, Some(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_policy_denies_does_not_run() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let mut exec = plane.runner();
    exec.args(["exec", "--env", "prod", "--action", "deploy.app.update", "--resource", "app:shop"]);
    finish(exec.args(["--", "./deploy.sh"])).await.refused(80, &["policy denies it"]);
    assert!(!plane.has("ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_told_before_anything_is_asked() {
    let plane = Plane::start().await;
    fs::write(plane.home().join("plain.txt"), "x").unwrap();
    finish(plane.exec().args(["--", "./none"])).await.refused(127, &["/none` was not found"]);
    finish(plane.exec().args(["--", "no-such-program"])).await.refused(127, &["`no-such-program` was not found"]);
    finish(plane.exec().args(["--", "./plain.txt"])).await.refused(126, &["cannot be executed", "chmod +x"]);
    finish(plane.exec().args(["--bind-env", "NOT_SET", "--", "true"])).await.refused(64, &["`NOT_SET` is not set"]);
    let help = finish(plane.runner().args(["exec", "--help"])).await;
    for secret in ["COUNTERSIGN_TOKEN", "COUNTERSIGN_MANIFEST_KEY"] {
        finish(plane.exec().args(["--bind-env", secret, "--", "true"])).await.refused(64, &[secret, "cannot be bound"]);
        assert!(help.done().contains(secret), "{}", help.out);
    }
    finish(plane.exec().arg("--").arg("true").arg(OsStr::from_bytes(b"\xff"))).await.refused(64, &["argument 1"]);
    finish(&mut plane.exec()).await.refused(64, &[]);
    let inbox = plane.ada.api.inbox(&[]).await.unwrap();
    assert!(inbox.items.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_call_is_told_why() {
    let plane = Plane::start().await;
    let args = ["exec", "--env", "dev", "--action", "pipelines:execute", "--resource", "pipeline:a", "--", "true"];
    finish(plane.runner().args(args).env_remove("COUNTERSIGN_TOKEN")).await.refused(77, &["there is no token"]);
    finish(plane.runner().args(args).env("COUNTERSIGN_TOKEN", "cs_svt_00")).await.refused(77, &["damaged"]);
    let other = Plane::start().await;
    let stranger = finish(plane.runner().args(args).env("COUNTERSIGN_TOKEN", &other.token)).await;
    stranger.refused(77, &["the credential is not valid", "hint:"]);
    assert!(!stranger.err.contains(&other.token));
    finish(plane.runner().args(args).env_remove("COUNTERSIGN_URL")).await.refused(64, &["no control plane is named"]);
    let silent = finish(plane.runner().args(args).env("COUNTERSIGN_URL", "http://127.0.0.1:1")).await;
    silent.refused(69, &["http://127.0.0.1:1 does not answer"]);
    let clear = finish(plane.runner().args(args).env("COUNTERSIGN_URL", "http://cs.example.com")).await;
    clear.refused(64, &["unencrypted"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_limited_leaves_the_ticket_for_later() {
    let plane = Plane::start().await;
    let ended = finish(plane.exec().args(["--wait", "0s", "--", "true"])).await;
    ended.refused(82, &["was not approved within 0 seconds", "--ticket tkt_"]);
    let inbox = plane.ada.api.inbox(&[]).await.unwrap();
    assert_eq!(inbox.items.len(), 1);
    assert_eq!(inbox.items[0].state, State::Pending);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_can_come_from_a_file() {
    let plane = Plane::start().await;
    let file = plane.home().join("token");
    fs::write(&file, format!("{}\n", plane.token)).unwrap();
    let mut whoami = plane.runner();
    whoami.args(["whoami", "--token-file"]).arg(&file).env_remove("COUNTERSIGN_TOKEN");
    assert!(finish(&mut whoami).await.done().contains("service_account:billing-ci"));
    let mut missing = plane.runner();
    missing.args(["whoami", "--token-file", "none"]);
    finish(&mut missing).await.refused(74, &["`none` cannot be used"]);
}
