//! Who may review.

use countersign_policy::{Ground, Principal, PrincipalKind, TicketFacts};

use crate::fixtures::{PERMIT, account, engine, person, reviewer, shipped, ticket};

fn ground(principal: Principal, ticket: &TicketFacts) -> (bool, Ground, String) {
    let answer = shipped().may_review(&reviewer(principal), ticket).unwrap();
    let reasons: Vec<_> = answer.reasons.into_iter().map(|reason| reason.policy).collect();
    (answer.allowed, answer.ground, reasons.join(" "))
}

#[test]
fn a_person_with_the_scope_reviews() {
    assert_eq!(ground(person("usr_ada"), &ticket()), (true, Ground::Permitted, "scopes-permit".to_owned()));
}

#[test]
fn a_person_without_the_scope_does_not() {
    let principal = Principal { scopes: vec!["approvals:read".to_owned()], ..person("usr_ada") };
    assert_eq!(ground(principal, &ticket()), (false, Ground::NotPermitted, String::new()));
}

#[test]
fn nobody_reviews_their_own_ticket_nor_one_that_is_asked_for_them() {
    let own = (false, Ground::Forbidden, "nobody-reviews-their-own".to_owned());
    let asked = TicketFacts { requester: "user:usr_ada".to_owned(), ..ticket() };
    assert_eq!(ground(person("usr_ada"), &asked), own);
    assert_eq!(ground(person("usr_owner"), &ticket()), own);
    assert!(ground(person("usr_grace"), &asked).0);
}

#[test]
fn a_service_account_never_reviews() {
    let principal = Principal { scopes: vec!["approvals:review".to_owned()], ..account() };
    let ticket = TicketFacts { requester: "user:usr_ada".to_owned(), ..ticket() };
    assert_eq!(ground(principal, &ticket), (false, Ground::Forbidden, "people-review".to_owned()));
}

#[test]
fn a_person_with_the_name_of_an_account_is_somebody_else() {
    let principal = Principal { kind: PrincipalKind::User, ..person("billing-ci") };
    assert!(ground(principal, &ticket()).0);
}

#[test]
fn a_rule_about_reviewing_that_cannot_be_evaluated_refuses() {
    let broken = r#"@id("broken") forbid (principal, action == Action::"approve", resource)
        when { context.now.offset(duration("9223372036854775807ms")) < context.now };"#;
    let answer = engine(&[PERMIT, broken].concat()).may_review(&reviewer(person("usr_ada")), &ticket()).unwrap();
    assert_eq!((answer.allowed, answer.ground, answer.errors.len()), (false, Ground::ForbidFailed, 1));
}

#[test]
fn workspaces_do_not_keep_anybody_from_reviewing() {
    let principal = Principal { workspaces: vec!["shop".to_owned()], ..person("usr_ada") };
    assert!(ground(principal, &ticket()).0);
}

#[test]
fn a_ticket_in_an_unknown_environment_is_refused_by_name() {
    let elsewhere = TicketFacts { env: "prd".to_owned(), ..ticket() };
    let error = shipped().may_review(&reviewer(person("usr_ada")), &elsewhere).unwrap_err();
    assert_eq!(error.field(), "env");
}
