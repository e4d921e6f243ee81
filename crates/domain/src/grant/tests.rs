use super::*;
use crate::review::Review;
use crate::testing::{NOW, action, key, review, roster, signed, standing, subject, ticket};
use crate::ticket::Ticket;

fn grant(ticket: &Ticket, reviews: &[(u8, Review)]) -> Grant {
    Grant {
        ticket: ticket.id,
        nonce: ticket.binding.nonce.clone(),
        budget: ticket.binding.budget,
        requirement: ticket.requirement.clone(),
        policy_set: ticket.policy_set,
        execution_expires_at: NOW.plus(900),
        reviews: reviews.iter().map(|(n, review)| review.sign(&key(*n))).collect(),
        roster: vec![signed(&roster(&[1, 2, 3], 1), &[1, 2, 3])],
    }
}

fn verify(grant: &Grant) -> Result<Verified, GrantError> {
    verify_as(grant, &action(), 1, NOW)
}

fn verify_as(grant: &Grant, action: &Action, minimum_approvals: u32, now: Instant) -> Result<Verified, GrantError> {
    let pin = Chain::verify(&[signed(&roster(&[1, 2, 3], 1), &[1, 2, 3])]).unwrap().pin();
    grant.verify(&Demand { subject_id: &subject(), action, pin, minimum_approvals }, now)
}

fn approvals(ticket: &Ticket, people: &[u8]) -> Vec<(u8, Review)> {
    people.iter().map(|n| (*n, review(ticket, *n, Verdict::Approve))).collect()
}

#[test]
fn a_grant_for_what_is_about_to_run_holds_and_names_its_approvers() {
    let ticket = ticket(2, &["sre"]);
    let verified = verify(&grant(&ticket, &approvals(&ticket, &[1, 2]))).unwrap();
    assert_eq!(verified.approvers.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(), ["Person 1", "Person 2"]);
    assert_eq!(verified.pin.version, 1);
}

#[test]
fn too_few_people_or_a_missing_group_is_refused_offline() {
    let ticket = ticket(2, &["sre"]);
    assert!(matches!(verify(&grant(&ticket, &approvals(&ticket, &[1]))), Err(GrantError::TooFew(_))));
    assert!(matches!(verify(&grant(&ticket, &approvals(&ticket, &[1, 1]))), Err(GrantError::TooFew(_))));
    let error = verify(&grant(&ticket, &approvals(&ticket, &[2, 3]))).unwrap_err().to_string();
    assert_eq!(error, "2 of 2 people approved, nobody of sre");
    assert!(verify(&grant(&ticket, &[])).is_err());
}

#[test]
fn a_server_that_lowers_the_quorum_is_contradicted_by_the_signatures() {
    let ticket = ticket(2, &[]);
    let mut grant = grant(&ticket, &approvals(&ticket, &[1]));
    grant.requirement.quorum = 1;
    assert!(matches!(verify(&grant), Err(GrantError::TooFew(_))));
    grant.requirement.quorum = 0;
    grant.reviews.clear();
    assert!(matches!(verify(&grant), Err(GrantError::TooFew(_))));
}

#[test]
fn the_executors_own_minimum_stands() {
    let ticket = ticket(1, &[]);
    let grant = grant(&ticket, &approvals(&ticket, &[1]));
    assert!(verify_as(&grant, &action(), 1, NOW).is_ok());
    assert!(matches!(verify_as(&grant, &action(), 2, NOW), Err(GrantError::TooFew(_))));
}

#[test]
fn another_action_environment_or_ticket_is_refused() {
    let ticket = ticket(1, &[]);
    let good = grant(&ticket, &approvals(&ticket, &[1]));
    let staging = Action { env: "staging".into(), ..action() };
    assert!(matches!(verify_as(&good, &staging, 1, NOW), Err(GrantError::OtherAction { field: "binding_digest", .. })));
    let other = Grant { ticket: "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap(), ..good };
    assert!(matches!(verify(&other), Err(GrantError::OtherAction { field: "ticket", .. })));
}

#[test]
fn denials_forgeries_and_late_use_are_refused() {
    let ticket = ticket(1, &[]);
    let denial = grant(&ticket, &[(1, review(&ticket, 1, Verdict::Deny))]);
    assert!(matches!(verify(&denial), Err(GrantError::OtherAction { field: "verdict", .. })));
    let forged = grant(&ticket, &[(5, review(&ticket, 1, Verdict::Approve))]);
    assert!(matches!(verify(&forged), Err(GrantError::Review { index: 1, .. })));
    let borrowed = grant(&ticket, &[(2, review(&ticket, 1, Verdict::Approve))]);
    assert!(matches!(verify(&borrowed), Err(GrantError::Review { error: ReviewRefusal::ForeignKey { .. }, .. })));
    let good = grant(&ticket, &approvals(&ticket, &[1]));
    assert!(matches!(verify_as(&good, &action(), 1, NOW.plus(900)), Err(GrantError::Late(_))));
    let mut stale = review(&ticket, 1, Verdict::Approve);
    stale.exp = NOW.seconds();
    assert!(matches!(verify(&grant(&ticket, &[(1, stale)])), Err(GrantError::Review { .. })));
    let mut early = review(&ticket, 1, Verdict::Approve);
    early.iat = NOW.plus(3600).seconds();
    assert!(matches!(verify(&grant(&ticket, &[(1, early)])), Err(GrantError::Review { .. })));
}

#[test]
fn a_control_plane_can_neither_raise_nor_invent_a_budget() {
    let ticket = standing();
    let good = grant(&ticket, &approvals(&ticket, &[1]));
    assert!(verify(&good).is_ok());
    for budget in [Some(Budget { uses: 4, window_seconds: 600 }), Some(Budget { uses: 3, window_seconds: 900 }), None] {
        let raised = Grant { budget, ..good.clone() };
        assert!(matches!(verify(&raised), Err(GrantError::OtherAction { field: "binding_digest", .. })), "{budget:?}");
    }
    let once = ticket_for_one_use();
    let invented =
        Grant { budget: Some(Budget { uses: 3, window_seconds: 600 }), ..grant(&once, &approvals(&once, &[1])) };
    assert!(matches!(verify(&invented), Err(GrantError::OtherAction { .. })));
}

fn ticket_for_one_use() -> Ticket {
    ticket(1, &[])
}

#[test]
fn the_signed_window_ends_a_budget_whatever_the_control_plane_says() {
    let ticket = standing();
    let mut grant = grant(&ticket, &approvals(&ticket, &[1]));
    grant.execution_expires_at = NOW.plus(86_400);
    let end = NOW.plus(600 + CLOCK_SKEW_SECONDS);
    let last = Instant::from_millis(end.millis() - 1);
    assert_eq!(verify_as(&grant, &action(), 1, last).unwrap().until, end);
    assert!(matches!(verify_as(&grant, &action(), 1, end), Err(GrantError::Late(until)) if until == end));
    grant.execution_expires_at = NOW.plus(60);
    assert!(matches!(verify_as(&grant, &action(), 1, NOW.plus(60)), Err(GrantError::Late(_))));
}

#[test]
fn a_roster_that_is_not_the_pinned_one_is_refused() {
    let ticket = ticket(1, &[]);
    let mut foreign = grant(&ticket, &approvals(&ticket, &[5]));
    foreign.reviews = vec![review(&ticket, 5, Verdict::Approve).sign(&key(5))];
    foreign.roster = vec![signed(&roster(&[5], 1), &[5])];
    assert!(matches!(verify(&foreign), Err(GrantError::Roster(ChainError::NotPinned { .. }))));
    let unsigned = Grant { roster: vec![], ..foreign };
    assert!(matches!(verify(&unsigned), Err(GrantError::Roster(ChainError::Empty))));
}
