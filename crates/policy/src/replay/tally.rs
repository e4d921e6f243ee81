//! Counting: from two sets of answers to the report.
//!
//! Invariant: every row is counted once, as the same, as a flip, or as skipped; the numbers of a report add up. What is shown of
//! many is chosen by number and then by place, so that the same rows always make the same report.

pub(crate) mod span;

use std::collections::{BTreeMap, HashMap};

use domain::Instant;
use domain::policy::replay::{Coverage, FlipGroup, FlipSample, Share, SkipReason, Skipped, Tally};

use crate::replay::Stopped;
use crate::replay::answers::{AS_BEFORE, Answers, Refused, Said};
use crate::replay::change::{CHANGES, Change, sentence};
use crate::replay::history::{History, NOWHERE};
use crate::replay::intern::{count, place};
use crate::replay::progress::Work;
use crate::replay::tally::span::Spans;

/// How many names of a kind are listed.
const SHARES: usize = 100;
/// How many decisions of a kind of change are shown.
const SAMPLES: usize = 20;
/// How often whoever waits is asked whether to go on, in rows.
const BREATH: usize = 4_096;

/// Both answers to the rows of a history.
pub(crate) struct Sides<'a> {
    pub(crate) history: &'a History,
    pub(crate) before: &'a Answers,
    pub(crate) after: &'a Answers,
}

/// What was counted.
pub(crate) struct Counted {
    pub(crate) coverage: Coverage,
    pub(crate) same: u32,
    pub(crate) flips: Vec<FlipGroup>,
    pub(crate) principals: Vec<Share>,
    pub(crate) actions: Vec<Share>,
    pub(crate) resources: Vec<Share>,
    pub(crate) environments: Vec<Share>,
    pub(crate) timeline: Vec<Tally>,
}

/// Numbers of one name or span.
#[derive(Clone, Copy, Default)]
pub(crate) struct Numbers {
    pub(crate) decisions: u32,
    pub(crate) flips: u32,
    pub(crate) widening: u32,
}

/// What makes two flips of one kind.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Likeness {
    reference: u32,
    action: u32,
    resources: u32,
    environment: u32,
    before: u32,
    after: u32,
}

#[derive(Default)]
struct Group {
    count: u32,
    first: i64,
    last: i64,
    /// The first row of each kind, and how many there are.
    kinds: HashMap<Likeness, (usize, u32)>,
}

/// What a pair of answers comes to.
#[derive(Clone, Copy)]
enum Pair {
    Same,
    Changed(Change),
    Skipped { after: bool },
}

struct Counter<'a> {
    sides: &'a Sides<'a>,
    pairs: HashMap<(u32, u32), Pair>,
    replayed: u32,
    groups: [Group; CHANGES],
    /// How many, and the first row with whether it was the side after that refused.
    skipped: BTreeMap<SkipReason, (u32, usize, bool)>,
    references: Vec<Numbers>,
    actions: Vec<Numbers>,
    resources: Vec<Numbers>,
    environments: Vec<Numbers>,
    spans: Spans,
}

impl Numbers {
    fn add(&mut self, change: Option<Change>) {
        self.decisions += 1;
        self.flips += u32::from(change.is_some());
        self.widening += u32::from(change.is_some_and(Change::widens));
    }
}

impl Sides<'_> {
    /// Counts all rows.
    pub(crate) fn count(&self, work: &mut Work<'_>) -> Result<Counted, Stopped> {
        let parts = &self.history.parts;
        let clocks = &self.history.clocks;
        let range = clocks.iter().min().zip(clocks.iter().max()).map(|(first, last)| (*first, *last));
        let numbers = |len| vec![Numbers::default(); len];
        let mut counter = Counter {
            sides: self,
            pairs: HashMap::new(),
            replayed: 0,
            groups: Default::default(),
            skipped: BTreeMap::new(),
            references: numbers(parts.references.len()),
            actions: numbers(parts.actions.len()),
            resources: numbers(parts.resources.len()),
            environments: numbers(parts.environments.len()),
            spans: Spans::over(range),
        };
        for row in 0..self.history.len() {
            if row % BREATH == 0 {
                work.done(0)?;
            }
            counter.add(row);
        }
        Ok(counter.counted())
    }
}

impl Counter<'_> {
    fn add(&mut self, row: usize) {
        let Sides { history, before, after } = *self.sides;
        let old = before.number(row);
        let new = after.number(row);
        let sides = self.sides;
        let pair = *self.pairs.entry((old, new)).or_insert_with(|| sides.pair(old, new));
        let change = match pair {
            Pair::Same => None,
            Pair::Changed(change) => Some(change),
            Pair::Skipped { after } => {
                if let Some(refused) = sides.refused(row, after) {
                    self.skipped.entry(refused.reason).or_insert((0, row, after)).0 += 1;
                }
                return;
            }
        };
        self.replayed += 1;
        let shape = history.parts.shapes.get(history.questions[row]);
        let reference = history.parts.reference_of[place(shape.principal)];
        self.references[place(reference)].add(change);
        self.actions[place(shape.action)].add(change);
        self.environments[place(shape.environment)].add(change);
        let list = history.parts.resource_lists.get(shape.resources);
        for (at, resource) in list.iter().enumerate() {
            if !list[..at].contains(resource) {
                self.resources[place(*resource)].add(change);
            }
        }
        let clock = history.clocks[row];
        self.spans.at(clock).add(change);
        if let Some(change) = change {
            let (action, resources, environment) = (shape.action, shape.resources, shape.environment);
            let likeness = Likeness { reference, action, resources, environment, before: old, after: new };
            self.groups[change as usize].add(row, clock, likeness);
        }
    }

    fn counted(self) -> Counted {
        let sides = self.sides;
        let parts = &sides.history.parts;
        let flipped: u32 = self.groups.iter().map(|group| group.count).sum();
        let order = [
            Change::DenyToAllow,
            Change::ApprovalToAllow,
            Change::DenyToApproval,
            Change::LessApproval,
            Change::AllowToDeny,
            Change::ApprovalToDeny,
            Change::AllowToApproval,
            Change::MoreApproval,
        ];
        let groups = order.into_iter().zip(self.groups).filter(|(_, group)| group.count > 0);
        let skipped = self.skipped.into_iter().map(|(reason, (count, row, after))| Skipped {
            reason,
            count,
            example: sides.example(row, after),
        });
        let unreadable = (sides.history.unreadable > 0).then(|| Skipped {
            reason: SkipReason::Unreadable,
            count: sides.history.unreadable,
            example: sides.history.unreadable_example.clone(),
        });
        Counted {
            coverage: Coverage {
                recorded: count(sides.history.len()).saturating_add(sides.history.unreadable),
                replayed: self.replayed,
                skipped: unreadable.into_iter().chain(skipped).collect(),
            },
            same: self.replayed - flipped,
            flips: groups.map(|(change, group)| group.told(change, sides)).collect(),
            principals: shares(&self.references, |number| parts.references.get(number)),
            actions: shares(&self.actions, |number| parts.actions.get(number)),
            resources: shares(&self.resources, |number| parts.resources.get(number)),
            environments: shares(&self.environments, |number| parts.environments.get(number)),
            timeline: self.spans.told(),
        }
    }
}

impl Sides<'_> {
    fn pair(&self, old: u32, new: u32) -> Pair {
        let before = self.before.get(old);
        match (before, if new == AS_BEFORE { before } else { self.after.get(new) }) {
            (Ok(before), Ok(after)) => Change::of(before, after).map_or(Pair::Same, Pair::Changed),
            (_, Err(_)) => Pair::Skipped { after: true },
            (Err(_), _) => Pair::Skipped { after: false },
        }
    }

    fn refused(&self, row: usize, after: bool) -> Option<&Refused> {
        let new = self.after.number(row);
        let answer =
            if after && new != AS_BEFORE { self.after.get(new) } else { self.before.get(self.before.number(row)) };
        answer.err()
    }

    fn example(&self, row: usize, after: bool) -> String {
        let message = self.refused(row, after).map_or("", |refused| &refused.message);
        let whose = if after { "" } else { ", by the policies in force" };
        format!("`{}`{whose}: {message}", self.history.ids[row])
    }

    fn sample(&self, row: usize, alike: u32) -> Option<FlipSample> {
        let before: &Said = self.before.get(self.before.number(row)).ok()?;
        let after: &Said = self.after.get(self.after.number(row)).ok()?;
        let question = self.history.whole_question(row);
        let resources: Vec<_> = question.resources.iter().map(|resource| format!("`{resource}`")).collect();
        let what = format!(
            "`{}` on {} in `{}` by `{}`",
            question.action,
            resources.join(", "),
            question.env,
            question.principal.reference()
        );
        let approvers = |said: &Said| said.requirement.as_ref().map(|requirement| requirement.quorum);
        Some(FlipSample {
            decision: self.history.ids[row].to_string(),
            index: Some(self.history.indices[row]).filter(|index| *index != NOWHERE),
            alike,
            sentence: sentence(&what, before, after),
            question,
            before: before.because.clone(),
            after: after.because.clone(),
            approvers_before: approvers(before),
            approvers_after: approvers(after),
        })
    }
}

impl Group {
    fn add(&mut self, row: usize, clock: i64, likeness: Likeness) {
        self.first = if self.count == 0 { clock } else { self.first.min(clock) };
        self.last = if self.count == 0 { clock } else { self.last.max(clock) };
        self.count += 1;
        self.kinds.entry(likeness).or_insert((row, 0)).1 += 1;
    }

    fn told(self, change: Change, sides: &Sides<'_>) -> FlipGroup {
        let mut kinds: Vec<_> = self.kinds.into_values().collect();
        kinds.sort_unstable_by_key(|(row, alike)| (u32::MAX - alike, *row));
        kinds.truncate(SAMPLES);
        FlipGroup {
            flip: change.flip(),
            count: self.count,
            widens: change.widens(),
            first: Instant::from_millis(self.first),
            last: Instant::from_millis(self.last),
            samples: kinds.into_iter().filter_map(|(row, alike)| sides.sample(row, alike)).collect(),
        }
    }
}

fn shares<'a>(numbers: &[Numbers], name: impl Fn(u32) -> &'a str) -> Vec<Share> {
    let met = (0..).zip(numbers).filter(|(_, numbers)| numbers.flips > 0);
    let mut met: Vec<(u32, Numbers)> = met.map(|(number, numbers)| (number, *numbers)).collect();
    met.sort_unstable_by(|(one, a), (other, b)| {
        let most = (b.flips, b.widening, b.decisions).cmp(&(a.flips, a.widening, a.decisions));
        most.then_with(|| name(*one).cmp(name(*other)))
    });
    met.truncate(SHARES);
    let share = |(number, Numbers { decisions, flips, widening })| Share {
        name: name(number).to_owned(),
        flips,
        widening,
        decisions,
    };
    met.into_iter().map(share).collect()
}
