//! What is refused: the sentence, what would help, and the exit code.

use super::{admin, secret};
use crate::plane::Plane;
use crate::run::finish;

#[tokio::test(flavor = "multi_thread")]
async fn each_refusal_says_what_would_help() {
    let plane = Plane::start().await;
    let revoked = secret(&admin(&plane, &["token", "create", "--id", "ci"]).await, "cs_svt_");
    admin(&plane, &["token", "revoke", "ci"]).await.done();
    let list = finish(plane.unpinned().args(["token", "list"]).env("COUNTERSIGN_TOKEN", &revoked)).await;
    list.refused(77, &["was revoked", "hint: set COUNTERSIGN_TOKEN"]);

    let runner = finish(plane.runner().args(["token", "create"])).await;
    runner.refused(80, &["admin:tokens:write", "hint: use a token that has it", "--scope admin:tokens:write"]);
    let nobody = admin(&plane, &["token", "show", "nobody"]).await;
    nobody.refused(66, &["there is no service token `nobody` here", "countersign token list --all"]);
    let twice = admin(&plane, &["token", "create", "--id", "ci"]).await;
    twice.refused(83, &["there is a credential `ci` already", "hint: choose another name with `--id`"]);
    for (words, said) in [
        (["--scope", "shop:refund"], "`countersign scope list`"),
        (["--expires-in", "1"], "look at `--expires-in`"),
        (["--network", "everywhere"], "look at `--network`"),
        (["--id", "a b"], "look at `--id`"),
    ] {
        admin(&plane, &[&["token", "create"], &words[..]].concat()).await.refused(64, &[said]);
    }
    let keys = finish(plane.runner().args(["key", "create"])).await;
    keys.refused(80, &["only a person", "--account"]);
    admin(&plane, &["token", "show", "../users"]).await.refused(64, &["neither an id nor a name"]);
    let all = admin(&plane, &["token", "list", "--all", "--json"]).await.json();
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| one["identifier"].as_str().unwrap()).collect();
    assert_eq!(names.iter().filter(|name| **name == "ci").count(), 1, "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_attempts_tell_how_long_to_wait() {
    let plane = Plane::start().await;
    let http = reqwest::Client::new();
    let unknown = "x".repeat(30);
    for _ in 0..20 {
        http.get(format!("{}/api/v1/scopes", plane.url)).bearer_auth(&unknown).send().await.unwrap();
    }
    let ended = finish(plane.unpinned().args(["token", "list"]).env("COUNTERSIGN_TOKEN", &unknown)).await;
    ended.refused(69, &["too many authentication attempts", "hint: wait ", " seconds"]);
    assert!(!ended.err.contains(&unknown), "{}", ended.err);
}
