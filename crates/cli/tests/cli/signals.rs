//! Being asked to end: before the command runs, and while it does. A control plane that goes away meanwhile.

use nix::sys::signal::Signal;

use crate::plane::{Approver, Plane};
use crate::run::start;
use crate::serve::{Served, runner};

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_while_it_waits_takes_the_ticket_back() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    run.signal(Signal::SIGTERM);
    run.ended().await.refused(143, &["was cancelled"]);
    assert_eq!(plane.ada.api.ticket(id).await.unwrap().state.name(), "cancelled");
    assert!(!plane.has("ran"));

    let mut other = plane.exec();
    let (run, id) = plane.waiting(other.args(["--", "./deploy.sh"])).await;
    let mut second = start(plane.exec().args(["--ticket", &id.to_string(), "--", "./deploy.sh"]));
    second.told("waits for").await;
    second.signal(Signal::SIGINT);
    assert_eq!(second.ended().await.code, Some(130));
    assert_eq!(plane.ada.api.ticket(id).await.unwrap().state.name(), "pending", "it was not its own to take back");
    run.signal(Signal::SIGTERM);
    run.ended().await.refused(143, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_are_handed_on_and_the_end_is_the_commands_own() {
    let plane = Plane::start().await;
    let trap = "trap 'echo usr1' USR1; trap 'echo term; exit 42' TERM; echo ready; while :; do read -r line; done";
    plane.script("deploy.sh", trap);
    let (mut run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    run.said("ready").await;
    run.signal(Signal::SIGUSR1);
    // A shell runs its trap once its read returns.
    run.write("\n").await;
    run.said("usr1").await;
    run.signal(Signal::SIGTERM);
    run.write("\n").await;
    run.said("term").await;
    assert_eq!(run.ended().await.code, Some(42));

    plane.script("deploy.sh", "kill -KILL $$");
    let (run, id) = plane.waiting(plane.exec().args(["--", "./deploy.sh"])).await;
    plane.ada.approve(id).await;
    assert_eq!(run.ended().await.code, Some(128 + 9));
    assert_eq!(plane.ada.api.ticket(id).await.unwrap().task.unwrap().signal, Some(9));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_control_plane_that_dies_while_a_ticket_waits_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::found(folder.path(), "127.0.0.1:0").await;
    let ada = Approver::found_roster(&served.url).await;
    let mut exec = runner(folder.path(), &served.url, &ada.pin);
    exec.args(["exec", "--env", "prod", "--action", "pipelines:execute", "--resource", "pipeline:billing/nightly"]);
    let mut run = start(exec.args(["--", "echo", "ran"]));
    let id = crate::plane::id_in(&run.told("waits for").await);

    let address = served.address();
    served.die().await;
    run.told("does not answer; waiting").await;
    let served = Served::start(folder.path(), &address).await;
    run.told("it answers again").await;
    ada.approve(id).await;
    let ended = run.ended().await;
    assert_eq!(ended.done(), "ran\n");
    assert_eq!(ended.err.matches("does not answer; waiting").count(), 1, "{}", ended.err);
    assert_eq!(ada.api.ticket(id).await.unwrap().task.unwrap().exit_code, Some(0));
    served.end().await.done();
}
