//! `roster`, and what `exec` does without a pin or with another.

use std::fs;

use crate::plane::Plane;
use crate::run::finish;

const OTHER: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[tokio::test(flavor = "multi_thread")]
async fn without_a_pin_nothing_is_asked_and_the_line_that_pins_is_told() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let (_, digest) = plane.ada.pin.split_once(':').unwrap();
    let mut exec = plane.exec();
    exec.env_remove("COUNTERSIGN_ROSTER_PIN").args(["--", "./deploy.sh"]);
    let line = format!("countersign roster pin --version 1 --digest {digest}");
    finish(&mut exec).await.refused(84, &["no roster is pinned", &line]);
    assert!(plane.ada.api.inbox(&[]).await.unwrap().items.is_empty());

    finish(plane.unpinned().args(["roster", "pin", "--version", "1", "--digest", digest])).await.done();
    let (run, id) = plane.waiting(&mut exec).await;
    plane.ada.approve(id).await;
    run.ended().await.done();
    assert!(plane.has("ran"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_roster_than_the_pinned_one_is_refused_with_both_digests() {
    let plane = Plane::start().await;
    plane.script("deploy.sh", "touch ran");
    let (_, digest) = plane.ada.pin.split_once(':').unwrap();
    let mut exec = plane.exec();
    exec.env("COUNTERSIGN_ROSTER_PIN", format!("1:{OTHER}")).args(["--", "./deploy.sh"]);
    finish(&mut exec).await.refused(84, &["roster version 1 is not the pinned one", OTHER, digest]);
    finish(exec.env("COUNTERSIGN_ROSTER_PIN", format!("2:{digest}"))).await.refused(84, &["versions were withheld"]);
    finish(exec.env("COUNTERSIGN_ROSTER_PIN", "1")).await.refused(64, &["is not a roster pin"]);
    assert!(!plane.has("ran"));

    let mut pin = plane.unpinned();
    pin.args(["roster", "pin", "--version", "1", "--digest", OTHER]);
    finish(&mut pin).await.refused(84, &[OTHER, digest]);
    assert!(!plane.config().join("trust.json").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_on_first_sight_is_asked_for_by_name_and_warned_of() {
    let plane = Plane::start().await;
    finish(plane.unpinned().args(["roster", "pin"])).await.refused(64, &[]);
    let ended = finish(plane.unpinned().args(["roster", "pin", "--first-sight", "--json"])).await;
    assert!(ended.err.contains("on first sight"), "{}", ended.err);
    let (_, digest) = plane.ada.pin.split_once(':').unwrap();
    assert_eq!(ended.json()["digest"], digest);
    let status = finish(plane.unpinned().args(["status", "--json"])).await.json();
    assert_eq!(status["roster_pin"]["digest"], digest);
    assert_eq!(status["system"]["status"], "ready");

    let shown = finish(plane.unpinned().args(["roster", "show"])).await;
    assert!(shown.done().contains("Ada") && shown.out.contains(digest), "{}", shown.out);
    let forged = fs::read_to_string(plane.config().join("trust.json")).unwrap().replace(digest, OTHER);
    fs::write(plane.config().join("trust.json"), forged).unwrap();
    finish(plane.unpinned().args(["roster", "show"])).await.refused(84, &[OTHER, digest]);
    let again = finish(plane.unpinned().args(["roster", "pin", "--first-sight"])).await;
    again.refused(84, &[OTHER, digest, "nothing was changed"]);
}
