//! Proofs as their users meet them, with the solver that is installed and with programs that only claim to be one.
#![expect(clippy::unwrap_used, reason = "a test that meets a surprise should stop there")]

mod edits;
mod findings;
mod fixtures;
mod invariants;
mod proofs;
mod random;
mod schemas;
mod solver;
mod world;
