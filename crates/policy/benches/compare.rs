//! How long a comparison takes, of sets of 100 and of 1,000 policies that differ in five.
#![expect(clippy::print_stdout, reason = "a bench says what it measured")]

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use countersign_policy::{Engine, PolicySource, SolverOptions, compare};
use domain::policy::Proved;

/// RBAC and ABAC for pipelines, with a guard for every tenth team. `approvers` is what the first five guards ask for.
fn policies(number: usize, approvers: u32) -> String {
    let policy = |at: usize| {
        let asked = if at / 10 < 5 { approvers } else { 2 };
        match at % 10 {
            0 => format!(
                r#"@id("guard-{at}") @require_approval
                forbid (principal in Team::"team-{at}", action in [Action::"execute", Action::"deploy"], resource)
                when {{ resource.env == Environment::"prod" }}
                unless {{ context has approval && context.approval.approvers >= {asked} && context.now < context.approval.expiresAt }};"#
            ),
            1 => format!(
                r#"@id("forbid-{at}") forbid (principal, action in Action::"write", resource)
                when {{ resource has workspace && resource.workspace == "w-{at}" }}
                unless {{ principal in Team::"team-{at}" }};"#
            ),
            _ => format!(
                r#"@id("permit-{at}") permit (principal in Team::"team-{at}", action in Action::"operate", resource)
                when {{ principal.scopes.contains(context.scope) && resource has workspace && resource.workspace == "w-{at}" }};"#
            ),
        }
    };
    (0..number).map(policy).collect::<Vec<_>>().join("\n")
}

fn main() {
    let schema = PolicySource::shipped().schema;
    let engine = |text: String| Engine::compile(PolicySource::new(schema.clone(), text));
    let solver = SolverOptions { program: None, query: Duration::from_mins(1), total: Duration::from_mins(20) };
    let only = std::env::args().filter_map(|argument| argument.parse().ok()).collect::<Vec<usize>>();
    for number in [100, 1_000].into_iter().filter(|number| only.is_empty() || only.contains(number)) {
        for (name, draft, live) in [("tightened", 3, 2), ("loosened", 1, 2)] {
            let (Ok(draft), Ok(live)) = (engine(policies(number, draft)), engine(policies(number, live))) else {
                println!("the sets of {number} policies do not compile");
                return;
            };
            let begun = Instant::now();
            let comparison = compare(&draft, &live, &solver, &|_| ControlFlow::Continue(()));
            let unknown = comparison.proofs.iter().filter(|proof| proof.proved == Proved::Unknown).count();
            println!("{number} policies, 5 guards {name}: {:?}, {unknown} of 6 unknown", begun.elapsed());
        }
    }
}
