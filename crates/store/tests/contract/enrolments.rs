use store::enrolments::{self, Enrolment};
use store::testing::TestDatabase;
use store::users;

use crate::{change, examples, look};

on_both_engines! {
    a_wish_waits_until_it_is_settled,
}

fn a_wish_waits_until_it_is_settled(database: &TestDatabase) {
    let store = database.open();
    let ann = examples::user("ann");
    let (first, second) = (examples::enrolment(ann.id), examples::enrolment(ann.id));
    let added = [first.clone(), second.clone()];
    change(&store, move |tx| {
        users::insert(tx, &ann, None)?;
        added.iter().try_for_each(|enrolment| enrolments::insert(tx, enrolment))
    })
    .unwrap();
    assert_eq!(look(&store, |q| enrolments::list(q, true)), [first.clone(), second.clone()]);
    let settled = Enrolment { settled_at: Some(examples::now()), roster_version: Some(2), ..first };
    let changed = settled.clone();
    change(&store, move |tx| {
        enrolments::get(tx, changed.id)?.unwrap();
        enrolments::update(tx, &changed)
    })
    .unwrap();
    assert_eq!(look(&store, |q| enrolments::get(q, settled.id)), Some(settled.clone()));
    assert_eq!(look(&store, |q| enrolments::list(q, true)), std::slice::from_ref(&second));
    assert_eq!(look(&store, |q| enrolments::list(q, false)), [settled, second]);
}
