//! Where a secret goes: a new file, a terminal, a pipe; and what is said when it cannot go there.

use std::fs::{self, File};
use std::io::{Read as _, pipe};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use nix::pty::openpty;
use tokio::process::Command;

use super::{admin, works};
use crate::plane::Plane;
use crate::run::Ended;

/// Runs it with this as standard output.
async fn into(command: &mut Command, out: impl Into<Stdio>) -> Ended {
    let child = command.stdin(Stdio::null()).stdout(out).stderr(Stdio::piped()).spawn().unwrap();
    let ended = child.wait_with_output().await.unwrap();
    Ended { code: ended.status.code(), out: String::new(), err: String::from_utf8(ended.stderr).unwrap() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_new_and_for_its_owner_alone() {
    let plane = Plane::start().await;
    let file = plane.home().join("ci.token");
    let create = ["token", "create", "--id", "ci", "--out", "ci.token"];
    let made = admin(&plane, &create).await;
    let secret = fs::read_to_string(&file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(works(&plane, secret.trim()).await, Ok(()));
    assert!(made.done().starts_with("Service token created. Its secret is in `ci.token`."), "{}", made.out);
    assert!(!made.out.contains(secret.trim()) && !made.err.contains(secret.trim()));

    let again = admin(&plane, &["token", "create", "--id", "other", "--out", "ci.token"]).await;
    again.refused(74, &["`ci.token`", "hint: nothing was asked of the control plane"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), secret);
    admin(&plane, &["token", "show", "other"]).await.refused(66, &[]);

    let rotated = admin(&plane, &["token", "rotate", "ci", "--out", "new.token", "--json"]).await;
    let new = fs::read_to_string(plane.home().join("new.token")).unwrap();
    let json = rotated.json();
    assert_eq!((&json["secret_file"], &json["secret"]), (&"new.token".into(), &serde_json::Value::Null));
    assert!(!rotated.out.contains(new.trim()));
    admin(&plane, &["token", "rotate", "ci", "--out", "third.token"]).await.refused(83, &[]);
    assert!(!plane.has("third.token"), "an empty file is left of what was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_gets_a_block_to_read() {
    let plane = Plane::start().await;
    let terminal = openpty(None, None).unwrap();
    let mut create = plane.admin();
    create.args(["token", "create", "--id", "ci", "--scope", "workflows:read"]);
    let reader = tokio::task::spawn_blocking(move || {
        let (mut screen, mut part) = (Vec::new(), [0; 4096]);
        let mut terminal = File::from(terminal.master);
        // A terminal that nobody holds any more ends with an error on Linux.
        while let Ok(length @ 1..) = terminal.read(&mut part) {
            screen.extend_from_slice(&part[..length]);
        }
        String::from_utf8(screen).unwrap()
    });
    let ended = into(&mut create, terminal.slave).await;
    // It holds the terminal open.
    drop(create);
    let screen = reader.await.unwrap().replace("\r\n", "\n");
    assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""));
    let lines: Vec<_> = screen.lines().collect();
    assert_eq!(lines[0], "Service token created.");
    assert!(lines[2].starts_with("    cs_svt_"), "{screen}");
    assert_eq!(lines[4], "Store this secret securely. It will not be shown again.");
    assert!(screen.contains("\nscopes      workflows:read\n"), "{screen}");
    assert_eq!(works(&plane, lines[2].trim()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_nobody_reads_is_told_as_lost_and_a_list_is_not() {
    let plane = Plane::start().await;
    let nobody = || pipe().unwrap().1;
    let create = ["token", "create", "--id", "ci"];
    for json in [&[][..], &["--json"]] {
        let id = if json.is_empty() { "ci" } else { "cj" };
        let ended = into(plane.admin().args(&create[..3]).arg(id).args(json), nobody()).await;
        let revoke = format!("hint: nobody has it; end it with `countersign token revoke {id}`");
        ended.refused(74, &["could not be handed over: nobody reads standard output", &revoke]);
        assert!(!ended.err.contains("cs_svt_"), "{}", ended.err);
        admin(&plane, &["token", "revoke", id]).await.done();
    }
    let listed = into(plane.admin().args(["token", "list", "--all"]), nobody()).await;
    assert_eq!((listed.code, listed.err.as_str()), (Some(0), ""));
}
