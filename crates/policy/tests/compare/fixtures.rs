//! The shipped set with small edits, and questions to ask of both.

use std::ops::ControlFlow;
use std::time::Duration;

use countersign_policy::{Engine, PolicySource, SolverOptions, compare};
use domain::policy::{Aspect, Comparison, Direction, Progress, Proof, Proved};

pub(crate) const ASPECTS: [Aspect; 3] = [Aspect::Ceiling, Aspect::Unattended, Aspect::Approvers];
pub(crate) const DIRECTIONS: [Direction; 2] = [Direction::Widens, Direction::Narrows];

pub(crate) fn engine(policies: &str) -> Engine {
    with_schema(&PolicySource::shipped().schema, policies)
}

pub(crate) fn with_schema(schema: &str, policies: &str) -> Engine {
    Engine::compile(PolicySource::new(schema.to_owned(), policies.to_owned())).unwrap_or_else(|error| panic!("{error}"))
}

/// The shipped policies.
pub(crate) fn shipped() -> String {
    PolicySource::shipped().policies
}

/// The shipped policies with one text in place of another.
pub(crate) fn edited(from: &str, to: &str) -> String {
    let shipped = shipped();
    assert!(shipped.contains(from), "`{from}` is not in the shipped policies any more");
    shipped.replacen(from, to, 1)
}

/// Two people, as most of the tests begin.
pub(crate) fn two() -> String {
    edited("approvers >= 1", "approvers >= 2")
}

pub(crate) fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A busy machine is no reason to fail: what is to be proved has all the time it needs.
pub(crate) fn patient() -> SolverOptions {
    SolverOptions { program: None, query: Duration::from_hours(10), total: Duration::from_hours(10) }
}

pub(crate) fn compared(draft: &str, live: &str) -> Comparison {
    compare(&engine(draft), &engine(live), &patient(), &on)
}

pub(crate) fn proof(comparison: &Comparison, aspect: Aspect, direction: Direction) -> &Proof {
    comparison.proofs.iter().find(|proof| (proof.aspect, proof.direction) == (aspect, direction)).unwrap()
}

/// Widens and narrows of ceiling, unattended and approvers, in this order.
pub(crate) fn proved(comparison: &Comparison) -> [[Proved; 2]; 3] {
    ASPECTS.map(|aspect| DIRECTIONS.map(|direction| proof(comparison, aspect, direction).proved))
}

/// The shipped set with invariants.
pub(crate) fn with_invariants(invariants: &str) -> Engine {
    let source = PolicySource { invariants: invariants.to_owned(), ..PolicySource::shipped() };
    Engine::compile(source).unwrap_or_else(|error| panic!("{error}"))
}

/// The shipped schema with the actions of the small world alone, so that there is less to prove.
pub(crate) fn few_actions() -> String {
    let schema = PolicySource::shipped().schema;
    let (head, actions) = schema.split_once("action \"pipelines:execute\"").unwrap();
    let dropped = ["pipelines:stop", "artifacts:", "policies:publish"];
    let kept = format!("action \"pipelines:execute\"{actions}");
    let kept = kept.split_inclusive("};\n").filter(|action| !dropped.iter().any(|name| action.contains(name)));
    format!("{head}{}", kept.collect::<String>())
}
