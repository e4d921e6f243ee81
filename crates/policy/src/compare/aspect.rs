//! One aspect in one direction for one kind of request: is there a request that `from` allows and `to` does not?
//!
//! First what changed alone, whatever the size of the sets: if every permit that only `from` has is covered by permits that
//! only `to` has, and every forbid that only `to` has by forbids that only `from` has, there is none. If that is not enough, a
//! request is looked for that a few policies show already; only if there is none, the whole sets are compared.
//!
//! Cedar skips a policy that cannot be evaluated; the engine lets a forbid stand. So *never* is said only if no forbid that
//! only `to` has can fail: one that both have fails in both.

use std::collections::HashSet;

use cedar_policy::pst::{self, Expr, Var};
use cedar_policy::{Policy, Schema};
use cedar_policy_symcc::Env;
use domain::outcome::Outcome;
use domain::policy::{Asked, Aspect};

use super::asked::{self, Told};
use super::concrete;
use super::failing;
use super::host::{Approved, sends};
use super::kind::Kind;
use super::prover::{Prover, Shown};
use super::readable::readable;
use super::rules::{Rule, Rules, named, plain, set, within};
use super::words;
use crate::answer::Effect;

/// What is known.
pub(crate) enum Known {
    /// There is no such request.
    Never,
    /// There is, and the engine bears it out.
    Found(Box<Found>),
    /// Nothing.
    Unknown(String),
}

/// A request with both answers.
pub(crate) struct Found {
    pub(crate) asked: Asked,
    pub(crate) from: Told,
    pub(crate) to: Told,
}

/// Two sets, one kind of request.
pub(crate) struct Side<'a> {
    pub(crate) kind: &'a Kind,
    pub(crate) schema: &'a Schema,
    pub(crate) from: &'a Rules<'a>,
    pub(crate) to: &'a Rules<'a>,
    /// A condition under which `to` can be asked at all; `None` if always.
    pub(crate) to_only_when: Option<String>,
    /// Whether `to` has this kind of request at all.
    pub(crate) to_has_kind: bool,
}

/// With how many permits that both have a request is looked for first.
const FEW: usize = 8;

const CANNOT: &str = "the policies cannot be written for the solver";

impl Side<'_> {
    /// Answers.
    pub(crate) fn compare(&self, aspect: Aspect, prover: &mut Prover<'_>) -> Known {
        let (from, mut to) = (self.relevant(self.from, aspect), self.relevant(self.to, aspect));
        if !self.to_has_kind {
            to.clear();
        }
        let (only_from, only_to) = (only_in(&from, &to), only_in(&to, &from));
        let restricted = self.to_has_kind && self.to_only_when.is_some();
        if only_from.is_empty() && only_to.is_empty() && !restricted {
            return Known::Never;
        }
        if let Some(over) = prover.over() {
            return Known::Unknown(over);
        }
        let question = Question { side: self, aspect, from, to, only_from, only_to };
        question.ask(prover).unwrap_or_else(|| Known::Unknown(CANNOT.to_owned()))
    }

    fn relevant<'r>(&self, rules: &'r Rules<'_>, aspect: Aspect) -> Vec<&'r Rule> {
        let each = rules.each.iter().filter(|rule| aspect != Aspect::Ceiling || rule.effect != Effect::Guard);
        each.filter(|rule| self.kind.is_in_scope_of(&rule.policy)).collect()
    }
}

struct Question<'a> {
    side: &'a Side<'a>,
    aspect: Aspect,
    from: Vec<&'a Rule>,
    to: Vec<&'a Rule>,
    only_from: Vec<&'a Rule>,
    only_to: Vec<&'a Rule>,
}

impl Question<'_> {
    fn ask(&self, prover: &mut Prover<'_>) -> Option<Known> {
        if self.changes_alone(prover)? {
            return self.never(prover);
        }
        if let Some((from, to)) = self.few()
            && let Shown::Found(env) = self.beyond(&from, &to, prover)?
            && let found @ Known::Found(_) = self.borne_out(env)
        {
            return Some(found);
        }
        match self.beyond(&self.from, &self.to, prover)? {
            Shown::Never => self.never(prover),
            Shown::Unknown(reason) => Some(Known::Unknown(reason)),
            Shown::Found(env) => Some(self.borne_out(env)),
        }
    }

    /// What changed, with a few of the permits that did not: where the sets differ at all there mostly is a request that
    /// these show, and a solver has far less to look through. It proves nothing, so that what it shows has to be borne out
    /// by the engine with the whole sets. `None` if they are few anyway.
    fn few(&self) -> Option<(Vec<&Rule>, Vec<&Rule>)> {
        let changed: HashSet<_> = self.only_from.iter().map(|rule| rule.meaning()).collect();
        let shared = self.from.iter().copied();
        let shared = shared.filter(|rule| rule.effect == Effect::Permit && !changed.contains(rule.meaning()));
        let shared: Vec<_> = shared.take(FEW).collect();
        let from = [self.only_from.as_slice(), &shared].concat();
        let to = [self.only_to.as_slice(), &shared].concat();
        (2 * (from.len() + to.len()) < self.from.len() + self.to.len()).then_some((from, to))
    }

    /// Whether there is a request that the host sends, that some rules allow and others do not.
    fn beyond(&self, from: &[&Rule], to: &[&Rule], prover: &mut Prover<'_>) -> Option<Shown> {
        let policies = |rules: &[&Rule]| rules.iter().map(|rule| rule.policy.clone()).collect::<Vec<_>>();
        let from = set(policies(from).into_iter().chain(within(&self.sent(from, to))?))?;
        let to = set(policies(to).into_iter().chain(self.restriction()?))?;
        Some(prover.beyond(self.side.kind, self.side.schema, [&from, &to], true))
    }

    /// A request of the solver, if it is one that can be sent.
    fn borne_out(&self, env: Option<Box<Env>>) -> Known {
        let asked = env.and_then(|env| concrete::asked(self.side.kind, &env));
        let nobody = || Known::Unknown("the solver shows a request that nobody can send".to_owned());
        asked.map_or_else(nobody, |asked| self.checked(asked))
    }

    /// There is none for Cedar. Is there none for the engine?
    fn never(&self, prover: &mut Prover<'_>) -> Option<Known> {
        if let Some(reason) = self.unseen() {
            return Some(Known::Unknown(reason));
        }
        for rule in self.only_to.iter().filter(|rule| rule.effect != Effect::Permit) {
            match self.fails(rule, prover)? {
                Known::Never => {}
                other => return Some(other),
            }
        }
        Some(Known::Never)
    }

    /// Whether what changed shows by itself that there is no such request.
    fn changes_alone(&self, prover: &mut Prover<'_>) -> Option<bool> {
        let restriction = self.restriction()?;
        let of = |rules: &[&Rule], permits: bool| {
            let those = rules.iter().filter(|rule| (rule.effect == Effect::Permit) == permits);
            those.map(|rule| rule.policy.clone()).collect::<Vec<_>>()
        };
        let (permits, covering) = (of(&self.only_from, true), of(&self.only_to, true));
        let (mut forbids, blocking) = (of(&self.only_to, false), of(&self.only_from, false));
        forbids.extend(restriction);
        if self.only_from.len() == self.from.len() && self.only_to.len() == self.to.len() {
            return Some(false); // nothing is shared, so this would be the whole question
        }
        // Less than is known of requests is enough here mostly, and far easier for the solver.
        let boundary = || match self.approved() {
            _ if self.side.kind.is_review() => plain("forbid", "when { false }"),
            Approved::Yes => plain("forbid", "unless { context has approval }"),
            Approved::No | Approved::Either => plain("forbid", "when { context has approval }"),
        };
        let (kind, schema) = (self.side.kind, self.side.schema);
        if !permits.is_empty() {
            let from = set(permits.into_iter().chain([boundary()?]))?;
            if covering.is_empty()
                || !matches!(prover.beyond(kind, schema, [&from, &set(covering)?], false), Shown::Never)
            {
                return Some(false);
            }
        }
        if forbids.is_empty() {
            return Some(true);
        }
        let everything = plain("permit", "")?;
        let from = set(blocking.into_iter().chain([boundary()?, everything.clone()]))?;
        let to = set(forbids.into_iter().chain([everything]))?;
        Some(matches!(prover.beyond(kind, schema, [&from, &to], false), Shown::Never))
    }

    /// Whether a forbid that only `to` has can fail: then the engine denies what Cedar would allow.
    fn fails(&self, rule: &Rule, prover: &mut Prover<'_>) -> Option<Known> {
        let name = (self.side.kind.name(), rule.meaning().to_owned());
        if prover.never_fails.contains(&name) {
            return Some(Known::Never);
        }
        Some(match failing::fails(rule, self.side.kind, self.side.from.vocabulary, prover)? {
            Shown::Never => {
                prover.never_fails.insert(name);
                Known::Never
            }
            Shown::Unknown(reason) => Known::Unknown(format!("whether `{}` can fail: {reason}", rule.id)),
            Shown::Found(env) => {
                let asked = env.and_then(|env| concrete::asked(self.side.kind, &env));
                match asked.map(|asked| self.checked(asked)) {
                    Some(Known::Found(found)) => Known::Found(found),
                    _ => Known::Unknown(format!("`{}` cannot always be evaluated, and then it stands", rule.id)),
                }
            }
        })
    }

    /// What the engine itself says to a request of the solver.
    fn checked(&self, asked: Asked) -> Known {
        let (from, to) = (self.side.from.engine, self.side.to.engine);
        let shows = |asked: &Asked| self.shows(&asked::told(asked, from), &asked::told(asked, to));
        if !shows(&asked) {
            let (first, second) = (asked::told(&asked, from), asked::told(&asked, to));
            return Known::Unknown(format!(
                "the solver's request does not bear it out: {}; one set {}, the other {}",
                words::request(&asked),
                words::said(&first),
                words::said(&second)
            ));
        }
        let asked = readable(asked, &shows);
        let (from, to) = (asked::told(&asked, from), asked::told(&asked, to));
        Known::Found(Box::new(Found { asked, from, to }))
    }

    fn shows(&self, from: &Told, to: &Told) -> bool {
        match self.aspect {
            Aspect::Ceiling => from.outcome != Outcome::Deny && to.outcome == Outcome::Deny,
            Aspect::Unattended | Aspect::Approvers => from.outcome == Outcome::Allow && to.outcome != Outcome::Allow,
        }
    }

    const fn approved(&self) -> Approved {
        match self.aspect {
            Aspect::Ceiling | Aspect::Unattended => Approved::No,
            Aspect::Approvers => Approved::Yes,
        }
    }

    fn sent(&self, from: &[&Rule], to: &[&Rule]) -> Vec<String> {
        let names = named(from.iter().chain(to).map(|rule| &rule.policy));
        sends(self.side.kind, &self.side.from.vocabulary.wanted, self.approved(), &names)
    }

    /// Forbids what `to` cannot be asked: at most one policy. `None` if it cannot be written.
    fn restriction(&self) -> Option<Vec<Policy>> {
        let condition = self.side.to_only_when.as_ref().filter(|_| self.side.to_has_kind);
        within(condition.map(std::slice::from_ref).unwrap_or_default())
    }

    /// A policy that reads what the host sends nowhere: to a solver it has some value, to the engine none.
    fn unseen(&self) -> Option<String> {
        let permits = self.to.iter().filter(|rule| rule.effect == Effect::Permit);
        let forbids = self.only_to.iter().filter(|rule| rule.effect != Effect::Permit);
        let rule = permits.chain(forbids).find(|rule| reads_beyond(&rule.policy))?;
        Some(format!("`{}` reads attributes of what is neither principal, resource nor context", rule.id))
    }
}

fn only_in<'r>(one: &[&'r Rule], other: &[&'r Rule]) -> Vec<&'r Rule> {
    let known: HashSet<_> = other.iter().map(|rule| rule.meaning()).collect();
    one.iter().copied().filter(|rule| !known.contains(rule.meaning())).collect()
}

/// Whether a policy reads attributes of anything but principal, resource and context.
pub(super) fn reads_beyond(policy: &Policy) -> bool {
    let Ok(pst::Policy::Static(parsed)) = policy.to_pst() else { return true };
    let seen = |expr: &Expr| match expr {
        Expr::GetAttr { expr, .. } if !is_sent(expr) => Some(true),
        _ => None,
    };
    parsed.body().clauses().iter().any(|clause| {
        let (pst::Clause::When(expr) | pst::Clause::Unless(expr)) = clause;
        expr.reduce(&seen, &|one, other| one || other, false)
    })
}

fn is_sent(expr: &Expr) -> bool {
    match expr {
        Expr::Var(_) | Expr::Record(_) => true,
        Expr::GetAttr { expr, .. } => {
            let mut base = &**expr;
            while let Expr::GetAttr { expr, .. } = base {
                base = expr;
            }
            matches!(base, Expr::Var(Var::Context))
        }
        _ => false,
    }
}
