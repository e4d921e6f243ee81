//! What is odd about single policies, proved over every possible request.
//!
//! What is not known is left out of the list and counted, so that silence is never taken for praise.

use std::time::Instant;

use domain::policy::{Finding, FindingKind};

use super::Progressing;
use super::asked;
use super::concrete;
use super::failing;
use super::host::{Approved, sends};
use super::kind::Kind;
use super::prover::{Prover, Shown};
use super::rules::{Rule, Rules, named, plain, scope_of, set, within};
use super::work;
use crate::answer::Effect;
use crate::engine::Engine;
use crate::solver::SolverOptions;

/// What was found, and how much could not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProvedFindings {
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// How many questions about policies have no answer.
    pub unknown: u32,
    /// Why the first has none.
    pub why_unknown: Option<String>,
}

/// Looks at the policies of a set: at all, or at those that are named. Never fails: without a solver all is unknown.
#[must_use]
pub fn findings(
    engine: &Engine,
    only: Option<&[String]>,
    solver: &SolverOptions,
    progress: Progressing<'_>,
) -> ProvedFindings {
    let program = solver.found().map(|(program, _)| program);
    let ended = work::run(solver, program, Instant::now(), progress, |session, sender| {
        let rules = Rules::of(engine);
        let total = only.map_or(rules.each.len(), <[_]>::len);
        let mut prover = Prover::new(session, sender, u32::try_from(total).unwrap_or(u32::MAX))?;
        Ok(of(&rules, only, &mut prover))
    });
    ended.unwrap_or_else(|reason| ProvedFindings { findings: vec![], unknown: 1, why_unknown: Some(reason) })
}

/// The same, with a prover that is there.
pub(super) fn of(rules: &Rules<'_>, only: Option<&[String]>, prover: &mut Prover<'_>) -> ProvedFindings {
    let kinds = Kind::all(rules.vocabulary);
    let mut all = ProvedFindings::default();
    for rule in rules.each.iter().filter(|rule| only.is_none_or(|only| only.contains(&rule.id))) {
        let kinds = kinds.iter().filter(|kind| kind.is_in_scope_of(&rule.policy)).collect();
        Look { rules, rule, kinds, prover, all: &mut all }.look();
        prover.advance(1);
    }
    all
}

struct Look<'l, 'p> {
    rules: &'l Rules<'l>,
    rule: &'l Rule,
    kinds: Vec<&'l Kind>,
    prover: &'l mut Prover<'p>,
    all: &'l mut ProvedFindings,
}

/// Whether something is so for some kind of request.
enum Somewhere {
    No,
    Yes,
    Unknown(String),
}

impl Look<'_, '_> {
    fn look(&mut self) {
        let id = &self.rule.id;
        let fails = self.can_fail();
        match self.somewhere(Self::is_met) {
            Somewhere::Yes => {}
            Somewhere::Unknown(reason) => return self.skip(reason),
            // What fails wherever it would match is told once.
            Somewhere::No if fails => return,
            Somewhere::No => {
                return self.tell(
                    FindingKind::NeverMatches,
                    format!("`{id}` matches no request that there can be"),
                    false,
                );
            }
        }
        match self.rule.effect {
            Effect::Guard => self.lifted(),
            Effect::Permit | Effect::Forbid if self.rule.has_conditions() => self.always(),
            Effect::Permit | Effect::Forbid => {}
        }
        self.redundant();
    }

    fn can_fail(&mut self) -> bool {
        let mut message = None;
        let fails = self.somewhere(|this, kind| {
            let shown = failing::fails(this.rule, kind, this.rules.vocabulary, this.prover)?;
            let Shown::Found(env) = shown else { return Some(shown) };
            let told = env
                .as_ref()
                .and_then(|env| concrete::asked(kind, env))
                .map(|asked| asked::told(&asked, this.rules.engine));
            let error = told.into_iter().flat_map(|told| told.errors).find(|(policy, _)| *policy == this.rule.id);
            let Some((_, error)) = error else {
                return Some(Shown::Unknown("the engine can evaluate what the solver cannot".to_owned()));
            };
            message = Some(error);
            Some(Shown::Found(env))
        });
        match (fails, message) {
            (Somewhere::No, _) => false,
            (Somewhere::Unknown(reason), _) => {
                self.skip(reason);
                false
            }
            (Somewhere::Yes, message) => {
                let error = message.unwrap_or_else(|| "no reason is known".to_owned());
                let then = match self.rule.effect {
                    Effect::Permit => "does not permit",
                    Effect::Forbid => "forbids",
                    Effect::Guard => "stands, whoever approved",
                };
                let sentence =
                    format!("`{}` cannot be evaluated for some request, and then it {then}: {error}", self.rule.id);
                self.tell(FindingKind::CanFail, sentence, self.rule.effect != Effect::Permit);
                true
            }
        }
    }

    fn always(&mut self) {
        let spared = self.somewhere(|this, kind| {
            let sent = this.sent(kind, Approved::Either);
            let from = set(within(&sent)?.into_iter().chain([scope_of(&this.rule.policy)?]))?;
            let to = set([this.rule.permitting()?])?;
            Some(this.prover.beyond(kind, &this.rules.vocabulary.schema, [&from, &to], false))
        });
        match spared {
            Somewhere::Yes => {}
            Somewhere::Unknown(reason) => self.skip(reason),
            Somewhere::No => {
                let sentence =
                    format!("the condition of `{}` holds for every request that its scope takes", self.rule.id);
                self.tell(FindingKind::AlwaysMatches, sentence, false);
            }
        }
    }

    /// What the guard asks for lifts it, and nothing less does.
    fn lifted(&mut self) {
        let rule = self.rule;
        let Some(requirement) = &rule.requirement else { return };
        let (id, quorum) = (&rule.id, requirement.quorum);
        let Some(stands) = rule.without_approval() else { return self.skip("its condition cannot be read".to_owned()) };
        let approval = |what: String| format!("context has approval && {what}");
        let fewer = [approval(format!("context.approval.approvers < {quorum}"))];
        let by_fewer = self.somewhere(|this, kind| this.is_lifted(kind, &stands, &fewer));
        match by_fewer {
            Somewhere::No => {}
            Somewhere::Unknown(reason) => self.skip(reason),
            Somewhere::Yes => {
                let sentence = format!("`{id}` says that it needs {}, and fewer lift it", super::words::people(quorum));
                self.tell(FindingKind::LiftedByFewer, sentence, true);
            }
        }
        let groups = requirement.groups.iter().map(|group| format!("Team::{}", super::host::literal(group)));
        let groups = groups.collect::<Vec<_>>().join(", ");
        let lasts = requirement.execution_ttl_seconds;
        let mut enough = vec![
            approval(format!("context.approval.approvers == {quorum}")),
            approval("context.approval.grantedAt == context.now".to_owned()),
            approval(format!("context.approval.expiresAt == context.now.offset(duration(\"{lasts}s\"))")),
        ];
        if !groups.is_empty() {
            enough.push(approval(format!("context.approval.groups.containsAll([{groups}])")));
        }
        match self.somewhere(|this, kind| this.is_lifted(kind, &stands, &enough)) {
            Somewhere::Yes => {}
            Somewhere::Unknown(reason) => self.skip(reason),
            Somewhere::No => {
                let sentence =
                    format!("`{id}` asks for {}, and that many do not lift it", super::words::people(quorum));
                self.tell(FindingKind::NotLifted, sentence, true);
            }
        }
    }

    fn redundant(&mut self) {
        let (rule, rules) = (self.rule, self.rules);
        let permits = rule.effect == Effect::Permit;
        let is_alike = |other: &&Rule| match rule.effect {
            Effect::Permit => other.effect == Effect::Permit,
            // Another guard may ask for other clocks, so only a forbid makes a guard needless.
            Effect::Forbid | Effect::Guard => other.effect == Effect::Forbid,
        };
        let others: Vec<_> = rules.each.iter().filter(|other| other.id != rule.id).filter(is_alike).collect();
        let needed = self.somewhere(|this, kind| {
            let relevant: Vec<_> = others.iter().filter(|other| kind.is_in_scope_of(&other.policy)).collect();
            if relevant.is_empty() {
                return Some(Shown::Found(None));
            }
            let names = named(relevant.iter().map(|rule| &rule.policy).chain([&rule.policy]));
            let sent = sends(kind, &rules.vocabulary.wanted, Approved::Either, &names);
            let from = set(within(&sent)?.into_iter().chain([rule.permitting()?]))?;
            let to = relevant.iter().map(|other| if permits { Some(other.policy.clone()) } else { other.permitting() });
            let to = set(to.collect::<Option<Vec<_>>>()?)?;
            Some(this.prover.beyond(kind, &rules.vocabulary.schema, [&from, &to], false))
        });
        match needed {
            Somewhere::Yes => {}
            Somewhere::Unknown(reason) => self.skip(reason),
            Somewhere::No => {
                let does = if permits { "permits" } else { "forbids" };
                let sentence =
                    format!("all that `{}` {does}, other policies {} already", rule.id, &does[..does.len() - 1]);
                self.tell(FindingKind::Redundant, sentence, false);
            }
        }
    }

    /// Whether there is a request of the kind that meets the policy's condition and more.
    fn is_met(&mut self, kind: &Kind) -> Option<Shown> {
        let sent = self.sent(kind, Approved::Either);
        let from = set(within(&sent)?.into_iter().chain([self.rule.permitting()?]))?;
        let to = set([plain("forbid", "")?])?;
        Some(self.prover.beyond(kind, &self.rules.vocabulary.schema, [&from, &to], false))
    }

    /// Whether there is an approved request that the guard would stand against, were it not for the approval.
    fn is_lifted(&mut self, kind: &Kind, stands: &Rule, approved: &[String]) -> Option<Shown> {
        let mut sent = self.sent(kind, Approved::Yes);
        sent.extend(approved.iter().cloned());
        let from = set(within(&sent)?.into_iter().chain([stands.permitting()?]))?;
        let to = set([self.rule.permitting()?])?;
        Some(self.prover.beyond(kind, &self.rules.vocabulary.schema, [&from, &to], false))
    }

    fn sent(&self, kind: &Kind, approved: Approved) -> Vec<String> {
        sends(kind, &self.rules.vocabulary.wanted, approved, &named([&self.rule.policy]))
    }

    /// Asks for one kind after the other, until it is so for one.
    fn somewhere(&mut self, mut ask: impl FnMut(&mut Self, &Kind) -> Option<Shown>) -> Somewhere {
        let mut unknown = None;
        for kind in self.kinds.clone() {
            match ask(self, kind) {
                Some(Shown::Found(_)) => return Somewhere::Yes,
                Some(Shown::Never) => {}
                Some(Shown::Unknown(reason)) => unknown = Some(reason),
                None => unknown = Some("the policy cannot be written for the solver".to_owned()),
            }
        }
        unknown.map_or(Somewhere::No, Somewhere::Unknown)
    }

    fn skip(&mut self, reason: String) {
        self.all.unknown = self.all.unknown.saturating_add(1);
        self.all.why_unknown.get_or_insert(reason);
    }

    fn tell(&mut self, kind: FindingKind, sentence: String, grave: bool) {
        let (policy, line) = (self.rule.id.clone(), self.rule.line);
        self.all.findings.push(Finding { policy, kind, line, sentence, proved: true, grave });
    }
}
