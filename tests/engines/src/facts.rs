//! What the other engines are told of a question, beside names.

use countersign_policy::Question;

use crate::workload::{Rule, Unless};

/// The part of a pipeline's text after the colon.
pub(crate) fn name(question: &Question) -> &str {
    question.resources[0].split_once(':').unwrap().1
}

/// Its workspace.
pub(crate) fn workspace(question: &Question) -> &str {
    name(question).split_once('/').unwrap().0
}

/// How many people agreed, if that still counts.
pub(crate) fn approvers(question: &Question) -> u32 {
    let approval = question.approval.as_ref().filter(|approval| question.now.is_before(approval.expires_at));
    approval.map_or(0, |approval| approval.approvers)
}

/// What lifts a rule, as a word and what it is about.
pub(crate) fn lifted_by(rule: &Rule) -> (&'static str, String) {
    match &rule.unless {
        Unless::Nothing => ("nothing", String::new()),
        Unless::HoldsScope => ("scope", String::new()),
        Unless::InWorkspaces => ("workspaces", String::new()),
        Unless::From(beginning) => ("from", beginning.clone()),
        Unless::Approved(people) => ("approved", people.to_string()),
    }
}
