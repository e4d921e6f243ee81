//! A replay without any cleverness: every decision is asked of both sets, one by one, and everything is counted in maps.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use countersign_policy::replay::{Narrower, RecordedDecision};
use countersign_policy::{Answer, Engine, Question, QuestionError};
use domain::Instant;
use domain::outcome::{Outcome, Requirement};
use domain::policy::replay::{Drift, Flip, SkipReason};

/// A report, as far as it does not depend on words.
#[derive(Debug, PartialEq)]
pub(crate) struct Expected {
    pub(crate) recorded: u32,
    pub(crate) replayed: u32,
    pub(crate) same: u32,
    pub(crate) skipped: Vec<(SkipReason, u32)>,
    pub(crate) flips: Vec<ExpectedGroup>,
    /// Principals, actions, resources, environments; name, flips, widening, decisions.
    pub(crate) shares: [Vec<(String, u32, u32, u32)>; 4],
    pub(crate) drift: Drift,
    /// Decisions, flips, widening, over all spans.
    pub(crate) total: (u32, u32, u32),
}

#[derive(Debug, PartialEq)]
pub(crate) struct ExpectedGroup {
    pub(crate) flip: Flip,
    pub(crate) widens: bool,
    pub(crate) count: u32,
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// Decision, index, alike, question, before, after, approvers.
    pub(crate) samples: Vec<Sample>,
}

pub(crate) type Sample = (String, Option<u32>, u32, Question, Vec<String>, Vec<String>, Option<u32>, Option<u32>);
type Answered = (Outcome, Vec<String>, Option<Requirement>);

fn answered(answer: Answer) -> Answered {
    (answer.outcome, answer.reasons.into_iter().map(|reason| reason.policy).collect(), answer.requirement)
}

fn reason(error: &QuestionError) -> SkipReason {
    match error {
        QuestionError::Unknown { .. } | QuestionError::Unfit { .. } => SkipReason::NotInSchema,
        _ => SkipReason::Incomplete,
    }
}

/// Whether less consent is needed in any respect.
fn less(before: &Requirement, after: &Requirement) -> bool {
    let gone = before.groups.iter().any(|group| !after.groups.contains(group));
    let unlimited = u32::MAX;
    gone || after.quorum < before.quorum
        || after.step_up_seconds > before.step_up_seconds
        || after.approval_ttl_seconds > before.approval_ttl_seconds
        || after.execution_ttl_seconds > before.execution_ttl_seconds
        || after.max_duration_seconds.unwrap_or(unlimited) > before.max_duration_seconds.unwrap_or(unlimited)
}

/// From the most dangerous; none if nothing changes.
fn rank(before: &Answered, after: &Answered) -> Option<usize> {
    use Outcome::{Allow, Deny, RequireApproval};
    let order = [(Deny, Allow), (RequireApproval, Allow), (Deny, RequireApproval)];
    let narrowing = [(Allow, Deny), (RequireApproval, Deny), (Allow, RequireApproval)];
    if before.0 != after.0 {
        let place = |list: &[(Outcome, Outcome)]| list.iter().position(|pair| *pair == (before.0, after.0));
        return place(&order).or_else(|| Some(4 + place(&narrowing).unwrap()));
    }
    let (old, new) = (before.2.as_ref()?, after.2.as_ref()?);
    (old != new).then(|| if less(old, new) { 3 } else { 7 })
}

fn narrowed(question: &Question, narrower: Option<&Narrower>) -> Question {
    let mut question = question.clone();
    if let Some(narrower) = narrower.filter(|narrower| narrower.principal == question.principal.reference()) {
        question.principal.scopes.retain(|scope| narrower.scopes.contains(scope));
        if let Some(given) = narrower.workspaces.as_ref().filter(|given| !given.is_empty()) {
            let old = std::mem::replace(&mut question.principal.workspaces, given.clone());
            if !old.is_empty() {
                question.principal.workspaces.retain(|workspace| old.contains(workspace));
                if question.principal.workspaces.is_empty() {
                    question.principal.workspaces.push("\0".to_owned());
                }
            }
        }
    }
    question
}

/// The report of asking one by one.
pub(crate) fn expected(
    decisions: &[RecordedDecision],
    live: &Engine,
    draft: &Engine,
    narrower: Option<&Narrower>,
) -> Expected {
    let mut skipped = BTreeMap::new();
    let mut told = Drift::default();
    let mut shares: [HashMap<String, (u32, u32, u32)>; 4] = Default::default();
    let mut flipped: BTreeMap<usize, Vec<(usize, Answered, Answered)>> = BTreeMap::new();
    let mut total = (0, 0, 0);
    for (row, decision) in decisions.iter().enumerate() {
        let before = live.decide(&decision.question).map(answered);
        let after = draft.decide(&narrowed(&decision.question, narrower)).map(answered);
        if let Ok(before) = &before {
            let recorded = &decision.answer;
            let same = recorded.outcome == before.0 && recorded.requirement == before.2;
            if recorded.policy_set == live.digest() && !(same && recorded.because == before.1) {
                told.unexplained += 1;
                if told.examples.len() < 20 {
                    told.examples.push(decision.id.to_string());
                }
            } else if recorded.policy_set != live.digest() && !same {
                told.by_older_sets += 1;
            }
        }
        let (before, after) = match (before, after) {
            (Ok(before), Ok(after)) => (before, after),
            (_, Err(error)) | (Err(error), _) => {
                *skipped.entry(reason(&error)).or_insert(0) += 1;
                continue;
            }
        };
        let rank = rank(&before, &after);
        let widens = rank.is_some_and(|rank| rank < 4);
        let question = &decision.question;
        for (names, shares) in [
            vec![question.principal.reference()],
            vec![question.action.clone()],
            question.resources.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect(),
            vec![question.env.clone()],
        ]
        .into_iter()
        .zip(&mut shares)
        {
            for name in names {
                let share = shares.entry(name).or_default();
                share.0 += u32::from(rank.is_some());
                share.1 += u32::from(widens);
                share.2 += 1;
            }
        }
        total = (total.0 + 1, total.1 + u32::from(rank.is_some()), total.2 + u32::from(widens));
        if let Some(rank) = rank {
            flipped.entry(rank).or_default().push((row, before, after));
        }
    }
    Expected {
        recorded: u32::try_from(decisions.len()).unwrap(),
        replayed: total.0,
        same: total.0 - total.1,
        skipped: skipped.into_iter().collect(),
        flips: flipped.into_iter().map(|(rank, rows)| group(rank, &rows, decisions)).collect(),
        shares: shares.map(listed),
        drift: told,
        total,
    }
}

fn listed(shares: HashMap<String, (u32, u32, u32)>) -> Vec<(String, u32, u32, u32)> {
    let mut shares: Vec<_> =
        shares.into_iter().filter(|(_, share)| share.0 > 0).map(|(name, (f, w, d))| (name, f, w, d)).collect();
    shares.sort_by(|a, b| (b.1, b.2, b.3, &a.0).cmp(&(a.1, a.2, a.3, &b.0)));
    shares.truncate(100);
    shares
}

fn group(rank: usize, rows: &[(usize, Answered, Answered)], decisions: &[RecordedDecision]) -> ExpectedGroup {
    #[expect(clippy::type_complexity, reason = "what the rows of a kind have in common, one of them, how many")]
    let mut kinds: Vec<(Vec<String>, &(usize, Answered, Answered), u32)> = vec![];
    for row in rows {
        let question = &decisions[row.0].question;
        let mut key = vec![question.principal.reference(), question.action.clone(), question.env.clone()];
        key.push(format!("{:?}", (&question.resources, &row.1, &row.2)));
        match kinds.iter_mut().find(|kind| kind.0 == key) {
            Some(kind) => kind.2 += 1,
            None => kinds.push((key, row, 1)),
        }
    }
    kinds.sort_by_key(|(_, row, alike)| (u32::MAX - alike, row.0));
    let samples = kinds.into_iter().take(20).map(|(_, (row, before, after), alike)| {
        let quorum = |answered: &Answered| answered.2.as_ref().map(|requirement| requirement.quorum);
        let decision = &decisions[*row];
        let index = Some(u32::try_from(*row).unwrap() * 10);
        let (approvers, later) = (quorum(before), quorum(after));
        let (before, after) = (before.1.clone(), after.1.clone());
        (decision.id.to_string(), index, alike, decision.question.clone(), before, after, approvers, later)
    });
    let clocks = || rows.iter().map(|(row, ..)| decisions[*row].question.now);
    let (_, before, after) = &rows[0];
    ExpectedGroup {
        flip: Flip { from: before.0, to: after.0 },
        widens: rank < 4,
        count: u32::try_from(rows.len()).unwrap(),
        first: clocks().min().unwrap(),
        last: clocks().max().unwrap(),
        samples: samples.collect(),
    }
}
