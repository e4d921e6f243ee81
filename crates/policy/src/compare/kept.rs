//! Whether a set keeps its invariants: is there a request that its policies allow and an invariant forbids?

use std::time::Instant;

use domain::outcome::Outcome;
use domain::policy::{Asked, Breach, InvariantResult, Proved};

use super::Progressing;
use super::asked;
use super::concrete;
use super::failing;
use super::host::{Approved, sends};
use super::kind::Kind;
use super::prover::{Prover, Shown};
use super::readable::readable;
use super::rules::{Rule, Rules, named, plain, set, within};
use super::words;
use super::work;
use crate::engine::Engine;
use crate::invariants::{self, InvariantInfo};
use crate::request::Prepared;
use crate::solver::SolverOptions;

/// Checks each invariant of a set, in the order of the text. Never fails: what cannot be proved is unknown, with the reason.
/// One that is not proved to hold must not count as holding.
#[must_use]
pub fn check_invariants(engine: &Engine, solver: &SolverOptions, progress: Progressing<'_>) -> Vec<InvariantResult> {
    if engine.promised().each().next().is_none() {
        return vec![];
    }
    let program = solver.found().map(|(program, _)| program);
    let ended = work::run(solver, program, Instant::now(), progress, |session, sender| {
        let rules = Rules::of(engine);
        let kinds = Kind::all(rules.vocabulary);
        let about = |rule: &Rule| kinds.iter().filter(|kind| kind.is_in_scope_of(&rule.policy)).count();
        let each: Vec<_> = engine
            .promised()
            .each()
            .map(|(info, policy)| (info, Rule::forbidding(&info.id, info.line, policy)))
            .collect();
        let questions = each.iter().map(|(_, rule)| about(rule)).sum::<usize>();
        let mut prover = Prover::new(session, sender, u32::try_from(questions).unwrap_or(u32::MAX))?;
        let check = |(info, rule): &(&InvariantInfo, Rule)| check(&rules, info, rule, &kinds, &mut prover);
        Ok(each.iter().map(check).collect::<Vec<_>>())
    });
    ended.unwrap_or_else(|reason| {
        let lost = |(info, _): &(InvariantInfo, _)| result(info, vec![], vec![reason.clone()], 0);
        engine.promised().each().map(lost).collect()
    })
}

fn check(
    rules: &Rules<'_>,
    info: &InvariantInfo,
    invariant: &Rule,
    kinds: &[Kind],
    prover: &mut Prover<'_>,
) -> InvariantResult {
    let (mut broken_by, mut unknown, mut looked_at) = (vec![], vec![], 0);
    for kind in kinds.iter().filter(|kind| kind.is_in_scope_of(&invariant.policy)) {
        looked_at += 1;
        match broken(rules, invariant, kind, prover)
            .unwrap_or_else(|| Err("it cannot be written for the solver".to_owned()))
        {
            Ok(breach) => broken_by.extend(breach),
            Err(reason) => unknown.push(format!("{}: {reason}", kind.name())),
        }
        prover.advance(1);
    }
    result(info, broken_by, unknown, looked_at)
}

fn result(info: &InvariantInfo, broken_by: Vec<Breach>, unknown: Vec<String>, kinds: u32) -> InvariantResult {
    let id = &info.id;
    let (proved, sentence) = match (broken_by.first(), unknown.first()) {
        (Some(breach), _) => {
            (Proved::Sometimes, format!("`{id}` is broken: {}, and the policies allow it", breach.sentence))
        }
        (None, None) => (Proved::Never, format!("`{id}` holds: proved for every possible request")),
        (None, Some(reason)) => (Proved::Unknown, format!("whether `{id}` holds is not known: {reason}")),
    };
    let (id, title, line) = (info.id.clone(), info.title.clone(), info.line);
    InvariantResult { id, title, line, proved, sentence, broken_by, kinds, unknown }
}

/// `None` if it cannot be written for the solver; `Err` if nothing is known.
fn broken(
    rules: &Rules<'_>,
    invariant: &Rule,
    kind: &Kind,
    prover: &mut Prover<'_>,
) -> Option<Result<Option<Breach>, String>> {
    let relevant: Vec<_> = rules.each.iter().filter(|rule| kind.is_in_scope_of(&rule.policy)).collect();
    let names = named(relevant.iter().map(|rule| &rule.policy).chain([&invariant.policy]));
    let sent = sends(kind, &rules.vocabulary.wanted, Approved::Either, &names);
    let schema = &rules.vocabulary.schema;
    // One that fails forbids nothing for Cedar: then nothing may be claimed.
    match failing::fails(invariant, kind, rules.vocabulary, prover)? {
        Shown::Never => {}
        Shown::Found(_) => return Some(Err("it cannot be evaluated for every request".to_owned())),
        Shown::Unknown(reason) => return Some(Err(reason)),
    }
    if super::aspect::reads_beyond(&invariant.policy) {
        return Some(Err("it reads attributes of what is neither principal, resource nor context".to_owned()));
    }
    let from = set(relevant.iter().map(|rule| rule.policy.clone()).chain(within(&sent)?))?;
    let to = set([plain("permit", "")?, invariant.policy.clone()])?;
    let env = match prover.beyond(kind, schema, [&from, &to], true) {
        Shown::Never => return Some(Ok(None)),
        Shown::Unknown(reason) => return Some(Err(reason)),
        Shown::Found(env) => env,
    };
    let breaks = |asked: &Asked| {
        asked::told(asked, rules.engine).outcome == Outcome::Allow && is_forbidden(rules, invariant, asked)
    };
    let Some(asked) = env.and_then(|env| concrete::asked(kind, &env)).filter(|asked| breaks(asked)) else {
        return Some(Err("the solver shows a request, and the engine does not bear it out".to_owned()));
    };
    let asked = readable(asked, &breaks);
    let reasons = asked::told(&asked, rules.engine).reasons;
    let sentence = words::request(&asked);
    Some(Ok(Some(Breach { question: asked::question(&asked), ticket: asked::ticket(&asked), reasons, sentence })))
}

fn is_forbidden(rules: &Rules<'_>, invariant: &Rule, asked: &Asked) -> bool {
    let prepared = match asked {
        Asked::Question(question) => Prepared::question(rules.vocabulary, question),
        Asked::Review(reviewer, ticket) => Prepared::review(rules.vocabulary, reviewer, ticket),
    };
    prepared.is_ok_and(|prepared| invariants::forbids(&invariant.policy, &prepared))
}
