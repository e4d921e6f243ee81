//! Makes a request readable: a solver's names are empty or odd, its instants are in 1970, and it says more than it must.
//!
//! Invariant: each step is kept only if the request still shows what it should, as the ordinary engine says. So nothing here
//! needs to know what policies are about.

use domain::Instant;
use domain::policy::question::{APPROVE, scope_of};
use domain::policy::{Asked, Declared, KnownResource, PrincipalKind, Question, Reviewer, TicketFacts};

/// Noon of 1 January 2026, UTC, a Thursday: the clock of test cases.
const NOON: i64 = 1_767_268_800;
/// How long an approval of a test case lasts.
const LASTS: u32 = 900;

/// The same request in plainer words, as far as `shows` still holds. It holds for `asked`.
pub(crate) fn readable(asked: Asked, shows: &dyn Fn(&Asked) -> bool) -> Asked {
    match asked {
        // What cannot be left out at first often can be later.
        Asked::Question(question) => Asked::Question(plainer_question(plainer_question(question, shows), shows)),
        Asked::Review(reviewer, ticket) => plainer_review(reviewer, ticket, shows),
    }
}

struct Steps<'a, T> {
    current: T,
    shows: &'a dyn Fn(&T) -> bool,
}

impl<T: Clone + PartialEq> Steps<'_, T> {
    /// Takes a step if it leads to another request that still shows it.
    fn step(&mut self, change: impl FnOnce(&mut T)) -> bool {
        let mut next = self.current.clone();
        change(&mut next);
        let taken = next == self.current || (self.shows)(&next);
        if taken {
            self.current = next;
        }
        taken
    }

    /// A list made as short as it can be, and emptied at once if possible.
    fn shorten<E>(&mut self, list: fn(&mut T) -> &mut Vec<E>) {
        if self.step(|next| list(next).clear()) {
            return;
        }
        let mut at = 0;
        while at < list(&mut self.current.clone()).len() {
            if !self.step(|next| drop(list(next).remove(at))) {
                at += 1;
            }
        }
    }
}

fn plainer_question(question: Question, shows: &dyn Fn(&Asked) -> bool) -> Question {
    let shows = |question: &Question| shows(&Asked::Question(question.clone()));
    let mut steps = Steps { current: question, shows: &shows };
    if !steps.step(|next| next.known.clear()) {
        known(&mut steps);
    }
    let kind = steps.current.resources.first().and_then(|text| text.split_once(':')).map_or("", |(kind, _)| kind);
    for name in [format!("{kind}:some/thing"), format!("{kind}:something")] {
        let named = steps.step(|next| {
            let known = std::mem::take(&mut next.known).into_values().next();
            next.known.extend(known.map(|known| (name.clone(), known)));
            next.resources = vec![name];
        });
        if named {
            break;
        }
    }
    let (id, name) = somebody(steps.current.principal.kind);
    steps.step(|next| id.clone_into(&mut next.principal.id));
    steps.step(|next| name.clone_into(&mut next.principal.name));
    steps.step(|next| next.principal.owner = None);
    let scope = scope_of(&steps.current.action).to_owned();
    if !steps.step(|next| next.principal.scopes = vec![scope]) {
        steps.shorten(|next| &mut next.principal.scopes);
    }
    steps.shorten(|next| &mut next.principal.teams);
    steps.shorten(|next| &mut next.principal.workspaces);
    let _ = ["prod", "production"].into_iter().any(|env| steps.step(|next| env.clone_into(&mut next.env)));
    if !steps.step(|next| next.context = Declared::default()) {
        steps.step(|next| next.context.execution_mode = None);
        steps.step(|next| next.context.execution_context = None);
        steps.step(|next| next.context.known_network = None);
        if !steps.step(|next| next.context.break_glass = None) {
            steps.step(|next| next.context.break_glass = Some("an emergency".to_owned()));
        }
        if !steps.step(|next| next.context.ip = None) {
            steps.step(|next| next.context.ip = Some("192.0.2.1".to_owned()));
        }
    }
    clocks(&mut steps);
    if let Some(found) = steps.current.approval.as_ref().map(|approval| approval.approvers) {
        let fewer = (1..found.min(10)).chain((found > 10).then_some(10));
        let _ = fewer.into_iter().any(|fewer| steps.step(|next| approvers(next, fewer)));
        steps.shorten(|next| match &mut next.approval {
            Some(approval) => &mut approval.groups,
            // There is an approval, and no step takes it away.
            None => &mut next.principal.teams,
        });
    }
    steps.current
}

/// Of what must be known, as little as possible.
fn known(steps: &mut Steps<'_, Question>) {
    let forgotten: [fn(&mut KnownResource); 6] = [
        |known| known.workspace = None,
        |known| known.max_duration_seconds = None,
        |known| known.widens = None,
        |known| known.trusted.clear(),
        |known| known.allowed_accounts = None,
        |known| known.owner = None,
    ];
    for forget in forgotten {
        steps.step(|next| next.known.values_mut().for_each(forget));
    }
}

fn approvers(question: &mut Question, approvers: u32) {
    if let Some(approval) = &mut question.approval {
        approval.approvers = approvers;
    }
}

fn clocks(steps: &mut Steps<'_, Question>) {
    let noon = Instant::from_seconds(NOON);
    let shifted = steps.step(|next| {
        next.now = noon;
        if let Some(approval) = &mut next.approval {
            approval.granted_at = noon.minus(60);
            approval.expires_at = approval.granted_at.plus(LASTS);
        }
    });
    if shifted || steps.current.approval.is_none() {
        return;
    }
    // What is left is about how long the approval lasts: keep that, and try whole minutes.
    let Some(approval) = &steps.current.approval else { return };
    let lasts = approval.expires_at.seconds().saturating_sub(approval.granted_at.seconds());
    let rounded = u32::try_from(lasts).unwrap_or(u32::MAX).div_ceil(60).saturating_mul(60);
    let _ = [LASTS + 60, 3_600, 86_400, rounded].into_iter().any(|lasts| {
        steps.step(|next| {
            next.now = noon;
            if let Some(approval) = &mut next.approval {
                approval.granted_at = noon.minus(60);
                approval.expires_at = approval.granted_at.plus(lasts);
            }
        })
    });
}

fn plainer_review(reviewer: Reviewer, ticket: TicketFacts, shows: &dyn Fn(&Asked) -> bool) -> Asked {
    let shows = |(reviewer, ticket): &(Reviewer, TicketFacts)| shows(&Asked::Review(reviewer.clone(), ticket.clone()));
    let mut steps = Steps { current: (reviewer, ticket), shows: &shows };
    let before = steps.current.0.principal.reference();
    let (id, name) = somebody(steps.current.0.principal.kind);
    let renamed = steps.step(|(reviewer, ticket)| {
        id.clone_into(&mut reviewer.principal.id);
        name.clone_into(&mut reviewer.principal.name);
        let after = reviewer.principal.reference();
        for reference in ticket.on_behalf_of.iter_mut().chain([&mut ticket.requester]) {
            if *reference == before {
                reference.clone_from(&after);
            }
        }
    });
    let own = steps.current.0.principal.reference();
    if !renamed || steps.current.1.requester != own {
        steps.step(|(_, ticket)| "service_account:some-account".clone_into(&mut ticket.requester));
    }
    steps.step(|(_, ticket)| "tkt_some".clone_into(&mut ticket.id));
    steps.step(|(_, ticket)| "pipelines:execute".clone_into(&mut ticket.action));
    steps.step(|(_, ticket)| ticket.resources = vec!["pipeline:some/thing".to_owned()]);
    steps.shorten(|(_, ticket)| &mut ticket.on_behalf_of);
    steps.shorten(|(_, ticket)| &mut ticket.resources);
    let scope = scope_of(APPROVE);
    if !steps.step(|(reviewer, _)| reviewer.principal.scopes = vec![scope.to_owned()]) {
        steps.shorten(|(reviewer, _)| &mut reviewer.principal.scopes);
    }
    steps.shorten(|(reviewer, _)| &mut reviewer.principal.teams);
    steps.shorten(|(reviewer, _)| &mut reviewer.principal.workspaces);
    steps.step(|(reviewer, _)| reviewer.principal.owner = None);
    let _ = ["prod", "production"].into_iter().any(|env| steps.step(|(_, ticket)| env.clone_into(&mut ticket.env)));
    steps.step(|(reviewer, _)| reviewer.now = Instant::from_seconds(NOON));
    Asked::Review(steps.current.0, steps.current.1)
}

const fn somebody(kind: PrincipalKind) -> (&'static str, &'static str) {
    match kind {
        PrincipalKind::User => ("usr_somebody", "Somebody"),
        PrincipalKind::ServiceAccount => ("some-account", "Some account"),
    }
}
