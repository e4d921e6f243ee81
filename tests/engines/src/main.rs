//! One decision by this product's engine, by regorus and by casbin-rs, on the same rules and questions, in the same run.
//!
//! All of them say for each question whether it may run now. The others do not know of approvals that are still to come, so
//! for them "needs approval" is no. They are given their input in their own form; this engine puts its request together.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

mod facts;
mod rego;
mod roles;
#[path = "../../../crates/policy/benches/decide/workload.rs"]
mod workload;

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign_policy::Engine;
use domain::outcome::Outcome;

/// The fastest of many rounds, for one question of a round: what is slower was disturbed.
fn fastest<T>(rounds: usize, items: &[T], mut work: impl FnMut(&T)) -> Duration {
    let mut round = || {
        let begun = Instant::now();
        items.iter().for_each(&mut work);
        begun.elapsed() / u32::try_from(items.len()).unwrap()
    };
    (0..rounds).map(|_| round()).min().unwrap()
}

fn measure(count: usize) {
    let rules = workload::rules(count);
    let questions = workload::questions((count - 4) / 8);
    let engine = Engine::compile(workload::source(&rules)).unwrap_or_else(|error| panic!("{error}"));
    let expected: Vec<_> = questions.iter().map(|q| engine.decide(q).unwrap().outcome == Outcome::Allow).collect();
    assert!(expected.contains(&true) && expected.contains(&false));

    let ours = fastest(300, &questions, |question| drop(black_box(engine.decide(black_box(question)).unwrap())));

    let mut rego = rego::Rego::new(&rules);
    let inputs: Vec<_> = questions.iter().map(rego::input).collect();
    let said: Vec<_> = inputs.iter().map(|input| rego.allows(input)).collect();
    assert_eq!(said, expected, "regorus says otherwise");
    let by_rego = fastest(20, &inputs, |input| {
        black_box(rego.allows(black_box(input)));
    });

    let roles = roles::Roles::new(&rules, &questions);
    let requests: Vec<_> = questions.iter().map(roles::request).collect();
    let said: Vec<_> = requests.iter().map(|request| roles.allows(request)).collect();
    assert_eq!(said, expected, "casbin says otherwise");
    let by_roles = fastest(5, &requests, |request| {
        black_box(roles.allows(black_box(request)));
    });

    let beside = |other: Duration| format!("{other:>10.2?} {:>6.1}x", other.as_secs_f64() / ours.as_secs_f64());
    println!("{count:>5} policies   ours {ours:>10.2?}   regorus {}   casbin-rs {}", beside(by_rego), beside(by_roles));
}

fn main() {
    [10, 100, 1_000].into_iter().for_each(measure);
    for program in ["opa", "cerbos"] {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&path).any(|folder| folder.join(program).is_file());
        let said = if found { "installed, but it cannot be linked; not measured" } else { "not installed" };
        println!("{program}: {said}");
    }
}
