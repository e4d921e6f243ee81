//! From the leaf of a decision's entry to its columns.

use domain::Instant;
use policy::Question;
use policy::replay::RecordedDecision;
use serde::Deserialize;
use store::decisions::{Contents, NewDecision, Waiting};

/// As much of an entry as every entry has.
#[derive(Deserialize)]
struct Head {
    at: Instant,
}

/// The columns; of what cannot be read, why. One that does not even say when it was made counts as made in 1970.
pub(super) fn of(waiting: &Waiting) -> NewDecision {
    let Waiting { index, leaf } = waiting;
    match RecordedDecision::of_entry(leaf).and_then(contents) {
        Ok((at, contents)) => NewDecision { index: *index, at, contents: Ok(contents) },
        Err(problem) => {
            let at = serde_json::from_str::<Head>(leaf).map_or_else(|_| epoch(), |head| head.at);
            NewDecision { index: *index, at, contents: Err(problem) }
        }
    }
}

/// What differs each time is taken out of the question, so that equal ones have one text.
fn contents(decision: RecordedDecision) -> Result<(Instant, Contents), String> {
    let RecordedDecision { id, mut question, answer } = decision;
    let text = |value: serde_json::Result<String>| value.map_err(|error| error.to_string());
    let approval = question.approval.take().map(|approval| text(serde_json::to_string(&approval))).transpose()?;
    let at = std::mem::replace(&mut question.now, epoch());
    let question: Question = question;
    let (question, answer) = (text(serde_json::to_string(&question))?, text(serde_json::to_string(&answer))?);
    Ok((at, Contents { decision: id, question, answer, approval }))
}

fn epoch() -> Instant {
    Instant::from_seconds(0)
}
