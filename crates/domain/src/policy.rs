//! Values about policy that cross every layer: what the engine is asked, what is wrong with a text, test cases, and the
//! reports of replay and comparison.
//!
//! They are data; the `policy` crate makes them and knows Cedar. Numbers of decisions are `u32`: a log of more than four
//! billion is replayed in parts.

pub mod case;
pub mod comparison;
pub mod draft;
pub mod finding;
pub mod problem;
pub mod publication;
pub mod question;
pub mod replay;
pub mod vocabulary;

pub use case::{Asked, Case, CaseApproval, CaseError, CaseResult, CaseTicket, Expectation, SuiteReport};
pub use comparison::{Aspect, Breach, Comparison, Counterexample, Direction, InvariantResult, Proof, Proved, Solver};
pub use draft::{AskedFor, Content, Draft, DraftState};
pub use finding::{Finding, FindingKind};
pub use problem::{PolicyProblem, SourceFile};
pub use publication::PublishCommand;
pub use question::{
    Approval, Declared, ExecutionContext, ExecutionMode, KnownResource, Principal, PrincipalKind, Question, Reviewer,
    TicketFacts,
};
pub use replay::{
    Basis, Coverage, Drift, Flip, FlipGroup, FlipSample, Progress, ReplayReport, Share, SkipReason, Skipped, Tally,
};
pub use vocabulary::{ActionOutline, AttributeOutline, EntityOutline, Outline};
