//! P2 and P3: a million recorded decisions asked again, beside asking each of both sets through plain Cedar.
//!
//! What is measured is a whole replay: the set in force asked about everything, drift found, the draft asked where it can
//! differ, and the report counted. Plain Cedar is measured on a sample, with requests that were put together before, and
//! scaled to all decisions and both sets. Times are CPU times of one thread, so that a busy machine changes little.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

#[expect(dead_code, reason = "other benchmarks use more of it")]
#[path = "decide/plain.rs"]
mod plain;
#[expect(dead_code, reason = "other benchmarks use more of it")]
#[path = "decide/workload.rs"]
mod workload;

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use countersign_policy::replay::{Answered, Baseline, History, Limits, RecordedDecision};
use countersign_policy::{Approval, Declared, Engine, Principal, PrincipalKind, Question};
use domain::outcome::Outcome;
use plain::Plain;
use workload::{ACTIONS, Rule, Unless};

const DECISIONS: usize = 1_000_000;
const SAMPLE: usize = 20_000;

/// A month of decisions: programs and people of each team, a few of which do most of it, each with the handful of pipelines
/// that are theirs; one in thirty with an approval of its own.
fn recorded(number: usize, teams: usize) -> Question {
    // The same numbers in each run, spread well (Weyl).
    let spread = |salt: usize, below: usize| {
        let word = (number.wrapping_mul(0x9E37_79B9) ^ salt.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0xC2B2_AE35);
        (word >> 7) % below
    };
    let busy = |salt, below: usize| spread(salt, below) * spread(salt + 1, below) / below.max(1);
    let team = busy(1, teams.max(1));
    let person = spread(3, 5) == 0;
    let (action, _) = ACTIONS[[0, 0, 0, 2, 1][spread(4, 5)]];
    let id = if person { format!("usr_{team}_{}", spread(5, 12)) } else { format!("ci{team}") };
    let scopes = ACTIONS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let workspace = if spread(6, 40) == 0 { (team + 1) % teams.max(1) } else { team };
    let pipeline = ["nightly", "deploy", "report", "frozen"][busy(7, 4)];
    let network = if spread(9, 50) == 0 { 201 } else { workspace % 200 };
    let now = domain::Instant::from_millis(1_793_491_200_000 + i64::try_from(number).unwrap() * 2_592);
    let granted_at = now.minus(60);
    let approval =
        Approval { approvers: 2, groups: vec![], granted_at, expires_at: granted_at.plus(900), ticket: None };
    Question {
        principal: Principal {
            kind: if person { PrincipalKind::User } else { PrincipalKind::ServiceAccount },
            id,
            name: String::new(),
            teams: vec![format!("team{team}"), "builders".to_owned()],
            scopes,
            workspaces: if team % 3 == 0 { vec![format!("ws{team}"), "shared".to_owned()] } else { vec![] },
            owner: None,
        },
        action: action.to_owned(),
        resources: vec![format!("pipeline:ws{workspace}/{pipeline}")],
        env: if spread(10, 3) == 0 { "prod" } else { "dev" }.to_owned(),
        context: Declared { ip: Some(format!("10.{network}.0.{}", spread(11, 4))), ..Declared::default() },
        now,
        approval: (spread(12, 30) == 0).then_some(approval),
        known: std::collections::BTreeMap::new(),
    }
}

fn history(teams: usize) -> History {
    let mut history = History::new(Limits::default());
    let digest = domain::Digest::of_content(b"another set");
    let answer = Answered {
        outcome: Outcome::Allow,
        because: vec!["ci-runs".to_owned()],
        requirement: None,
        policy_set: digest,
    };
    for number in 0..DECISIONS {
        let id = format!("dec_{number:026}").parse().unwrap();
        let decision = RecordedDecision { id, question: recorded(number, teams), answer: answer.clone() };
        history.add(decision, u32::try_from(number).ok()).unwrap();
    }
    history
}

/// Each by plain Cedar, for one decision.
fn one_by_one(plain: &Plain, teams: usize) -> Duration {
    let step = DECISIONS / SAMPLE;
    let asked: Vec<_> = (0..SAMPLE).map(|number| plain.ask(&recorded(number * step, teams))).collect();
    let ((), took) = timed(|| {
        for asked in &asked {
            black_box(plain.decide(black_box(asked)));
        }
    });
    took / u32::try_from(SAMPLE).unwrap()
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0) / 1_024
}

/// The CPU time that a work takes.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begun = cpu_time();
    let done = work();
    (done, cpu_time().saturating_sub(begun))
}

/// What this process has used so far, in user mode (`proc_pid_stat(5)`: hundredths of a second).
fn cpu_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, after_name) = stat.rsplit_once(") ").unwrap();
    let ticks: u64 = after_name.split(' ').nth(11).unwrap().parse().unwrap();
    Duration::from_millis(ticks * 10)
}

fn engine(rules: &[Rule]) -> Engine {
    Engine::compile(workload::source(rules)).unwrap_or_else(|error| panic!("{error}"))
}

/// Five policies of different kinds, changed.
fn edited(mut rules: Vec<Rule>) -> Vec<Rule> {
    let place = |rules: &[Rule], id: &str| rules.iter().position(|rule| rule.id == id).unwrap();
    for id in ["ws1-two-agree", "ws4-two-agree"] {
        let at = place(&rules, id);
        rules[at].unless = Unless::Approved(1);
    }
    for id in ["ws2-team-tries", "ws5-team-runs"] {
        let at = place(&rules, id);
        rules[at].env = None;
    }
    let at = place(&rules, "ws3-ci-stops");
    rules.remove(at);
    rules
}

fn measure(name: &str, count: usize, draft: &Engine, live: Engine, history: &Arc<History>, teams: usize) {
    let go_on = |_| ControlFlow::Continue(());
    let (baseline, first) = timed(|| Baseline::of(Arc::clone(history), Arc::new(live), 1, &go_on).unwrap());
    let (report, second) = timed(|| baseline.replay(draft, None, &go_on).unwrap());
    let each = one_by_one(&Plain::new(baseline.live().source()), teams);
    let naive = each * u32::try_from(DECISIONS).unwrap() * 2;
    let ratio = |ours: Duration, naive: Duration| naive.as_secs_f64() / ours.as_secs_f64();
    let flips: u32 = report.flips.iter().map(|group| group.count).sum();
    println!(
        "{name} {count:>5} policies, {} decisions, {} different, {flips} flips, {} MiB at most",
        history.len(),
        history.distinct(),
        peak()
    );
    println!("   set in force {first:>8.2?}, draft {second:>8.2?}, both {:>8.2?}", first + second);
    println!(
        "   plain Cedar  {each:>8.2?} each (of {SAMPLE}), both sets {naive:>8.2?}: {:.0}x; the draft alone {:.0}x",
        ratio(first + second, naive),
        ratio(second, naive / 2)
    );
    assert_eq!(report.coverage.replayed, u32::try_from(DECISIONS).unwrap());
}

fn main() {
    let (few, many) = (100, 1_000);
    let teams = |count: usize| (count - 4) / 8;
    let (small, took) = timed(|| Arc::new(history(teams(few))));
    println!("   {} decisions interned in {took:.2?}, {} MiB", small.len(), small.bytes() >> 20);
    measure("P2", few, &engine(&edited(workload::rules(few))), engine(&workload::rules(few)), &small, teams(few));
    drop(small);
    let large = Arc::new(history(teams(many)));
    // Everything is another text, so that everything is asked of both.
    let mut all = workload::source(&workload::rules(many));
    all.policies = all.policies.replace(");\n", ") ;\n").replace("};\n", "} ;\n");
    let draft = Engine::compile(all).unwrap_or_else(|error| panic!("{error}"));
    measure("P3", many, &draft, engine(&workload::rules(many)), &large, teams(many));
}
