//! A property-based tester reads the description of the API and tries to find an answer that it does not describe.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

use countersign_tests::plane::{Approver, Plane};
use tokio::process::Command;

async fn no_answer_is_undescribed(plane: &Plane, token: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/openapi-tester.sh");
    let url = plane.address().at("/api/openapi.json");
    let mut tester = Command::new(script);
    tester.arg(url.as_str()).env("COUNTERSIGN_TOKEN", token).kill_on_drop(true);
    let done = tester.output().await.unwrap();
    let (report, errors) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    println!("{report}");
    assert!(done.status.success(), "{report}\n{errors}");
}

#[tokio::test]
async fn a_person_with_every_scope_gets_no_answer_that_is_not_described() {
    let plane = Plane::start().await;
    Approver::founder(&plane).await;
    let token = plane.founder_token().await;
    no_answer_is_undescribed(&plane, &token).await;
}

#[tokio::test]
async fn a_program_with_few_scopes_gets_no_answer_that_is_not_described() {
    let plane = Plane::start().await;
    no_answer_is_undescribed(&plane, plane.sample_token()).await;
}
