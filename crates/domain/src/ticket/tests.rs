use proptest::prelude::*;

use super::*;
use crate::budget::Budget;
use crate::review::Review;
use crate::testing::{NOW, action, key, review, roster, standing, subject, ticket, user};

fn cast(ticket: Ticket, n: u8, review: &Review) -> Result<Ticket, ReviewError> {
    let verified = VerifiedReview::check(&review.sign(&key(n)), &roster(&[1, 2, 3, 9], 1), NOW).unwrap();
    ticket.review(&verified, "Person", NOW)
}

fn answer(ticket: Ticket, n: u8, verdict: Verdict) -> Result<Ticket, ReviewError> {
    let review = review(&ticket, n, verdict);
    cast(ticket, n, &review)
}

fn approved() -> Ticket {
    answer(ticket(1, &[]), 1, Verdict::Approve).unwrap()
}

fn consume(ticket: Ticket, action: &Action, now: Instant) -> Result<Ticket, ConsumeError> {
    let task = "tsk_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
    ticket.consume(&subject(), action, task, now, |_| true)
}

#[test]
fn the_quorum_counts_distinct_people() {
    let one = answer(ticket(2, &[]), 1, Verdict::Approve).unwrap();
    assert_eq!(one.state, State::Pending);
    assert_eq!(answer(one.clone(), 1, Verdict::Approve).unwrap_err(), ReviewError::Again);
    let two = answer(one, 2, Verdict::Approve).unwrap();
    assert_eq!(two.state, State::Approved { at: NOW, execution_expires_at: NOW.plus(900) });
}

#[test]
fn every_group_must_be_met() {
    let one = answer(ticket(1, &["sre"]), 2, Verdict::Approve).unwrap();
    assert_eq!(one.state, State::Pending);
    assert_eq!(one.progress(|_| true).groups, [GroupProgress { group: "sre".into(), met: false }]);
    assert_eq!(answer(one, 1, Verdict::Approve).unwrap().state.name(), "approved");
}

#[test]
fn nobody_countersigns_their_own_ticket() {
    assert_eq!(answer(ticket(1, &[]), 9, Verdict::Approve).unwrap_err(), ReviewError::OwnTicket);
}

#[test]
fn the_first_denial_settles_it_and_says_why() {
    let denied = answer(ticket(2, &[]), 1, Verdict::Deny).unwrap();
    assert_eq!(denied.state, State::Denied { at: NOW, by: user(1), reason: "wrong environment".into() });
    assert_eq!(answer(denied, 2, Verdict::Approve).unwrap_err(), ReviewError::Settled { state: "denied" });
    let silent = ticket(1, &[]);
    let review = Review { reason: Some("  ".into()), ..review(&silent, 1, Verdict::Deny) };
    assert_eq!(cast(silent, 1, &review).unwrap_err(), ReviewError::NoReason);
}

#[test]
fn a_review_signed_for_anything_else_does_not_count() {
    let ticket = ticket(1, &[]);
    let good = review(&ticket, 1, Verdict::Approve);
    let other = Digest::of_content(b"other");
    let changed = [
        Review { ticket: "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap(), ..good.clone() },
        Review { binding_digest: other, ..good.clone() },
        Review { policy_set: other, ..good.clone() },
        Review { quorum: 2, ..good.clone() },
        Review { groups: vec!["sre".into()], ..good.clone() },
    ];
    for review in changed {
        assert!(matches!(cast(ticket.clone(), 1, &review), Err(ReviewError::OtherTicket { .. })), "{review:?}");
    }
    assert!(cast(ticket, 1, &good).is_ok());
}

#[test]
fn both_clocks_run_out_at_their_instant() {
    let pending = ticket(1, &[]);
    assert!(pending.clone().at(Instant::from_millis(NOW.plus(3600).millis() - 1)).state.is_open());
    assert_eq!(pending.at(NOW.plus(3600)).state, State::Expired { at: NOW.plus(3600) });
    assert!(consume(approved(), &action(), Instant::from_millis(NOW.plus(900).millis() - 1)).is_ok());
    assert_eq!(
        consume(approved(), &action(), NOW.plus(900)).unwrap_err(),
        ConsumeError::NotApproved { state: "expired" }
    );
}

#[test]
fn a_ticket_is_spent_once() {
    let spent = consume(approved(), &action(), NOW).unwrap();
    assert!(matches!(consume(spent, &action(), NOW), Err(ConsumeError::AlreadyConsumed { .. })));
    assert!(matches!(consume(ticket(1, &[]), &action(), NOW), Err(ConsumeError::NotApproved { state: "pending" })));
}

fn granted() -> Ticket {
    answer(standing(), 1, Verdict::Approve).unwrap()
}

#[test]
fn a_standing_approval_is_spent_as_often_as_its_budget_says_and_each_use_has_its_number() {
    let mut ticket = granted();
    assert_eq!(ticket.state, State::Approved { at: NOW, execution_expires_at: NOW.plus(600) });
    for number in 1..=3 {
        assert_eq!(ticket.state.name(), "approved");
        ticket = consume(ticket, &action(), NOW.plus(number)).unwrap();
        assert_eq!(ticket.used(), Some(UseNumber { number, of: 3 }));
    }
    assert!(matches!(ticket.state, State::Consumed { at, .. } if at == NOW.plus(3)));
    assert_eq!(ticket.uses.iter().map(|used| used.at).collect::<Vec<_>>(), [1, 2, 3].map(|n| NOW.plus(n)));
    assert!(matches!(consume(ticket, &action(), NOW.plus(4)), Err(ConsumeError::AlreadyConsumed { .. })));
}

#[test]
fn an_ordinary_ticket_keeps_no_uses() {
    let spent = consume(approved(), &action(), NOW).unwrap();
    assert_eq!((spent.used(), spent.uses.len()), (None, 0));
}

#[test]
fn the_window_of_a_standing_approval_ends_it_with_what_was_used_kept() {
    let used = consume(granted(), &action(), NOW).unwrap();
    assert_eq!(
        consume(used.clone(), &action(), NOW.plus(600)).unwrap_err(),
        ConsumeError::NotApproved { state: "expired" }
    );
    let over = used.at(NOW.plus(600));
    assert_eq!((over.state, over.uses.len()), (State::Expired { at: NOW.plus(600) }, 1));
}

#[test]
fn each_use_is_the_very_action_while_enough_approvers_stand() {
    let used = consume(granted(), &action(), NOW).unwrap();
    let other = Action { env: "dev".into(), ..action() };
    assert_eq!(consume(used.clone(), &other, NOW).unwrap_err(), ConsumeError::Mismatch { field: "env" });
    let task = "tsk_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
    let fallen = used.consume(&subject(), &action(), task, NOW, |_| false);
    assert!(matches!(fallen, Err(ConsumeError::ApproversFell { .. })));
}

#[test]
fn a_review_that_was_signed_for_another_budget_does_not_count() {
    let small = standing();
    let signed = review(&small, 1, Verdict::Approve);
    let mut large = small.clone();
    large.binding.budget = Some(Budget { uses: 50, window_seconds: 86_400 });
    assert_eq!(cast(large, 1, &signed).unwrap_err(), ReviewError::OtherTicket { field: "binding_digest" });
}

#[test]
fn an_approval_is_revoked_with_a_reason_until_it_is_spent() {
    let revoked = consume(granted(), &action(), NOW).unwrap().revoke(user(2), "too risky", NOW).unwrap();
    assert_eq!(revoked.state, State::Cancelled { at: NOW, reason: "too risky".into(), by: Some(user(2)) });
    assert_eq!(revoked.uses.len(), 1);
    assert_eq!(consume(revoked.clone(), &action(), NOW).unwrap_err(), ConsumeError::NotApproved { state: "cancelled" });
    assert_eq!(revoked.revoke(user(2), "x", NOW).unwrap_err(), RevokeError::Settled { state: "cancelled" });
    assert_eq!(standing().revoke(user(2), "x", NOW).unwrap_err(), RevokeError::Pending);
    assert_eq!(granted().revoke(user(2), " ", NOW).unwrap_err(), RevokeError::NoReason);
    let late = granted().revoke(user(2), "x", NOW.plus(600)).unwrap_err();
    assert_eq!(late, RevokeError::Settled { state: "expired" });
    assert!(approved().revoke(user(2), "x", NOW).is_ok(), "an ordinary approval can be revoked too");
}

#[test]
fn another_action_is_not_what_was_approved_and_five_tries_end_it() {
    let other = Action { env: "dev".into(), ..action() };
    assert_eq!(consume(approved(), &other, NOW).unwrap_err(), ConsumeError::Mismatch { field: "env" });
    let worn = (0..MISSES_ALLOWED).fold(approved(), |ticket, _| ticket.missed(NOW));
    assert_eq!(worn.state.name(), "cancelled");
}

#[test]
fn approvers_who_lost_their_standing_no_longer_count() {
    let task = "tsk_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
    let refused = approved().consume(&subject(), &action(), task, NOW, |cast| cast.approver != user(1));
    assert!(matches!(refused, Err(ConsumeError::ApproversFell { .. })));
}

#[test]
fn only_its_requester_takes_a_ticket_back() {
    let other = "service_account:other".parse().unwrap();
    assert_eq!(ticket(1, &[]).cancel(&other, "", NOW).unwrap_err(), CancelError::NotRequester);
    let cancelled = ticket(1, &[]).cancel(&subject(), "not needed", NOW).unwrap();
    assert!(matches!(cancelled.cancel(&subject(), "", NOW), Err(CancelError::Settled { state: "cancelled" })));
    let moot = ticket(1, &[]).call_off("the draft was changed", NOW).unwrap();
    assert_eq!(moot.state, State::Cancelled { at: NOW, reason: "the draft was changed".into(), by: None });
    assert!(matches!(moot.call_off("again", NOW), Err(CancelError::Settled { state: "cancelled" })));
}

proptest! {
    /// Whatever people do in whatever order: one settled state is final, and approval means enough distinct people.
    #[test]
    fn any_order_of_answers_keeps_the_rules(quorum in 1u32..4, answers in prop::collection::vec((1u8..4, any::<bool>()), 0..12)) {
        let mut now = ticket(quorum, &[]);
        for (n, yes) in answers {
            let before = now.clone();
            let verdict = if yes { Verdict::Approve } else { Verdict::Deny };
            if let Ok(after) = answer(now.clone(), n, verdict) {
                prop_assert_eq!(&before.state, &State::Pending);
                now = after;
            }
            let people: std::collections::BTreeSet<_> =
                now.reviews.iter().filter(|cast| cast.verdict == Verdict::Approve).map(|cast| cast.approver).collect();
            prop_assert_eq!(now.reviews.iter().map(|cast| cast.approver).collect::<std::collections::BTreeSet<_>>().len(), now.reviews.len());
            if let State::Approved { .. } = now.state {
                prop_assert!(people.len() >= usize::try_from(quorum).unwrap());
            }
        }
    }
}
