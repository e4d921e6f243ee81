//! `alerts`: listed, taken on, settled, and the rules that raise them.

use tokio::time::timeout;

use crate::plane::Plane;
use crate::run::{PATIENCE, finish};

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_listed_taken_on_and_settled() {
    let plane = Plane::start().await;
    let rules = finish(plane.admin().args(["alerts", "rules"])).await;
    assert!(rules.done().starts_with("RULE"), "{}", rules.out);
    assert_eq!(rules.out.lines().count(), 10);
    let set =
        ["alerts", "rules", "permission_violations", "--threshold", "2", "--within", "10m", "--severity", "critical"];
    let set = finish(plane.admin().args(set)).await;
    let words: Vec<_> = set.done().lines().last().unwrap().split_whitespace().collect();
    assert_eq!(words, ["permission_violations", "on", "critical", "2", "600", "s"]);
    finish(plane.admin().args(["alerts", "rules", "nothing"])).await.refused(64, &["failed_authentications"]);
    finish(plane.admin().args(["alerts", "rules", "rate_limited", "--threshold", "0"]))
        .await
        .refused(64, &["1 to 1000"]);

    for _ in 0..2 {
        finish(plane.runner().arg("alerts")).await.refused(80, &["alerts:read"]);
    }
    let raised = timeout(PATIENCE, async {
        loop {
            let list = ["alerts", "list", "--rule", "permission_violations", "--json"];
            let listed = finish(plane.admin().args(list)).await.json();
            if let Some(first) = listed.as_array().unwrap().first() {
                break first.clone();
            }
        }
    });
    let raised = raised.await.expect("an alert is raised");
    let id = raised["id"].as_str().unwrap();
    let table = finish(plane.admin().args(["alerts", "list", "--state", "open", "--severity", "critical"])).await;
    assert!(table.done().contains("was refused at least 2 times within 600 s"), "{}", table.out);
    let taken = finish(plane.admin().args(["alerts", "ack", id, "--note", "ours"])).await;
    assert!(taken.done().contains("acknowledged") && taken.out.contains("ours"), "{}", taken.out);
    finish(plane.admin().args(["alerts", "ack", id])).await.refused(83, &["acknowledged already"]);
    let settled = finish(plane.admin().args(["alerts", "resolve", id, "--json"])).await.json();
    assert_eq!(settled["state"], "resolved");
    let none =
        finish(plane.admin().args(["alerts", "list", "--state", "open", "--rule", "permission_violations"])).await;
    assert!(none.done().contains("no alerts"), "{}", none.out);
}
