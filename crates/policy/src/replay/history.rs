//! Recorded decisions, kept small: every distinct part of a question once, and forty bytes for each decision.
//!
//! Invariant: what was pushed comes back exactly, and there is never more of it than its [`Limits`] say. Deliberately absent:
//! where decisions come from; [`History::read`] takes an export, a control plane pushes its own.

use std::collections::BTreeMap;
use std::mem::size_of;

use domain::id::DecisionId;
use domain::outcome::{Outcome, Requirement};
use domain::policy::question::{Approval, Declared, KnownResource, Principal, Question};
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::replay::intern::{Interner, count, place};

/// How much a history holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Decisions.
    pub decisions: u32,
    /// Bytes of all that is kept, estimated.
    pub bytes: usize,
}

/// Two million decisions, and 384 MiB.
impl Default for Limits {
    fn default() -> Self {
        Self { decisions: 2_000_000, bytes: 384 << 20 }
    }
}

/// There is no room for another decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "there are more decisions than can be replayed at once: {decisions} are read, and they take {bytes} bytes; replay a shorter range"
)]
pub struct Full {
    /// How many it holds.
    pub decisions: u32,
    /// How much they take.
    pub bytes: usize,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answered {
    /// The answer.
    pub outcome: Outcome,
    /// The policies that determined it, by `@id`.
    pub because: Vec<String>,
    /// What an approval takes, if one was required.
    pub requirement: Option<Requirement>,
    /// The set that answered.
    pub policy_set: Digest,
}

/// A question in a history, but for its clock and its approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuestionKey(pub(crate) u32);

/// An answer in a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerKey(pub(crate) u32);

/// One recorded decision.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its id.
    pub id: DecisionId,
    /// Its index in the ledger.
    pub index: Option<u32>,
    /// The clock that counted.
    pub now: Instant,
    /// What was asked.
    pub question: QuestionKey,
    /// The approval that came with it.
    pub approval: Option<Approval>,
    /// What was answered.
    pub answer: AnswerKey,
}

/// Recorded decisions, in the order in which they were pushed.
#[derive(Debug, Default)]
pub struct History {
    limits: Limits,
    pub(crate) ids: Vec<DecisionId>,
    pub(crate) indices: Vec<u32>,
    pub(crate) clocks: Vec<i64>,
    pub(crate) questions: Vec<u32>,
    /// Place in `granted`, plus one; 0 for none.
    pub(crate) approvals: Vec<u32>,
    pub(crate) answers: Vec<u32>,
    pub(crate) granted: Vec<Granted>,
    pub(crate) parts: Parts,
    pub(crate) unreadable: u32,
    pub(crate) unreadable_example: String,
    heavy: usize,
}

/// The distinct parts of questions and answers.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) shapes: Interner<Shape>,
    pub(crate) principals: Interner<Principal>,
    /// Of each principal, the number of its reference.
    pub(crate) reference_of: Vec<u32>,
    pub(crate) references: Interner<str>,
    pub(crate) actions: Interner<str>,
    pub(crate) resources: Interner<str>,
    pub(crate) resource_lists: Interner<[u32]>,
    pub(crate) environments: Interner<str>,
    /// Without the address.
    pub(crate) contexts: Interner<Declared>,
    pub(crate) addresses: Interner<str>,
    pub(crate) known: Interner<BTreeMap<String, KnownResource>>,
    pub(crate) groups: Interner<[String]>,
    pub(crate) answers: Interner<Answered>,
}

/// A question by its parts, without clock and approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    pub(crate) principal: u32,
    pub(crate) action: u32,
    pub(crate) resources: u32,
    pub(crate) environment: u32,
    pub(crate) context: u32,
    /// The number of the address, plus one; 0 for none.
    pub(crate) address: u32,
    pub(crate) known: u32,
}

/// An approval by its parts.
#[expect(clippy::struct_field_names, reason = "the words of an approval")]
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) approvers: u32,
    pub(crate) groups: u32,
    pub(crate) granted: i64,
    pub(crate) expires: i64,
    ticket: Option<Box<str>>,
}

/// No index.
pub(crate) const NOWHERE: u32 = u32::MAX;
/// What a decision takes in the columns.
const ROW: usize = size_of::<DecisionId>() + size_of::<i64>() + 4 * size_of::<u32>();
/// What a value takes beside itself where equal values are kept once: a pointer twice, its number, its place, its counts.
const KEPT: usize = 64;

impl History {
    /// An empty one.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// How many decisions it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// How many different questions there are, clocks and approvals apart.
    #[must_use]
    pub const fn distinct(&self) -> usize {
        self.parts.shapes.len()
    }

    /// What it takes, estimated, in bytes.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.heavy + self.len() * ROW
    }

    /// Keeps a question; its clock and its approval go with the decision.
    pub fn question(&mut self, question: &Question) -> QuestionKey {
        let Question { principal, action, resources, env, context, now: _, approval: _, known } = question;
        let parts = &mut self.parts;
        let heavy = &mut self.heavy;
        let mut weigh = |(number, is_new): (u32, bool), bytes: usize| {
            *heavy += if is_new { bytes + KEPT } else { 0 };
            number
        };
        let known_principal = if let Some(number) = parts.principals.find(principal) {
            number
        } else {
            let reference = principal.reference();
            let bytes = reference.len();
            let reference = weigh(parts.references.number(&*reference), bytes);
            parts.reference_of.push(reference);
            weigh(parts.principals.number_of(principal.clone()), weight(principal))
        };
        let list: Vec<_> =
            resources.iter().map(|resource| weigh(parts.resources.number(resource.as_str()), resource.len())).collect();
        let address = context.ip.as_deref().map_or(0, |ip| weigh(parts.addresses.number(ip), ip.len()) + 1);
        let context = Declared { ip: None, ..context.clone() };
        let reason = context.break_glass.as_ref().map_or(0, String::len);
        let shape = Shape {
            principal: known_principal,
            action: weigh(parts.actions.number(action.as_str()), action.len()),
            resources: weigh(parts.resource_lists.number(&*list), list.len() * size_of::<u32>()),
            environment: weigh(parts.environments.number(env.as_str()), env.len()),
            context: weigh(parts.contexts.number_of(context), size_of::<Declared>() + reason),
            address,
            known: match parts.known.find(known) {
                Some(number) => number,
                None => weigh(parts.known.number_of(known.clone()), known_weight(known)),
            },
        };
        QuestionKey(weigh(parts.shapes.number_of(shape), 2 * size_of::<Shape>()))
    }

    /// Keeps an answer.
    pub fn answer(&mut self, answer: Answered) -> AnswerKey {
        let texts = answer.because.iter().map(|id| id.len() + size_of::<String>()).sum::<usize>();
        let (number, is_new) = self.parts.answers.number_of(answer);
        self.heavy += if is_new { size_of::<Answered>() + texts + KEPT } else { 0 };
        AnswerKey(number)
    }

    /// Adds a decision. The keys are those of this history.
    pub fn push(&mut self, decision: Decision) -> Result<(), Full> {
        if count(self.len()) >= self.limits.decisions || self.bytes() >= self.limits.bytes {
            return Err(Full { decisions: count(self.len()), bytes: self.bytes() });
        }
        let Decision { id, index, now, question, approval, answer } = decision;
        let approval = approval.map_or(0, |approval| self.grant(approval));
        self.ids.push(id);
        self.indices.push(index.unwrap_or(NOWHERE));
        self.clocks.push(now.millis());
        self.questions.push(question.0);
        self.approvals.push(approval);
        self.answers.push(answer.0);
        Ok(())
    }

    fn grant(&mut self, approval: Approval) -> u32 {
        let Approval { approvers, groups, granted_at, expires_at, ticket } = approval;
        let (number, is_new) = self.parts.groups.number(&*groups);
        self.heavy += size_of::<Granted>() + ticket.as_ref().map_or(0, String::len);
        self.heavy += if is_new { groups.iter().map(|group| group.len() + size_of::<String>()).sum() } else { 0 };
        let (granted, expires) = (granted_at.millis(), expires_at.millis());
        let ticket = ticket.map(String::into_boxed_str);
        self.granted.push(Granted { approvers, groups: number, granted, expires, ticket });
        count(self.granted.len())
    }

    /// Counts decisions that cannot be read, with one of them in words.
    pub fn count_unreadable(&mut self, number: u32, example: impl Into<String>) {
        if self.unreadable == 0 && number > 0 {
            self.unreadable_example = example.into();
        }
        self.unreadable = self.unreadable.saturating_add(number);
    }

    /// The question of a row, as it was pushed.
    pub(crate) fn whole_question(&self, row: usize) -> Question {
        let Parts { shapes, principals, actions, resources, resource_lists, environments, .. } = &self.parts;
        let shape = shapes.get(self.questions[row]);
        let ip = shape.address.checked_sub(1).map(|number| self.parts.addresses.get(number).to_owned());
        let list = resource_lists.get(shape.resources);
        Question {
            principal: principals.get(shape.principal).clone(),
            action: actions.get(shape.action).to_owned(),
            resources: list.iter().map(|number| resources.get(*number).to_owned()).collect(),
            env: environments.get(shape.environment).to_owned(),
            context: Declared { ip, ..self.parts.contexts.get(shape.context).clone() },
            now: Instant::from_millis(self.clocks[row]),
            approval: self.approval(row).map(|granted| Approval {
                approvers: granted.approvers,
                groups: self.parts.groups.get(granted.groups).to_vec(),
                granted_at: Instant::from_millis(granted.granted),
                expires_at: Instant::from_millis(granted.expires),
                ticket: granted.ticket.as_deref().map(str::to_owned),
            }),
            known: self.parts.known.get(shape.known).clone(),
        }
    }

    /// The approval of a row.
    pub(crate) fn approval(&self, row: usize) -> Option<&Granted> {
        self.approvals[row].checked_sub(1).map(|number| &self.granted[place(number)])
    }
}

fn weight(principal: &Principal) -> usize {
    let lists = [&principal.teams, &principal.scopes, &principal.workspaces];
    let texts: usize = lists.into_iter().flatten().map(|text| text.len() + size_of::<String>()).sum();
    size_of::<Principal>() + principal.id.len() + principal.name.len() + texts
}

fn known_weight(known: &BTreeMap<String, KnownResource>) -> usize {
    let one = |(name, known): (&String, &KnownResource)| {
        let lists = known.allowed_accounts.iter().flatten().chain(&known.trusted);
        let texts: usize = lists.map(|text| text.len() + size_of::<String>()).sum();
        name.len() + 2 * size_of::<KnownResource>() + texts
    };
    known.iter().map(one).sum()
}
