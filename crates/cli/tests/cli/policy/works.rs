//! `policy compare` and `replay`: what is proved, and what would have been.

use std::fs;
use std::io::ErrorKind;

use nix::sys::signal::Signal;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{TWO, alone, shipped, write};
use crate::plane::Plane;
use crate::run::{PATIENCE, finish, start};

/// Whoever has no solver cannot prove; `cvc5` is installed where the tests run.
#[tokio::test]
async fn two_approvers_made_one_is_refuted_with_a_concrete_request() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "two", &shipped(Some(TWO)), None);
    write(home.path(), "one", &shipped(None), None);
    let compare = async |arguments: &[&str]| {
        let mut command = alone(home.path(), &[&["compare"], arguments].concat());
        finish(&mut command).await
    };
    let widens = compare(&["--dir", "one", "--against", "two", "--fail-on", "widening"]).await;
    widens.refused(87, &["it widens in 1 respect"]);
    let row = widens.out.lines().find(|line| line.starts_with("does it take fewer approvers?")).unwrap();
    assert!(row.contains("YES"), "{}", widens.out);
    for words in [
        "env       prod",
        "approved  by 1 person",
        "live      needs approval, `prod-needs-approval`",
        "draft     allowed, ",
    ] {
        assert!(widens.out.contains(words), "`{words}` is not in: {}", widens.out);
    }
    let narrows = compare(&["--dir", "two", "--against", "one", "--fail-on", "widening"]).await;
    assert!(narrows.done().contains("does it take more approvers?"), "{}", narrows.out);
    compare(&["--dir", "two", "--against", "one", "--fail-on", "any"]).await.refused(87, &["it is different"]);
    let same = compare(&["--dir", "two", "--against", "two", "--fail-on", "any", "--json"]).await.json();
    assert!(same["proofs"].as_array().unwrap().iter().all(|proof| proof["proved"] == "never"), "{same}");
    compare(&["--against", "two"]).await.refused(64, &["nothing is named", "--dir"]);
}

#[tokio::test]
async fn an_invariant_that_is_broken_is_found_by_proof() {
    let home = tempfile::tempdir().unwrap();
    let mut source = shipped(None);
    source.policies = "@id(\"scopes-permit\")\npermit (principal, action, resource)\n\
        when { principal.scopes.contains(context.scope) };\n\
        @id(\"prod-needs-one\") @require_approval\n\
        forbid (principal, action in [Action::\"execute\", Action::\"deploy\"], resource)\n\
        when { resource.env == Environment::\"prod\" }\n\
        unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt };\n"
        .into();
    source.invariants = "@id(\"prod-needs-two\") @title(\"Production needs two\")\n\
        forbid (principal, action in [Action::\"execute\", Action::\"deploy\"], resource)\n\
        when { resource.env == Environment::\"prod\" }\n\
        unless { context has approval && context.approval.approvers >= 2 };\n"
        .into();
    write(home.path(), "policies", &source, None);
    let broken = finish(&mut alone(home.path(), &["check", "policies", "--prove"])).await;
    broken.refused(86, &["1 invariant is broken"]);
    assert!(broken.out.contains("invariant `prod-needs-two`: BROKEN"), "{}", broken.out);
    let weaker = source.invariants.replace(">= 2", ">= 1");
    fs::write(home.path().join("policies/invariants.cedar"), weaker).unwrap();
    let kept = finish(&mut alone(home.path(), &["check", "policies", "--prove"])).await;
    assert!(kept.done().contains("invariant `prod-needs-two`: kept"), "{}", kept.out);
    let unknown = finish(&mut alone(home.path(), &["check", "policies", "--solver", "/nowhere/cvc5"])).await;
    unknown.refused(88, &["1 invariant is not known to be kept", "there is no solver at"]);
}

/// A folder whose guard of production lets everything by.
fn opened(plane: &Plane) -> String {
    let file = plane.home().join("policies/policies.cedar");
    let shut = fs::read_to_string(&file).unwrap();
    let condition = "when { resource.env == Environment::\"prod\" && !(context has breakGlass) }";
    assert!(shut.contains(condition));
    fs::write(&file, shut.replace(condition, &condition.replace("prod", "preview"))).unwrap();
    shut
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_compares_a_folder() {
    let plane = Plane::start().await;
    finish(plane.admin().args(["policy", "pull", "policies"])).await.done();
    let shut = opened(&plane);
    let compare = ["policy", "compare", "--dir", "policies", "--fail-on", "widening"];
    let compared = finish(plane.admin().args(compare)).await;
    compared.refused(87, &["it widens"]);
    assert!(compared.out.contains("prod-needs-approval"), "{}", compared.out);
    let here = finish(plane.admin().args(compare).arg("--local")).await;
    here.refused(87, &["it widens"]);
    fs::write(plane.home().join("policies/policies.cedar"), shut).unwrap();
    assert!(finish(plane.admin().args(compare)).await.done().contains("never: proved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_replayed_here_and_what_is_damaged_is_counted() {
    let plane = Plane::start().await;
    let (run, _) = plane.waiting(plane.exec().args(["--", "true"])).await;
    drop(run);
    finish(plane.admin().args(["policy", "pull", "policies"])).await.done();
    finish(plane.admin().args(["policy", "pull", "before"])).await.done();
    opened(&plane);
    let exported = finish(plane.admin().args(["audit", "export", "--last", "1h"])).await;
    assert!(exported.err.contains(" entries"), "{}", exported.err);
    let file = plane.home().join("audit.jsonl");
    fs::write(&file, exported.done()).unwrap();
    let replay =
        ["replay", "--dir", "policies", "--against", "before", "--export", "audit.jsonl", "--fail-on", "widening"];
    let replayed = finish(&mut alone(plane.home(), &replay)).await;
    replayed.refused(87, &["2 recorded decisions would let more happen"]);
    for words in [
        "2 of 2 decisions would be another",
        "require_approval -> allow",
        "dec_",
        "every recorded decision was asked again",
    ] {
        assert!(replayed.out.contains(words), "`{words}` is not in: {}", replayed.out);
    }
    let json = finish(&mut alone(plane.home(), &[&replay[..7], &["--json"]].concat())).await.json();
    assert_eq!((&json["flips"][0]["flip"]["to"], &json["coverage"]["recorded"]), (&"allow".into(), &2.into()));
    // Against itself nothing changes; with a line that was cut off, nobody knows.
    let same = ["replay", "--dir", "before", "--against", "before", "--export", "audit.jsonl", "--fail-on", "any"];
    assert!(finish(&mut alone(plane.home(), &same)).await.done().contains("no decision would be another"));
    let whole = fs::read_to_string(&file).unwrap();
    let decision = whole.lines().find(|line| line.contains("decision.made")).unwrap();
    fs::write(&file, format!("{whole}<html>\n{}", &decision[..decision.len() / 2])).unwrap();
    let cut = finish(&mut alone(plane.home(), &same)).await;
    cut.refused(88, &["could not be asked again"]);
    assert!(cut.out.contains("because they cannot be read"), "{}", cut.out);

    fs::write(&file, "{\"kind\":\"ticket.opened\"}\n").unwrap();
    finish(&mut alone(plane.home(), &same))
        .await
        .refused(66, &["has no decision of that time", "countersign audit export"]);
    finish(&mut alone(plane.home(), &[&same[..6], &["nowhere.jsonl"]].concat()))
        .await
        .refused(74, &["`nowhere.jsonl` cannot be read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_plane_replays_a_folder() {
    let plane = Plane::start().await;
    let (run, _) = plane.waiting(plane.exec().args(["--", "true"])).await;
    drop(run);
    finish(plane.admin().args(["policy", "pull", "policies"])).await.done();
    let shut = opened(&plane);
    let replay = ["policy", "replay", "--dir", "policies", "--last", "1h", "--fail-on", "widening"];
    let replayed = finish(plane.admin().args(replay)).await;
    replayed.refused(87, &["2 recorded decisions would let more happen"]);
    assert!(replayed.out.contains("require_approval -> allow") && replayed.out.contains("dec_"), "{}", replayed.out);
    let json = finish(plane.admin().args(&replay[..6]).arg("--json")).await.json();
    assert_eq!(json["flips"][0]["flip"]["to"], "allow");
    fs::write(plane.home().join("policies/policies.cedar"), shut).unwrap();
    let same = finish(plane.admin().args(replay)).await;
    assert!(same.done().contains("no decision would be another"), "{}", same.out);
}

/// A control plane that takes a request, tells of some progress, and says no more.
async fn begun(listener: &TcpListener) -> TcpStream {
    let (mut socket, _) = listener.accept().await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        assert!(socket.read_buf(&mut head).await.unwrap() > 0);
    }
    let line = "{\"progress\":{\"done\":1,\"total\":9}}\n";
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{line}\r\n",
        line.len()
    );
    socket.write_all(answer.as_bytes()).await.unwrap();
    socket
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_closes_the_connection_and_an_answer_that_breaks_off_is_no_report() {
    let home = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let replay = || {
        let mut command = alone(home.path(), &["replay", "--draft", "drf_01HZY3V5W2M4Q6S8T0XABCDEFG"]);
        let url = format!("http://{}", listener.local_addr().unwrap());
        start(command.env("COUNTERSIGN_URL", url).env("COUNTERSIGN_TOKEN", "x".repeat(40)))
    };
    let run = replay();
    let mut socket = begun(&listener).await;
    run.signal(Signal::SIGINT);
    let ended = run.ended().await;
    assert_eq!((ended.code, ended.out.as_str(), ended.err.as_str()), (Some(130), "", ""));
    // What was still on the way makes a reset of it.
    let closed = timeout(PATIENCE, socket.read_to_end(&mut Vec::new())).await.expect("the connection is closed");
    assert!(closed.as_ref().map_or_else(|error| error.kind() == ErrorKind::ConnectionReset, |_| true), "{closed:?}");

    let run = replay();
    drop(begun(&listener).await);
    let ended = run.ended().await;
    ended.refused(69, &["http://127.0.0.1"]);
    assert_eq!(ended.out, "");
}
