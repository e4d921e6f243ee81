//! The decision engine: allow, deny or `require_approval`, on Cedar.
//!
//! Text goes in ([`PolicySource`]), is compiled once ([`Engine::compile`]), and answers questions ([`Engine::decide`])
//! without clock, network or database: the same question under the same policy set always has the same answer, so a
//! recorded [`Question`] can be asked again years later.
//!
//! Invariant: nothing fails open. A forbid that cannot be evaluated forbids, a guard that cannot be evaluated stands,
//! and only guards ever read the approval.
//!
//! Deliberately absent: Cedar's types in any signature, the rules that hold whatever policy says (who counts towards
//! a quorum, one use per ticket), and storage of versions.

mod annotation;
mod answer;
mod asked;
mod case;
mod compare;
mod compile;
mod condition;
mod declared;
mod engine;
mod evaluation;
mod explain;
mod explained;
mod facets;
mod facts;
mod findings;
mod format;
mod guard;
mod index;
mod infallible;
mod invariants;
mod kind_of;
mod narrowing;
mod nearest;
mod outline;
mod parts;
mod probe;
mod problem;
mod question_error;
mod reads;
pub mod replay;
mod request;
mod schema;
mod shape;
mod solver;
mod source;
mod subject;
mod unmet;
mod verdict;
mod warm;

pub use answer::{Answer, Effect, EvaluationError, Ground, PolicyInfo, ReviewAnswer};
pub use compare::findings::{ProvedFindings, findings};
pub use compare::kept::check_invariants;
pub use compare::{Changes, changes};
pub use compare::{Progressing, compare};
pub use domain::policy::problem::{PolicyProblem as Problem, SourceFile};
pub use domain::policy::question::{
    Approval, Declared, ExecutionContext, ExecutionMode, KnownResource, PUBLISH, Principal, PrincipalKind, Question,
    Reviewer, TicketFacts, scope_of,
};
pub use domain::policy::vocabulary::{ActionOutline, AttributeOutline, EntityOutline, Outline};
pub use engine::Engine;
pub use explained::{Explained, PolicyStanding, Standing};
pub use format::format;
pub use invariants::InvariantInfo;
pub use nearest::nearest;
pub use problem::PolicyError;
pub use question_error::QuestionError;
pub use solver::SolverOptions;
pub use source::PolicySource;

/// The engine behind the answers, as decision entries name it. A replay by another one may differ.
pub const ENGINE: &str = "cedar-policy/4.14";
