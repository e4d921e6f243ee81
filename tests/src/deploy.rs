//! A production command that needs approval, as every test of tickets asks for it.

use std::collections::BTreeMap;

use contract::approvals::OpenTicket;
use domain::Ids;
use domain::ambient::{OsEntropy, SystemClock};
use domain::binding::{Action, Command, Context, Resources};
use domain::budget::Budget;
use domain::ticket::Statement;

/// What is to be done.
///
/// # Panics
/// Never: the resource is one.
#[must_use]
pub fn action() -> Action {
    Action {
        env: "prod".into(),
        action: "pipelines:execute".into(),
        resources: Resources::parse(["pipeline:billing/nightly"]).expect("a resource"),
        context: Context::from([("execution_context".into(), "cli".into())]),
        command: Some(Command {
            argv: vec!["./deploy.sh".into(), "--flag".into()],
            executable_digest: None,
            working_directory: "/srv".into(),
            environment: BTreeMap::new(),
            stdin_digest: None,
            image_digest: None,
        }),
    }
}

/// The question for it.
#[must_use]
pub fn opening() -> OpenTicket {
    OpenTicket {
        action: action(),
        statement: Statement::default(),
        budget: None,
        resource_hash: None,
        command_hash: None,
    }
}

/// The question for a standing approval of it.
#[must_use]
pub fn standing(uses: u32, window_seconds: u32) -> OpenTicket {
    OpenTicket { budget: Some(Budget { uses, window_seconds }), ..opening() }
}

/// A key under which something is done once.
#[must_use]
pub fn fresh_key() -> String {
    Ids { clock: &SystemClock, entropy: &OsEntropy }.ulid().to_string()
}

/// The question for it, with a title.
#[must_use]
pub fn entitled(title: &str) -> OpenTicket {
    OpenTicket { statement: Statement { title: Some(title.into()), description: None }, ..opening() }
}
