//! `policy pull`, `diff`, `draft`, `publish`, `versions` and `rollback`: a folder brought into force, and taken back.

use std::fs;

use super::{CASES, TWO, as_publisher, publisher};
use crate::plane::{Plane, id_in};
use crate::run::{finish, start};

const TITLE: &str = "Production needs two";

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_pulled_changed_published_under_its_ticket_and_rolled_back() {
    let plane = Plane::start().await;
    let token = publisher(&plane).await;
    let ask = |arguments: &[&str]| as_publisher(&plane, &token, arguments);
    let pulled = finish(&mut ask(&["pull", "policies"])).await;
    assert!(pulled.done().ends_with("version 1 is in policies\n"), "{}", pulled.out);
    assert_eq!(finish(&mut ask(&["pull", "policies"])).await.done(), "policies is as version 1 already\n");
    let same = finish(&mut ask(&["diff", "policies"])).await;
    assert_eq!(same.done(), "policies says what version 1 says, which is in force\n");

    let file = plane.home().join("policies/policies.cedar");
    let one = fs::read_to_string(&file).unwrap();
    fs::write(&file, one.replace(TWO.0, TWO.1)).unwrap();
    let diff = finish(&mut ask(&["diff", "policies"])).await;
    assert!(
        diff.done().starts_with("--- policies.cedar\tversion 1\n+++ policies.cedar\tpolicies\n@@ "),
        "{}",
        diff.out
    );
    assert!(diff.out.contains(&format!("\n-{}\n+{}\n", TWO.0, TWO.1)), "{}", diff.out);
    finish(&mut ask(&["pull", "policies"])).await.refused(83, &["policies.cedar` is there already"]);

    // A case that says what was so far stops it before anything leaves.
    fs::write(
        plane.home().join("policies/tests/cases.yaml"),
        CASES.replace("approvers: 2, because", "approvers: 1, because"),
    )
    .unwrap();
    let publish = ["publish", "policies", "--title", TITLE];
    let failing = finish(&mut ask(&publish)).await;
    failing.refused(
        86,
        &["1 case fails; nothing was published", "FAIL  policies/tests/cases.yaml:1: Production needs two"],
    );
    assert_eq!(finish(&mut ask(&["draft", "list"])).await.done(), "no drafts\n");
    fs::write(plane.home().join("policies/tests/cases.yaml"), CASES).unwrap();

    let asked = finish(&mut ask(&publish)).await;
    asked.refused(82, &["is not approved yet; nothing was published", "publishing drf_", "needs 1 approver", "--wait"]);
    asked.refused(82, &["`policies` changes `prod-needs-approval`; changes the cases (version 1 is in force)"]);
    let ticket = id_in(asked.err.lines().find(|line| line.contains("is not approved yet")).unwrap());
    let again = finish(&mut ask(&publish)).await;
    again.refused(82, &[&ticket.to_string()]);
    // What the ticket binds is a command that can be typed, and does that.
    let bound = plane.ada.api.ticket(ticket).await.unwrap().binding.action.command.unwrap().argv;
    assert_eq!(bound[..2], ["countersign", "policy"].map(str::to_owned));
    let typed: Vec<_> = bound[2..].iter().map(String::as_str).collect();
    finish(&mut ask(&typed)).await.refused(82, &[&ticket.to_string()]);
    let other = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for (option, wrong, told) in
        [("--base", "7", "from version 1 by now, not from 7"), ("--cases", other, "has other cases")]
    {
        let at = typed.iter().position(|word| *word == option).unwrap() + 1;
        let typed: Vec<_> = typed.iter().enumerate().map(|(n, word)| if n == at { wrong } else { *word }).collect();
        finish(&mut ask(&typed)).await.refused(83, &[told, "countersign policy diff --draft drf_"]);
    }
    let drafts = finish(&mut ask(&["draft", "list", "--json"])).await.json();
    assert_eq!((drafts.as_array().unwrap().len(), &drafts[0]["title"]), (1, &TITLE.into()));
    plane.ada.approve(ticket).await;
    let done = finish(&mut ask(&publish)).await;
    assert!(done.done().starts_with("version 2 is in force (sha256:"), "{done:?}");
    // A build that publishes each time has nothing to do the next time.
    let nothing = finish(&mut ask(&publish)).await;
    assert_eq!((nothing.done(), nothing.err.contains("nothing to publish")), (done.out.as_str(), true), "{nothing:?}");
    let versions = finish(&mut ask(&["versions"])).await;
    let newest = versions.done().lines().nth(1).unwrap();
    assert!(
        newest.starts_with("2 ") && newest.contains("user:usr_") && newest.contains(&ticket.to_string()),
        "{newest}"
    );
    assert!(newest.ends_with(TITLE), "{newest}");
    let shown = finish(&mut ask(&["show"])).await;
    assert!(shown.done().contains("guard, 2 approvers") && shown.out.contains("cases      2"), "{}", shown.out);

    let mut run = start(&mut ask(&["rollback", "--to", "1", "--wait"]));
    let line = run.told(" waits for ").await;
    plane.ada.approve(id_in(&line)).await;
    assert!(run.ended().await.done().starts_with("version 3 is in force"));
    let restored = finish(&mut ask(&["show", "--version", "3", "--json"])).await.json();
    assert_eq!((&restored["restores"], &restored["texts"]["policies"]), (&1.into(), &one.into()));
    finish(&mut ask(&["rollback", "--to", "3"])).await.refused(83, &["version 3 is in force"]);
    finish(&mut ask(&["rollback", "--to", "9"])).await.refused(66, &["countersign policy versions"]);
    finish(&mut ask(&["publish", "policies", "--title", "x", "--base", "2"]))
        .await
        .refused(83, &["version 3 is in force"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_publication_says_by_whom_and_why_and_can_be_given_up() {
    let plane = Plane::start().await;
    let token = publisher(&plane).await;
    let ask = |arguments: &[&str]| as_publisher(&plane, &token, arguments);
    finish(&mut ask(&["pull", "policies"])).await.done();
    let file = plane.home().join("policies/policies.cedar");
    fs::write(&file, fs::read_to_string(&file).unwrap().replace(TWO.0, TWO.1)).unwrap();
    let mut run = start(&mut ask(&["publish", "policies", "--title", TITLE, "--wait"]));
    let line = run.told(" waits for ").await;
    plane.ada.deny(id_in(&line), "Not on a Friday").await;
    let ended = run.ended().await;
    ended.refused(81, &["denied ticket", "Not on a Friday", "countersign policy draft discard drf_"]);
    let id = ended.err.split("discard ").nth(1).unwrap().split('`').next().unwrap();
    let discarded = finish(&mut ask(&["draft", "discard", id])).await;
    assert!(discarded.done().contains("state    discarded by user:usr_"), "{}", discarded.out);
    finish(&mut ask(&["publish", "--draft", id])).await.refused(83, &["discarded"]);
    let unknown = "drf_01HZY3V5W2M4Q6S8T0XABCDEFG";
    finish(&mut ask(&["draft", "show", unknown])).await.refused(66, &["countersign policy draft list"]);
    finish(&mut ask(&["draft", "show", "../x"])).await.refused(64, &["`../x` is not a policy draft id"]);
    // Who may not publish is told which scope it takes.
    let reader = finish(plane.runner().args(["policy", "draft", "list"])).await;
    reader.refused(80, &["policies:read"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_whose_base_was_followed_is_stale_until_it_is_held_against_what_came() {
    let plane = Plane::start().await;
    let token = publisher(&plane).await;
    let ask = |arguments: &[&str]| as_publisher(&plane, &token, arguments);
    finish(&mut ask(&["pull", "policies"])).await.done();
    let file = plane.home().join("policies/policies.cedar");
    let one = fs::read_to_string(&file).unwrap();
    let made = finish(&mut ask(&["draft", "create", "policies", "--title", "Nothing", "--json"])).await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    fs::write(&file, one.replace(TWO.0, TWO.1)).unwrap();
    let mut run = start(&mut ask(&["publish", "policies", "--title", TITLE, "--wait"]));
    let line = run.told(" waits for ").await;
    plane.ada.approve(id_in(&line)).await;
    run.ended().await.done();

    let listed = finish(&mut ask(&["draft", "list"])).await;
    assert!(listed.done().lines().any(|line| line.starts_with(&id) && line.contains("1 (stale)")), "{}", listed.out);
    let stale = finish(&mut ask(&["publish", "--draft", &id])).await;
    stale.refused(83, &["countersign policy draft show", "countersign policy diff --draft"]);
    // The folder would take the draft's place, and take back what came between.
    fs::write(&file, &one).unwrap();
    let behind = finish(&mut ask(&["publish", "policies", "--title", "Nothing"])).await;
    behind.refused(
        83,
        &[&format!("draft {id} was made from version 1"), "`policies` changes `prod-needs-approval`", "--base 2"],
    );
    let seen = finish(&mut ask(&["publish", "policies", "--title", "Nothing", "--base", "2"])).await;
    seen.refused(82, &["is not approved yet", &id]);
    let diff = finish(&mut ask(&["diff", "--draft", &id])).await;
    assert!(diff.done().contains(&format!("\n-{}\n+{}\n", TWO.1, TWO.0)), "{}", diff.out);
    let rebased = finish(&mut ask(&["draft", "update", &id, "policies", "--rebase", "--title", "Still"])).await;
    assert!(rebased.done().contains("base     version 2\n"), "{}", rebased.out);
}
