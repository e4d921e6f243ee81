//! Decisions that were recorded with another answer than the set in force gives now.

use std::collections::HashMap;

use domain::policy::replay::Drift;

use crate::engine::Engine;
use crate::replay::Stopped;
use crate::replay::answers::{Answers, Said};
use crate::replay::history::{Answered, History};
use crate::replay::progress::Work;

/// How many decisions are named.
const EXAMPLES: usize = 20;
/// How often whoever waits is asked whether to go on, in rows.
const BREATH: usize = 4_096;

#[derive(Clone, Copy)]
enum Deviation {
    None,
    Older,
    Unexplained,
}

/// Of all rows that the set in force can be asked.
pub(crate) fn drift(
    history: &History,
    live: &Engine,
    answers: &Answers,
    work: &mut Work<'_>,
) -> Result<Drift, Stopped> {
    let mut known = HashMap::new();
    let mut drift = Drift::default();
    for row in 0..history.len() {
        if row % BREATH == 0 {
            work.done(0)?;
        }
        let pair = (history.answers[row], answers.number(row));
        let deviation = *known.entry(pair).or_insert_with(|| match answers.get(pair.1) {
            Ok(said) => deviation(history.parts.answers.get(pair.0), said, live),
            Err(_) => Deviation::None,
        });
        match deviation {
            Deviation::None => {}
            Deviation::Older => drift.by_older_sets += 1,
            Deviation::Unexplained => {
                drift.unexplained += 1;
                if drift.examples.len() < EXAMPLES {
                    drift.examples.push(history.ids[row].to_string());
                }
            }
        }
    }
    Ok(drift)
}

/// Of the very set in force the reasons count too; another set has other policies.
fn deviation(recorded: &Answered, said: &Said, live: &Engine) -> Deviation {
    let same = recorded.outcome == said.outcome && recorded.requirement == said.requirement;
    match (recorded.policy_set == live.digest(), same) {
        (true, true) if recorded.because == said.because => Deviation::None,
        (true, _) => Deviation::Unexplained,
        (false, true) => Deviation::None,
        (false, false) => Deviation::Older,
    }
}
