//! `auth rotate-keys`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use contract::accounts::CreateAccount;
use serde_json::Value;

use crate::plane::Plane;
use crate::run::{finish, program};

async fn account(plane: &Plane, name: &str) -> String {
    let wish = serde_json::json!({ "name": name, "scopes": ["logs:read"] });
    let wish: CreateAccount = serde_json::from_value(wish).unwrap();
    plane.ada.api.create_account(&wish).await.unwrap().secret
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_active_key_is_replaced_and_its_successor_works() {
    let plane = Plane::start().await;
    let (first, _) = (account(&plane, "one").await, account(&plane, "two").await);
    finish(plane.admin().args(["auth", "rotate-keys"])).await.refused(64, &["--out"]);
    let ended = finish(plane.admin().args(["auth", "rotate-keys", "--out", "keys.jsonl", "--overlap", "0s"])).await;
    assert_eq!(ended.done(), "2 rotated; the new secrets are in keys.jsonl\n");
    assert!(ended.err.contains("2 of 2: ") && !ended.err.contains("cs_key_"), "{}", ended.err);
    let file = plane.home().join("keys.jsonl");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written = lines(&fs::read_to_string(&file).unwrap());
    assert_eq!(written.len(), 2);
    let of_one = written.iter().find(|line| line["account"] == "one").unwrap();

    let whoami = |token: &str| {
        let mut command = program(plane.home());
        command.env("COUNTERSIGN_URL", &plane.url).env("COUNTERSIGN_TOKEN", token).arg("whoami");
        command
    };
    assert!(finish(&mut whoami(of_one["secret"].as_str().unwrap())).await.done().contains("service_account:one"));
    finish(&mut whoami(&first)).await.refused(77, &["rotated"]);

    let taken = finish(plane.admin().args(["auth", "rotate-keys", "--out", "keys.jsonl"])).await;
    taken.refused(74, &["`keys.jsonl` cannot be made"]);
    let piped = finish(plane.admin().args(["auth", "rotate-keys", "--account", "two", "--out", "-"])).await;
    let printed = lines(piped.done());
    assert_eq!((printed.len(), &printed[0]["account"]), (1, &Value::from("two")));
    assert!(piped.err.contains("1 rotated"), "{}", piped.err);
}
