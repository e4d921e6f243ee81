//! The engine as its users meet it: text in, questions asked, answers compared.
#![expect(clippy::unwrap_used, clippy::format_collect, reason = "a test that meets a surprise should stop there")]

mod case;
mod compile;
mod decide;
mod explain;
mod facts;
mod fixtures;
mod guard;
mod lints;
mod never_fails;
mod questions;
mod reference;
mod review;
mod shipped;
mod slices;
