//! Proofs over all possible requests: what a draft lets happen that the set in force does not, and the other way round.
//!
//! For each kind of request (type of principal, action, type of resource) a solver is asked for a request on which the two
//! sets differ. What it finds is asked again of the ordinary engine, and shown only if that agrees.
//!
//! Invariant: *never* is said only when it is proved, of every request that the host can send; a limit, a dead solver, a
//! policy that can fail are *unknown*. Deliberately absent: times and ages that annotations ask for (`@step_up`, `@approval_ttl`
//! and the like), which no request shows; a change of those is listed and not proved.

mod asked;
mod aspect;
mod concrete;
mod failing;
pub(crate) mod findings;
mod host;
pub(crate) mod kept;
mod kind;
mod prover;
mod readable;
mod rules;
mod schemas;
mod words;
mod work;

use std::ops::ControlFlow;
use std::time::Instant;

use domain::policy::{Aspect, Basis, Comparison, Counterexample, Direction, Progress, Proof, Proved, Solver};

use crate::engine::Engine;
use crate::solver::SolverOptions;

use aspect::{Found, Known, Side};
use kind::Kind;
use prover::Prover;
use rules::Rules;
pub use rules::{Changes, changes};
use schemas::Meeting;

/// Is told how far a work is; may end it.
pub type Progressing<'a> = &'a dyn Fn(Progress) -> ControlFlow<()>;

const ASPECTS: [Aspect; 3] = [Aspect::Ceiling, Aspect::Unattended, Aspect::Approvers];
const DIRECTIONS: [Direction; 2] = [Direction::Widens, Direction::Narrows];

/// Holds a draft against the set in force. Never fails: what cannot be proved is unknown, with the reason. Policies that the
/// draft adds or changes are looked at for findings.
#[must_use]
pub fn compare(draft: &Engine, live: &Engine, solver: &SolverOptions, progress: Progressing<'_>) -> Comparison {
    let begun = Instant::now();
    let changes = rules::changes(draft, live);
    let touched: Vec<_> = changes.added.iter().chain(&changes.changed).cloned().collect();
    let found = solver.found();
    let told = match &found {
        Ok((_, name)) => Solver { name: Some(name.clone()), problem: None },
        Err(problem) => Solver { name: None, problem: Some(problem.clone()) },
    };
    let ended = work::run(solver, found.map(|(program, _)| program), begun, progress, |session, sender| {
        let (draft, live) = (Rules::of(draft), Rules::of(live));
        let (new, old) = (Kind::all(draft.vocabulary), Kind::all(live.vocabulary));
        let questions = (new.len() + old.len()) * ASPECTS.len() + touched.len();
        let mut prover = Prover::new(session, sender, u32::try_from(questions).unwrap_or(u32::MAX))?;
        let mut proofs = vec![];
        let one_schema = draft.engine.source().schema == live.engine.source().schema;
        for aspect in ASPECTS {
            for direction in DIRECTIONS {
                let (from, to, kinds) = match direction {
                    Direction::Widens => (&draft, &live, &new),
                    Direction::Narrows => (&live, &draft, &old),
                };
                if !one_schema {
                    prover.never_fails.clear();
                }
                proofs.push(proof(aspect, direction, &Meeting::of(from, to), kinds, &mut prover));
            }
        }
        let findings = findings::of(&draft, Some(&touched), &mut prover).findings;
        Ok((proofs, findings))
    });
    let (proofs, findings) = ended.unwrap_or_else(|reason| (nothing_known(&reason), vec![]));
    let basis = Basis {
        draft: draft.digest(),
        live: live.digest(),
        engine: crate::ENGINE.to_owned(),
        first_index: None,
        last_index: None,
        from: None,
        until: None,
    };
    let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    let rules::Changes { added, removed, changed } = changes;
    Comparison { basis, solver: told, proofs, added, removed, changed, findings, took_ms }
}

fn proof(
    aspect: Aspect,
    direction: Direction,
    meeting: &Meeting<'_>,
    kinds: &[Kind],
    prover: &mut Prover<'_>,
) -> Proof {
    let mut counterexamples = vec![];
    let mut unknown = vec![];
    let mut looked_at = 0;
    for kind in kinds {
        // No approval is for a review, so that the ceiling is all there is to it.
        if !kind.is_review() || aspect == Aspect::Ceiling {
            looked_at += 1;
            let known = match meeting.obstacle(kind) {
                Some(obstacle) => Known::Unknown(obstacle),
                None => Side::compare(&meeting.side(kind), aspect, prover),
            };
            match known {
                Known::Never => {}
                Known::Found(found) => counterexamples.push(counterexample(direction, *found)),
                Known::Unknown(reason) => unknown.push(format!("{}: {reason}", kind.name())),
            }
        }
        prover.advance(1);
    }
    let answer = match (counterexamples.is_empty(), unknown.is_empty() && looked_at > 0) {
        (false, _) => Proved::Sometimes,
        (true, true) => Proved::Never,
        (true, false) => Proved::Unknown,
    };
    let sentence = words::proof(aspect, direction, answer, counterexamples.len(), &unknown, looked_at);
    Proof { aspect, direction, proved: answer, sentence, counterexamples, kinds: looked_at, unknown }
}

fn counterexample(direction: Direction, found: Found) -> Counterexample {
    let Found { asked, from, to } = found;
    let (draft, live) = match direction {
        Direction::Widens => (from, to),
        Direction::Narrows => (to, from),
    };
    let sentence = words::difference(&asked, &live, &draft);
    Counterexample {
        question: asked::question(&asked),
        ticket: asked::ticket(&asked),
        live: live.outcome,
        live_reasons: live.reasons,
        draft: draft.outcome,
        draft_reasons: draft.reasons,
        sentence,
    }
}

/// If even the work itself ended before its time.
fn nothing_known(reason: &str) -> Vec<Proof> {
    let each = ASPECTS.into_iter().flat_map(|aspect| DIRECTIONS.map(|direction| (aspect, direction)));
    let unknown = vec![reason.to_owned()];
    each.map(|(aspect, direction)| Proof {
        aspect,
        direction,
        proved: Proved::Unknown,
        sentence: words::proof(aspect, direction, Proved::Unknown, 0, &unknown, 0),
        counterexamples: vec![],
        kinds: 0,
        unknown: unknown.clone(),
    })
    .collect()
}
