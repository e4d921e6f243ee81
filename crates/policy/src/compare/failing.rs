//! Whether a policy can fail to be evaluated, for a request that the host can send.
//!
//! First with what is about numbers and instants alone, which is easy and mostly enough. Only what fails even so is asked for
//! with all that is known of requests, so that the answer is a request that can be sent.

use super::host::{Approved, sends, sends_numbers};
use super::kind::Kind;
use super::prover::{Prover, Shown};
use super::rules::{Rule, named};
use crate::schema::Vocabulary;

/// A request for which it fails. `None` if it cannot be written for the solver.
pub(super) fn fails(rule: &Rule, kind: &Kind, vocabulary: &Vocabulary, prover: &mut Prover<'_>) -> Option<Shown> {
    let numbers = sends_numbers(kind, &vocabulary.wanted, Approved::Either);
    let shown = prover.fails(kind, &vocabulary.schema, &rule.narrowed(&numbers)?);
    if !matches!(shown, Shown::Found(_)) {
        return Some(shown);
    }
    let all = sends(kind, &vocabulary.wanted, Approved::Either, &named([&rule.policy]));
    Some(prover.fails(kind, &vocabulary.schema, &rule.narrowed(&all)?))
}
