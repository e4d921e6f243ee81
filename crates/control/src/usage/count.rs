//! Counting what an account did, exactly: the database counts what has its columns, and what is newer is read.

use std::collections::BTreeMap;

use domain::Instant;
use domain::event::Kind;
use domain::principal::Principal;
use policy::Question;
use policy::replay::Answered;
use serde::de::DeserializeOwned;
use store::Query;
use store::entries::{EntryFilter, Recorded};
use store::usage::Alike;

use crate::Error;
use crate::usage::tally::{Tally, Times};
use crate::usage::traces;

/// How many entries are read at once.
const PAGE: u32 = 500;
const DECISIONS: &[Kind] = &[Kind::DecisionMade];

/// What the principal did since then.
pub(super) fn tally(q: &mut dyn Query, by: &Principal, from: Instant) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let counted = store::usage::counted(q)?;
    let alike = store::usage::decisions(q, by, from)?;
    note_decisions(q, &alike, &mut tally)?;
    for of_kind in store::usage::kinds(q, by, traces::OTHERS, from)? {
        tally.note_kind(of_kind.kind, Times { times: of_kind.times, last: of_kind.last });
    }
    for (kinds, first) in [(DECISIONS, counted.decisions), (traces::OTHERS, counted.entries)] {
        newer(q, by, kinds, first, |recorded| {
            if !recorded.entry.at.is_before(from) {
                tally.note(recorded);
            }
        })?;
    }
    Ok(tally)
}

fn note_decisions(q: &mut dyn Query, alike: &[Alike], tally: &mut Tally) -> Result<(), Error> {
    let questions: BTreeMap<i64, Question> = read(q, alike.iter().filter_map(|alike| Some(alike.texts?.0)))?;
    let answers: BTreeMap<i64, Answered> = read(q, alike.iter().filter_map(|alike| Some(alike.texts?.1)))?;
    for Alike { texts, times, last } in alike {
        let made = texts.and_then(|(question, answer)| questions.get(&question).zip(answers.get(&answer)));
        tally.note_decisions(made, Times { times: *times, last: *last });
    }
    Ok(())
}

/// The texts of these numbers that read back.
fn read<T: DeserializeOwned>(q: &mut dyn Query, numbers: impl Iterator<Item = i64>) -> Result<BTreeMap<i64, T>, Error> {
    let mut numbers: Vec<_> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    let texts = store::decisions::texts(q, &numbers)?;
    Ok(texts.into_iter().filter_map(|(number, text)| Some((number, serde_json::from_str(&text).ok()?))).collect())
}

/// The entries from index `first` on, and those without a place yet.
fn newer(
    q: &mut dyn Query,
    by: &Principal,
    kinds: &'static [Kind],
    first: u64,
    mut note: impl FnMut(&Recorded),
) -> Result<(), Error> {
    let after = first.checked_sub(1);
    let mut filter = EntryFilter { kinds, principal: Some(by.clone()), after, limit: PAGE, ..EntryFilter::default() };
    loop {
        let page = store::entries::list(q, &filter)?;
        let is_full = page.len() >= filter.limit as usize;
        let last = page.last().and_then(|recorded| recorded.index);
        if is_full && last.is_none() {
            // Those without a place cannot be paged, so they must fit on the first page.
            filter.limit = filter.limit.saturating_mul(2);
            continue;
        }
        for recorded in &page {
            note(recorded);
        }
        if !is_full {
            return Ok(());
        }
        filter.before = last;
    }
}
