use super::*;
use crate::Ids;
use crate::outcome::Outcome;
use crate::policy::case::Expectation;
use crate::policy::question::Declared;
use crate::testing::{Fixed, NOW, subject, user};

fn draft(restores: Option<u32>) -> Draft {
    Draft {
        id: DraftId::new(Ids { clock: &Fixed, entropy: &Fixed }),
        title: "One approver".into(),
        digest: Digest::of_content(b"one"),
        base_version: 1,
        restores,
        created_by: Principal::User(user(1)),
        created_at: NOW,
        changed_at: NOW,
        asked: vec![],
        state: DraftState::Open,
    }
}

fn case(name: &str) -> Case {
    Case {
        name: name.into(),
        principal: "service_account:billing-ci".into(),
        teams: vec![],
        scopes: None,
        workspaces: vec![],
        owner: None,
        action: "pipelines:execute".into(),
        resources: vec!["pipeline:billing/nightly".into()],
        env: "prod".into(),
        context: Declared::default(),
        known: std::collections::BTreeMap::new(),
        ticket: None,
        now: None,
        approval: None,
        expect: Expectation { outcome: Outcome::RequireApproval, because: vec![], approvers: None, groups: None },
    }
}

#[test]
fn what_is_settled_is_never_edited_again() {
    let by = subject();
    let discarded = draft(None).discard(by.clone(), NOW).unwrap();
    let published = draft(None).publish(by.clone(), 2, None, NOW).unwrap();
    for (settled, why) in [(discarded, DraftError::Discarded), (published, DraftError::Published { version: 2 })] {
        let other = Digest::of_content(b"two");
        assert_eq!(settled.clone().change("x".into(), other, 1, false, NOW), Err(why));
        assert_eq!(settled.clone().discard(by.clone(), NOW), Err(why));
        assert_eq!(settled.clone().publish(by.clone(), 3, None, NOW), Err(why));
        let ticket = "tkt_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
        assert_eq!(settled.ask(ticket, by.clone()), Err(why));
    }
}

#[test]
fn a_ticket_is_for_the_texts_that_it_was_asked_for() {
    let (ada, bot) = (Principal::User(user(1)), subject());
    let ids = ["tkt_01HZY3V5W2M4Q6S8T0XABCDEFG", "tkt_01HZY3V5W2M4Q6S8T0XABCDEFH"].map(|id| id.parse().unwrap());
    let asked = draft(None).ask(ids[0], ada.clone()).unwrap().ask(ids[1], bot.clone()).unwrap();
    assert_eq!(asked.ticket(None), Some(ids[1]), "the newest");
    assert_eq!(asked.ticket(Some(&ada)), Some(ids[0]));
    let (same, other) = (asked.digest, Digest::of_content(b"two"));
    let (renamed, moot) = asked.clone().change("x".into(), same, 1, false, NOW).unwrap();
    assert_eq!((renamed.ticket(Some(&ada)), moot), (Some(ids[0]), vec![]), "another title is no other set");
    for (digest, base, other_cases) in [(other, 1, false), (same, 2, false), (same, 1, true)] {
        let (changed, moot) = asked.clone().change("x".into(), digest, base, other_cases, NOW).unwrap();
        assert_eq!((changed.ticket(None), moot), (None, asked.asked.clone()));
        let (back, moot) = changed.change("x".into(), same, 1, true, NOW).unwrap();
        assert_eq!((back.ticket(None), moot), (None, vec![]), "what ended does not begin again");
    }
}

#[test]
fn what_brings_a_version_back_has_its_texts() {
    let same = draft(Some(1)).change("other title".into(), draft(None).digest, 2, false, NOW).unwrap().0;
    assert_eq!((same.restores, same.base_version), (Some(1), 2));
    let other = same.change("other title".into(), Digest::of_content(b"two"), 2, false, NOW).unwrap().0;
    assert_eq!(other.restores, None);
}

#[test]
fn texts_and_cases_have_a_largest_size() {
    let text = |bytes: usize| Content { schema: "s".into(), policies: "p".repeat(bytes - 2), ..Content::default() };
    let full = Content { invariants: "i".into(), ..text(TEXT_MAX) };
    assert_eq!(full.check(), Ok(()));
    let over = Content { invariants: "ii".into(), ..text(TEXT_MAX) };
    assert_eq!(over.check(), Err(TooMuch::Text { found: TEXT_MAX + 1 }));
    let many: Vec<_> = (0..CASES_MAX).map(|n| case(&n.to_string())).collect();
    assert_eq!(check_cases(&many), Ok(()));
    assert_eq!(check_cases(&[many.as_slice(), &[case("x")]].concat()), Err(TooMuch::Cases { found: CASES_MAX + 1 }));
    let wide = Case { resources: vec!["r".repeat(CASES_BYTES_MAX)], ..case("x") };
    assert!(matches!(check_cases(&[wide]), Err(TooMuch::CaseBytes { .. })));
    assert_eq!(check_cases(&[case("x"), case("x")]), Err(TooMuch::Twins { name: "x".into() }));
}
