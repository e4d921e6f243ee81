use crate::plane::Plane;
use crate::run::finish;

#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_did_not_use_is_shown_replayed_and_taken_away() {
    let plane = Plane::start().await;
    let mut exec = plane.runner();
    exec.args(["exec", "--env", "dev", "--action", "pipelines:execute", "--resource", "pipeline:billing/nightly"]);
    finish(exec.args(["--", "true"])).await.done();
    let usage =
        async |arguments: &[&str]| finish(plane.admin().args(["account", "usage", "billing-ci"]).args(arguments)).await;

    let looked = usage(&["--since", "30d"]).await;
    for words in [
        "service account billing-ci, from ",
        "\nlogs:read          UNUSED  0      never\n",
        "\npipeline:billing/nightly  -        used  1      ",
        "a narrower grant would do:\n  - scope logs:read\n  only in billing\n",
    ] {
        assert!(looked.done().contains(words), "`{words}` is not in: {}", looked.out);
    }
    let json = usage(&["--json"]).await.json();
    assert_eq!(json["usage"]["proposal"]["removes"], serde_json::json!(["logs:read"]));
    assert_eq!((&json["replay"], &json["applied"]), (&serde_json::Value::Null, &serde_json::Value::Null));

    let replayed = usage(&["--replay"]).await;
    assert!(replayed.done().contains("no decision would be another"), "{}", replayed.out);
    let shown = async || finish(plane.admin().args(["account", "show", "billing-ci"])).await.out;
    assert!(shown().await.contains("logs:read"), "a replay changes nothing");

    let applied = usage(&["--apply"]).await;
    assert!(applied.done().contains("service account billing-ci: changed"), "{}", applied.out);
    let now = shown().await;
    assert!(!now.contains("logs:read") && now.contains("workspaces   billing\n"), "{now}");
    let again = usage(&["--apply"]).await;
    assert!(again.done().contains("no narrower grant would do"), "{}", again.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn usage_names_what_cannot_be_looked_at() {
    let plane = Plane::start().await;
    let usage = async |name: &str, arguments: &[&str]| {
        finish(plane.admin().args(["account", "usage", name]).args(arguments)).await
    };
    usage("nobody", &[]).await.refused(66, &["countersign account list"]);
    usage("billing-ci", &["--since", "400d"]).await.refused(64, &["`--since` is 1d to 366d"]);
    usage("billing-ci", &["--force"]).await.refused(64, &["--apply"]);
    finish(plane.runner().args(["account", "usage", "billing-ci"])).await.refused(80, &["accounts:read"]);
}
