//! `docs/API.md` is followed word for word, from an empty database, in a shell.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use countersign_tests::process::program;

const DOCUMENT: &str = include_str!("../../docs/API.md");

#[test]
fn a_new_user_gets_from_an_empty_database_to_a_rotated_token_with_curl_alone() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let blocks: Vec<_> = DOCUMENT.split("```bash\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(blocks.len() >= 6, "{}", blocks.len());
    let script = blocks.join("\n").replace("4711", &port.to_string());
    let folder = tempfile::tempdir().unwrap();
    let programs = program("countersign").unwrap().parent().map(Path::to_owned).unwrap();
    let path = std::env::var("PATH").unwrap();
    let ran = Command::new("bash")
        .args(["-c", &format!("set -euo pipefail\ntrap 'kill $(jobs -p)' EXIT\n{script}")])
        .current_dir(folder.path())
        .env("PATH", format!("{}:{path}", programs.display()))
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    assert!(out.contains("my-ci-token"), "{out}");
}
