//! What a draft lets happen that the set in force does not, as approvers, policies and the entry are told.
//!
//! Invariant: that a set does not widen is said only when it is proved.

use std::ops::ControlFlow;

use domain::policy::{Aspect, Comparison, Direction, Proved};
use policy::Engine;
use serde_json::{Value, json};

use super::PublishError;
use crate::{Control, Error};

/// A draft held against the set in force.
#[derive(Clone)]
pub(super) struct Difference {
    /// Whether it allows something that the set in force does not, or with less approval; `None` if nobody knows.
    pub(super) widens: Option<bool>,
    sentences: Vec<String>,
    told: Value,
}

impl Control {
    /// Refuses policies of which it is proved that they do not do what they say. What was in force before may come back
    /// with them: in an emergency that is the safer set.
    pub(super) fn difference(&self, live: &Engine, draft: &Engine, restores: bool) -> Result<Difference, Error> {
        let comparison = policy::compare(draft, live, &self.solver(), &|_| ControlFlow::Continue(()));
        let grave: Vec<_> = comparison.findings.iter().filter(|finding| finding.grave).cloned().collect();
        if !grave.is_empty() && !restores {
            return Err(PublishError::Grave(grave).into());
        }
        Ok(Difference::of(&comparison))
    }
}

impl Difference {
    fn of(comparison: &Comparison) -> Self {
        let widening = || comparison.proofs.iter().filter(|proof| proof.direction == Direction::Widens);
        let found = |wanted| widening().any(|proof| proof.proved == wanted);
        let widens = match (found(Proved::Sometimes), found(Proved::Unknown)) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        };
        let sometimes = widening().filter(|proof| proof.proved == Proved::Sometimes);
        // What is allowed at all is allowed unattended or approved too: it is told once.
        let beyond = widening().any(|proof| proof.aspect == Aspect::Ceiling && proof.proved == Proved::Sometimes);
        let sentences = sometimes
            .filter(|proof| !beyond || proof.aspect == Aspect::Ceiling)
            .map(|proof| match proof.counterexamples.first() {
                Some(example) => format!("{}. For example: {}.", begun(&proof.sentence), example.sentence),
                None => format!("{}.", begun(&proof.sentence)),
            })
            .collect();
        let proofs: Vec<_> = comparison
            .proofs
            .iter()
            .map(|proof| json!({ "aspect": proof.aspect, "direction": proof.direction, "proved": proof.proved }))
            .collect();
        let told = json!({ "widens": widens, "proofs": proofs, "solver": comparison.solver.name });
        Self { widens, sentences, told }
    }

    /// In words, for who approves.
    pub(super) fn found(&self) -> Vec<String> {
        let first = match self.widens {
            Some(true) => "It widens what can happen.",
            Some(false) => "It is proved that it lets nothing happen that the set in force does not.",
            None => "Whether it widens what can happen could not be proved.",
        };
        let widening = self.sentences.iter().filter(|_| self.widens == Some(true)).cloned();
        [first.to_owned()].into_iter().chain(widening).collect()
    }

    /// For the entry.
    pub(super) const fn told(&self) -> &Value {
        &self.told
    }
}

/// With a capital letter.
fn begun(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
