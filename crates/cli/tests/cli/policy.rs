//! `policy`: sets as files, checked and tested without a control plane, and brought into one.

mod asking;
mod bad_input;
mod check;
mod publishing;
mod suite;
mod works;

use std::fs;
use std::path::Path;

use contract::access::CreateUser;
use policy::PolicySource;
use tokio::process::Command;

use crate::plane::{Plane, sign_in};
use crate::run::program;

/// Production asks for two.
const TWO: (&str, &str) = (
    "  context.approval.approvers >= 1 &&                       // write 2 to ask for two people",
    "  context.approval.approvers >= 2 &&",
);

const CASES: &str = "\
- name: Production needs two
  principal: service_account:billing-ci
  action: pipelines:execute
  resources: [pipeline:billing/nightly]
  env: prod
  expect: { outcome: require_approval, approvers: 2, because: [prod-needs-approval] }
- name: Two are enough
  principal: service_account:billing-ci
  action: pipelines:execute
  resources: [pipeline:billing/nightly]
  env: prod
  approval: { approvers: 2 }
  expect: { outcome: allow, because: [scopes-permit] }
";

/// The set that ships, with one text replaced by another.
fn shipped(edit: Option<(&str, &str)>) -> PolicySource {
    let mut source = PolicySource::shipped();
    if let Some((from, to)) = edit {
        assert_eq!(source.policies.matches(from).count(), 1, "{from}");
        source.policies = source.policies.replace(from, to);
    }
    source
}

/// How many policies ship.
fn count() -> usize {
    policy::Engine::compile(PolicySource::shipped()).unwrap().policies().len()
}

/// Writes a set into a folder below the home, as a repository keeps it.
fn write(home: &Path, name: &str, source: &PolicySource, cases: Option<&str>) {
    let folder = home.join(name);
    fs::create_dir_all(folder.join("tests")).unwrap();
    fs::write(folder.join("schema.cedarschema"), &source.schema).unwrap();
    fs::write(folder.join("policies.cedar"), &source.policies).unwrap();
    fs::write(folder.join("invariants.cedar"), &source.invariants).unwrap();
    if let Some(cases) = cases {
        fs::write(folder.join("tests/prod.yaml"), cases).unwrap();
    }
}

/// `countersign policy` in a home of its own, with no control plane named.
fn alone(home: &Path, arguments: &[&str]) -> Command {
    let mut command = program(home);
    command.arg("policy").args(arguments);
    command
}

/// The token of another person who publishes policies. Whoever made the credential of a service account never counts for
/// what it asks, so that Ada could not approve what an account of hers publishes.
async fn publisher(plane: &Plane) -> String {
    let grace = CreateUser {
        email: "grace@example.com".into(),
        name: "Grace".into(),
        teams: vec![],
        scopes: ["policies:read", "policies:write"].map(str::to_owned).to_vec(),
    };
    let password = plane.ada.api.create_user(&grace).await.unwrap().secret;
    sign_in(&plane.url, &grace.email, &password).await
}

/// The same, with its arguments.
fn as_publisher(plane: &Plane, token: &str, arguments: &[&str]) -> Command {
    let mut command = plane.unpinned();
    command.env("COUNTERSIGN_TOKEN", token).arg("policy").args(arguments);
    command
}
