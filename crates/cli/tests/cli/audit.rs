//! `audit`: the trail and the ledger below it.

use std::fs;

use crate::plane::Plane;
use crate::run::finish;

#[tokio::test(flavor = "multi_thread")]
async fn the_trail_is_listed_and_proved_and_a_break_in_it_has_a_code_of_its_own() {
    let plane = Plane::start().await;
    let mut exec = plane.runner();
    exec.args(["exec", "--env", "dev", "--action", "pipelines:execute", "--resource", "pipeline:a", "--", "true"]);
    finish(&mut exec).await.done();

    let list = finish(plane.admin().args(["audit", "--last", "1h"])).await;
    for kind in ["system.founded", "roster.changed", "decision.made", "task.finished"] {
        assert!(list.done().contains(kind), "{}", list.out);
    }
    let started = finish(plane.admin().args(["audit", "--action", "task.started", "--json"])).await.json();
    assert_eq!(started.as_array().unwrap().len(), 1);
    let task = started[0]["entry"]["about"].as_str().unwrap();
    let about = finish(plane.admin().args(["audit", "--about", task, "--json"])).await.json();
    assert_eq!(about.as_array().unwrap().len(), 2);
    let decided = finish(plane.admin().args(["audit", "--action", "pipelines:execute", "--json"])).await.json();
    assert_eq!(decided[0]["entry"]["kind"], "decision.made");
    let few = finish(plane.admin().args(["audit", "--limit", "2"])).await;
    assert!(few.done().lines().count() == 3 && few.err.contains("more than 2"), "{few:?}");
    let now = finish(plane.admin().args(["audit", "--last", "0s"])).await;
    assert!(now.done().contains("no entries"), "{}", now.out);
    finish(plane.runner().arg("audit")).await.refused(80, &["audit:read"]);

    let first = finish(plane.admin().args(["audit", "verify", "--json"])).await.json();
    assert_eq!(first["first_sight"], true);
    let second = finish(plane.admin().args(["audit", "verify"])).await;
    assert!(second.done().contains("continues the last one seen here"), "{}", second.out);

    let file = plane.config().join("trust.json");
    let kept = fs::read_to_string(&file).unwrap();
    let key = serde_json::from_str::<serde_json::Value>(&kept).unwrap()[&plane.url]["ledger_key"].clone();
    let other = plane.admin();
    drop(other);
    fs::write(&file, kept.replace(key.as_str().unwrap(), "countersign.local/other+00000000+AAAA")).unwrap();
    let broken = finish(plane.admin().args(["audit", "verify"])).await;
    broken.refused(85, &["the ledger signs with another key than before"]);
}
