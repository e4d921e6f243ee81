//! Rows that must have the same answer, put together: they differ only in what no policy that can match them reads.
//!
//! Invariant: two rows of one class get the same answer from the set that the classes were made for. One row of each is asked.

use std::collections::HashMap;
use std::net::IpAddr;

use crate::reads::Reads;
use crate::reads::moment::Clocks;
use crate::replay::Stopped;
use crate::replay::history::{Granted, History, Shape};
use crate::replay::intern::{Interner, count, place};
use crate::replay::matching::{Matching, Subject};
use crate::replay::progress::Work;

/// How often whoever waits is asked whether to go on, in rows.
const BREATH: usize = 4_096;

/// The rows of a history in classes.
pub(crate) struct Classes {
    /// Of each row.
    pub(crate) of_row: Vec<u32>,
    /// The first row of each class.
    pub(crate) first: Vec<usize>,
    /// How many rows it has.
    pub(crate) sizes: Vec<u32>,
}

/// What tells classes apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    shape: u32,
    /// Approvers and groups.
    approval: Option<(u32, u32)>,
    now: Option<i64>,
    granted: Option<i64>,
    expires: Option<i64>,
    /// The number of how its comparisons came out.
    compared: u32,
}

/// How the rows of a shape are told apart.
#[derive(Clone, Copy)]
struct Plan {
    /// The shape, without what is not read of it.
    shape: u32,
    reads: u32,
}

struct Sorter<'a> {
    history: &'a History,
    matching: &'a Matching,
    shapes: Interner<Shape>,
    /// What is read, by the numbers of what it is put together from.
    together: Interner<[u32]>,
    reads: Vec<Reads>,
    /// By shape; first without, then with an approval.
    plans: [Vec<Option<Plan>>; 2],
    compared: Interner<[u8]>,
    classes: HashMap<Key, u32>,
    /// The class of each shape without an approval of which nothing that passes is read.
    plain: Vec<Option<u32>>,
    found: Classes,
}

impl Classes {
    /// Sorts the rows of a history for a set.
    pub(crate) fn of(history: &History, matching: &Matching, work: &mut Work<'_>) -> Result<Self, Stopped> {
        let none = vec![None; history.distinct()];
        let mut sorter = Sorter {
            history,
            matching,
            shapes: Interner::default(),
            together: Interner::default(),
            reads: vec![],
            plans: [none.clone(), none],
            compared: Interner::default(),
            classes: HashMap::new(),
            plain: vec![None; history.distinct()],
            found: Self { of_row: Vec::with_capacity(history.len()), first: vec![], sizes: vec![] },
        };
        let mut outcomes = vec![];
        for row in 0..history.len() {
            if row % BREATH == 0 {
                work.done(0)?;
            }
            let class = sorter.class(row, &mut outcomes);
            sorter.found.of_row.push(class);
            sorter.found.sizes[place(class)] += 1;
        }
        Ok(sorter.found)
    }
}

impl Sorter<'_> {
    fn class(&mut self, row: usize, outcomes: &mut Vec<u8>) -> u32 {
        let shape = self.history.questions[row];
        let approval = self.history.approval(row);
        if approval.is_none()
            && let Some(class) = self.plain[place(shape)]
        {
            return class;
        }
        let plan = self.plan(shape, approval.is_some());
        let reads = &self.reads[place(plan.reads)];
        let now = self.history.clocks[row];
        let clocks = Clocks { now, approval: approval.map(|of| (of.granted, of.expires)) };
        outcomes.clear();
        outcomes.extend(reads.comparisons.iter().map(|comparison| comparison.outcome(clocks)));
        let of_approval = |read: bool, of: fn(&Granted) -> i64| approval.filter(|_| read).map(of);
        let key = Key {
            shape: plan.shape,
            approval: approval.map(|of| (of.approvers, of.groups)),
            now: reads.now.then_some(now),
            granted: of_approval(reads.granted, |of| of.granted),
            expires: of_approval(reads.expires, |of| of.expires),
            compared: self.compared.number(outcomes.as_slice()).0,
        };
        let is_plain = approval.is_none() && !reads.now && reads.comparisons.is_empty();
        let next = count(self.found.first.len());
        let class = *self.classes.entry(key).or_insert(next);
        if class == next {
            self.found.first.push(row);
            self.found.sizes.push(0);
        }
        if is_plain {
            self.plain[place(shape)] = Some(class);
        }
        class
    }

    fn plan(&mut self, number: u32, approved: bool) -> Plan {
        let known = &mut self.plans[usize::from(approved)][place(number)];
        if let Some(plan) = known {
            return *plan;
        }
        let shape = *self.history.parts.shapes.get(number);
        let numbers = self.matching.reads(&self.history.subject(&shape), approved);
        let (reads, is_new) = self.together.number(numbers.as_slice());
        if is_new {
            self.reads.push(self.matching.together(&numbers));
        }
        let reads_address = self.reads[place(reads)].ip;
        let address = if reads_address { shape.address } else { self.history.unread_address(shape.address) };
        let (shape, _) = self.shapes.number_of(Shape { address, ..shape });
        *known.insert(Plan { shape, reads })
    }
}

impl History {
    /// A question as scopes see it.
    pub(crate) fn subject(&self, shape: &Shape) -> Subject<'_> {
        let principal = self.parts.principals.get(shape.principal);
        let list = self.parts.resource_lists.get(shape.resources);
        Subject {
            kind: principal.kind,
            id: &principal.id,
            teams: &principal.teams,
            action: self.parts.actions.get(shape.action),
            resources: list.iter().map(|number| self.parts.resources.get(*number)).collect(),
        }
    }

    /// What stands for an address that no policy reads: there is one, or there is none. One that is no address stands for
    /// itself, because nothing can be asked with it.
    fn unread_address(&self, address: u32) -> u32 {
        let Some(number) = address.checked_sub(1) else { return 0 };
        if self.parts.addresses.get(number).parse::<IpAddr>().is_ok() { u32::MAX } else { address }
    }
}
