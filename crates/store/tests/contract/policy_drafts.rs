use domain::Digest;
use domain::policy::Draft;
use store::policy_drafts as drafts;
use store::testing::TestDatabase;
use store::{Revised, StoreError};

use crate::{change, examples, look, race};

on_both_engines! {
    a_draft_reads_back_with_what_it_holds,
    a_list_is_newest_first_and_goes_on_where_it_ended,
    of_many_changes_none_is_lost,
    a_draft_that_nobody_read_is_not_changed,
}

fn a_draft_reads_back_with_what_it_holds(database: &TestDatabase) {
    let store = database.open();
    let (draft, content) = (examples::draft(), examples::content("permit(principal, action, resource);"));
    let id = draft.id;
    let (made, holds) = (draft.clone(), content.clone());
    change(&store, move |tx| drafts::insert(tx, &made, &holds)).unwrap();
    assert_eq!(look(&store, |q| drafts::get(q, id)), Some(Revised { value: draft.clone(), revision: 1 }));
    assert_eq!(look(&store, |q| drafts::content(q, id)), Some(content.clone()));

    let other = examples::content("forbid(principal, action, resource);");
    let next = Draft { title: "Nothing at all".into(), digest: examples::digest("other"), ..draft };
    let (changed, holds) = (next.clone(), other.clone());
    change(&store, move |tx| {
        drafts::get(tx, id)?.unwrap();
        drafts::replace(tx, &changed, &holds)
    })
    .unwrap();
    assert_eq!(look(&store, |q| drafts::get(q, id)), Some(Revised { value: next.clone(), revision: 2 }));
    assert_eq!(look(&store, |q| drafts::content(q, id)), Some(other.clone()));

    let by = "service_account:billing-ci".parse().unwrap();
    let given_up = next.discard(by, examples::now()).unwrap();
    let changed = given_up.clone();
    change(&store, move |tx| {
        drafts::get(tx, id)?.unwrap();
        drafts::update(tx, &changed)
    })
    .unwrap();
    assert_eq!(look(&store, |q| drafts::get(q, id)), Some(Revised { value: given_up, revision: 3 }));
    assert_eq!(look(&store, |q| drafts::content(q, id)), Some(other), "the content stays");
    let nobody = examples::draft().id;
    assert_eq!(look(&store, |q| drafts::get(q, nobody)), None);
    assert_eq!(look(&store, |q| drafts::content(q, nobody)), None);
}

fn a_list_is_newest_first_and_goes_on_where_it_ended(database: &TestDatabase) {
    let store = database.open();
    let mut made: Vec<_> = (0..3).map(|_| examples::draft()).collect();
    made.sort_by_key(|draft| std::cmp::Reverse(draft.id));
    let all = made.clone();
    change(&store, move |tx| all.iter().try_for_each(|draft| drafts::insert(tx, draft, &examples::content(""))))
        .unwrap();
    assert_eq!(look(&store, |q| drafts::list(q, None, 2)), made[..2]);
    assert_eq!(look(&store, |q| drafts::list(q, Some(made[1].id), 2)), made[2..]);
}

fn of_many_changes_none_is_lost(database: &TestDatabase) {
    let store = database.open();
    let draft = examples::draft();
    let id = draft.id;
    change(&store, move |tx| drafts::insert(tx, &draft, &examples::content(""))).unwrap();
    let done = race(|_| {
        change(&store, move |tx| {
            let known = drafts::get(tx, id)?.unwrap().value;
            drafts::update(tx, &Draft { base_version: known.base_version + 1, ..known })
        })
    });
    let kept = u32::try_from(done.iter().filter(|done| done.is_ok()).count()).unwrap();
    assert!(kept >= 1);
    assert_eq!(look(&store, |q| drafts::get(q, id)).unwrap().value.base_version, 1 + kept);
}

fn a_draft_that_nobody_read_is_not_changed(database: &TestDatabase) {
    let store = database.open();
    let draft = examples::draft();
    let made = draft.clone();
    change(&store, move |tx| drafts::insert(tx, &made, &examples::content(""))).unwrap();
    let blind = Draft { digest: Digest::of_content(b"blind"), ..draft };
    let done = change(&store, move |tx| drafts::update(tx, &blind));
    assert!(matches!(done, Err(StoreError::Misuse { .. })), "{done:?}");
}
