//! P1: one decision at 10, 100 and 1,000 policies, engine only, beside plain Cedar on the whole set.
//!
//! The engine is given a question and gives an answer: it puts the request together, evaluates what the index leaves, and
//! says why. Plain Cedar is given a request that was put together before. Nothing is remembered between the questions of a
//! round that would not be in service.

#![expect(clippy::unwrap_used, reason = "a benchmark stops at what it did not expect")]

mod plain;
mod workload;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use countersign_policy::{Engine, Question};
use plain::Plain;

/// The fastest of many rounds, for one question of a round: what is slower was disturbed.
fn fastest<T>(rounds: usize, items: &[T], mut work: impl FnMut(&T)) -> Duration {
    let round = |work: &mut dyn FnMut(&T)| {
        let begun = Instant::now();
        items.iter().for_each(&mut *work);
        begun.elapsed() / u32::try_from(items.len()).unwrap()
    };
    (0..rounds).map(|_| round(&mut work)).min().unwrap()
}

fn measure(count: usize) {
    let source = workload::source(&workload::rules(count));
    let engine = Engine::compile(source.clone()).unwrap_or_else(|error| panic!("{error}"));
    let plain = Plain::new(&source);
    let questions: Vec<Question> = workload::questions((count - 4) / 8);
    let asked: Vec<_> = questions.iter().map(|question| plain.ask(question)).collect();
    let mut outcomes = BTreeMap::<_, usize>::new();
    for (question, asked) in questions.iter().zip(&asked) {
        let answer = engine.decide(question).unwrap();
        let whole = plain.decide(asked);
        assert!(plain::agree(&whole, &answer), "{question:#?}\n{answer:#?}\n{whole:#?}");
        *outcomes.entry(answer.outcome.name()).or_default() += 1;
    }
    let ours = fastest(300, &questions, |question| drop(black_box(engine.decide(black_box(question)).unwrap())));
    let whole = fastest(20, &asked, |asked| drop(black_box(plain.decide(black_box(asked)))));
    let ratio = whole.as_secs_f64() / ours.as_secs_f64();
    println!("P1 {count:>5} policies {ours:>10.2?} beside {whole:>10.2?}   {ratio:>6.1}x   {outcomes:?}");
}

fn main() {
    [10, 100, 1_000].into_iter().for_each(measure);
}
