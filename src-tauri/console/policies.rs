//! What is answered about policy texts on this device, by the engine that the control plane has too.
//!
//! Invariant: it needs nothing but the texts, and runs beside the threads that answer windows. The control plane checks
//! all of it again before anything is published.

use std::ops::ControlFlow;
use std::sync::Arc;

use contract::policies::{CheckedPolicies, Policy, PolicyTexts};
use domain::policy::{Comparison, Finding, FindingKind, Progress};
use domain::scope::Catalogue;
use policy::{Effect, Engine, PolicyInfo, PolicySource, SolverOptions};

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::policies::PolicyProgress;

impl Console {
    /// Tells the page how far a work is.
    pub(crate) fn telling(&self, work: &str) -> impl FnMut(Progress) + Send + use<> {
        let (console, work) = (self.clone(), work.to_owned());
        move |progress| console.tell("policy-progress", PolicyProgress { work: work.clone(), progress })
    }

    /// Holds texts against the set in force by a solver of this device; nothing if it has none. Dropping the future ends
    /// the proof.
    pub(crate) async fn compare_here(&self, work: &str, texts: PolicyTexts) -> Result<Option<Comparison>, Failure> {
        let live = self.api()?.live_policies().await?;
        let (console, work) = (self.clone(), work.to_owned());
        let wanted = Arc::new(());
        let watched = Arc::downgrade(&wanted);
        let proved = offhand(move || {
            let solver = SolverOptions::default();
            if solver.look().problem.is_some() {
                return Ok(None);
            }
            let (draft, live) = (compiled(texts)?, compiled(live.texts)?);
            let progress = |progress| {
                console.tell("policy-progress", PolicyProgress { work: work.clone(), progress });
                if watched.strong_count() > 0 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            };
            Ok(Some(policy::compare(&draft, &live, &solver, &progress)))
        })
        .await;
        drop(wanted);
        proved
    }
}

/// What is wrong with texts, or what is odd about them.
pub(crate) fn check(texts: PolicyTexts) -> CheckedPolicies {
    let source = source(texts);
    let digest = source.digest();
    match Engine::compile(source) {
        Ok(engine) => CheckedPolicies {
            digest,
            problems: vec![],
            findings: odd(&engine),
            policies: engine.policies().into_iter().map(shown).collect(),
            invariants: engine.invariants().into_iter().map(|invariant| invariant.id).collect(),
        },
        Err(wrong) => {
            let problems = wrong.problems;
            CheckedPolicies { digest, problems, findings: vec![], policies: vec![], invariants: vec![] }
        }
    }
}

/// What can be seen in the text. Which scopes an installation added, this device does not know: the control plane tells
/// of those that nobody can hold.
fn odd(engine: &Engine) -> Vec<Finding> {
    let mut findings = engine.findings(&Catalogue::default());
    findings.retain(|finding| finding.kind != FindingKind::UnknownScope);
    findings
}

/// The texts, compiled; or everything that is wrong with them.
pub(crate) fn compiled(texts: PolicyTexts) -> Result<Engine, Failure> {
    Engine::compile(source(texts)).map_err(|wrong| Failure::new("policies", wrong))
}

/// The texts, laid out. The schema stays as it is: Cedar has no layout for it.
pub(crate) fn laid_out(texts: PolicyTexts) -> Result<PolicyTexts, Failure> {
    let format = |text: &str| {
        if text.trim().is_empty() {
            return Ok(text.to_owned());
        }
        policy::format(text).map_err(|wrong| Failure::new("policies", wrong))
    };
    Ok(PolicyTexts { policies: format(&texts.policies)?, invariants: format(&texts.invariants)?, schema: texts.schema })
}

/// Runs what takes a while where nothing waits for it.
pub(crate) async fn offhand<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let done = tauri::async_runtime::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Failure::new("defect", format!("the policy engine ended: {error}"))))
}

pub(crate) fn source(texts: PolicyTexts) -> PolicySource {
    let PolicyTexts { schema, policies, invariants } = texts;
    PolicySource { schema, policies, invariants }
}

fn shown(policy: PolicyInfo) -> Policy {
    let effect = match policy.effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
        Effect::Guard => "guard",
    };
    Policy {
        id: policy.id,
        title: policy.title,
        description: policy.description.unwrap_or_default(),
        effect: effect.to_owned(),
        quorum: policy.requirement.map(|requirement| requirement.quorum),
        line: policy.line,
        text: policy.text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> PolicyTexts {
        let PolicySource { schema, policies, invariants } = PolicySource::shipped();
        PolicyTexts { schema, policies, invariants }
    }

    #[test]
    fn texts_that_compile_have_their_policies_and_no_problem() {
        let checked = check(shipped());
        assert_eq!(checked.problems, []);
        assert_eq!(checked.digest, PolicySource::shipped().digest());
        let guard = checked.policies.iter().find(|policy| policy.effect == "guard").expect("a guard ships");
        assert!(guard.quorum.is_some());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_nothing_is_listed() {
        let texts = PolicyTexts { policies: "permit (principal, action resource);".to_owned(), ..shipped() };
        let checked = check(texts.clone());
        assert_eq!(checked.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [1]);
        assert!(checked.policies.is_empty());
        let failure = compiled(texts.clone()).unwrap_err();
        assert_eq!(failure.code, "console.policies");
        assert!(failure.detail.starts_with("policies:1:"), "{}", failure.detail);
        assert_eq!(laid_out(texts).unwrap_err().code, "console.policies");
    }

    #[test]
    fn layout_changes_no_policy_and_no_digest_that_is_laid_out_already() {
        let once = laid_out(shipped()).unwrap();
        let again = laid_out(once.clone()).unwrap();
        assert_eq!(once, again);
        assert_eq!(check(once).policies.len(), check(shipped()).policies.len());
    }
}
