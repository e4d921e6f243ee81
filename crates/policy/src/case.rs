//! Test cases put to a policy set, with what is wrong in words.
//!
//! Invariant: a case passes only if its question could be asked, the answer is the expected one, and its name is its own.
//! Reading files of cases is for whoever has files.

use std::collections::BTreeSet;

use domain::policy::case::{Case, CaseResult, SuiteReport};

use crate::asked::Told;
use crate::engine::Engine;
use crate::nearest::nearest;

impl Engine {
    /// Puts every case to this set.
    #[must_use]
    pub fn test(&self, cases: &[Case]) -> SuiteReport {
        let mut names = BTreeSet::new();
        let policies: Vec<_> = self.policies().into_iter().map(|policy| policy.id).collect();
        let mut untouched: BTreeSet<&str> = policies.iter().map(String::as_str).collect();
        let results: Vec<_> = cases
            .iter()
            .map(|case| {
                let mut result = self.put(case, &policies);
                untouched.retain(|id| result.because.iter().all(|reason| reason != id));
                result.complaints.extend(name_complaint(&case.name, names.insert(case.name.as_str())));
                result.passed = result.complaints.is_empty();
                result
            })
            .collect();
        let passed = results.iter().filter(|result| result.passed).count();
        let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
        let (passed, failed) = (count(passed), count(results.len() - passed));
        let untouched = policies.iter().filter(|id| untouched.contains(id.as_str())).cloned().collect();
        SuiteReport { results, passed, failed, untouched }
    }

    fn put(&self, case: &Case, policies: &[String]) -> CaseResult {
        let asked = case.asked().map_err(|error| error.to_string());
        let answer = asked.and_then(|asked| self.told(&asked).map_err(|error| error.to_string()));
        let (outcome, because, complaints) = match answer {
            Ok(answer) => {
                let because = answer.reasons.iter().map(|reason| reason.policy.clone()).collect();
                (Some(answer.outcome), because, complaints(case, &answer, policies))
            }
            Err(error) => (None, vec![], vec![format!("the question cannot be asked: {error}")]),
        };
        CaseResult { name: case.name.clone(), passed: complaints.is_empty(), outcome, because, complaints }
    }
}

fn name_complaint(name: &str, is_new: bool) -> Option<String> {
    if name.trim().is_empty() {
        Some("`name` is empty; say in a sentence what the case shows".to_owned())
    } else if is_new {
        None
    } else {
        Some("an earlier case has the same `name`; give each case its own".to_owned())
    }
}

fn complaints(case: &Case, answer: &Told, policies: &[String]) -> Vec<String> {
    let expect = &case.expect;
    let mut complaints = vec![];
    if answer.outcome != expect.outcome {
        let why: Vec<_> = answer.reasons.iter().map(|reason| reason.sentence.as_str()).collect();
        let why = if why.is_empty() { answer.ground.sentence().to_owned() } else { why.join("; ") };
        complaints.push(format!("expected `{}`, got `{}`: {why}", expect.outcome.name(), answer.outcome.name()));
    }
    for wanted in expect.because.iter().filter(|id| answer.reasons.iter().all(|reason| reason.policy != **id)) {
        complaints.push(if policies.contains(wanted) {
            let those = quoted(answer.reasons.iter().map(|reason| reason.policy.as_str()));
            format!("expected `{wanted}` among its reasons, which are: {those}")
        } else {
            let near = quoted(nearest(wanted, policies.iter().map(String::as_str)).iter().map(String::as_str));
            format!("expected `{wanted}` among its reasons, but the set has no such policy; there are: {near}")
        });
    }
    let requirement = answer.requirement.as_ref();
    if let Some(wanted) = expect.approvers
        && requirement.map(|requirement| requirement.quorum) != Some(wanted)
    {
        complaints.push(requirement.map_or_else(
            || format!("expected {}, but it asks for no approval", approvers(wanted)),
            |requirement| format!("expected {}, but it asks for {}", approvers(wanted), requirement.quorum),
        ));
    }
    if let Some(wanted) = &expect.groups {
        let wanted: BTreeSet<_> = wanted.iter().map(String::as_str).collect();
        let got = requirement.map(|requirement| requirement.groups.iter().map(String::as_str).collect::<BTreeSet<_>>());
        if got.as_ref() != Some(&wanted) {
            let got =
                got.map_or_else(|| "it asks for no approval".to_owned(), |got| format!("it asks for {}", quoted(got)));
            complaints.push(format!("expected approvers from {}, but {got}", quoted(wanted)));
        }
    }
    complaints
}

fn approvers(count: u32) -> String {
    if count == 1 { "1 approver".to_owned() } else { format!("{count} approvers") }
}

fn quoted<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "none in particular".to_owned() } else { names.join(", ") }
}
