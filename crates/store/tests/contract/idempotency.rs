use domain::principal::Principal;
use store::StoreError;
use store::idempotency::{self, Answered};
use store::testing::TestDatabase;

use crate::{change, examples, look};

on_both_engines! {
    an_answer_is_remembered_by_principal_and_key,
}

fn an_answer_is_remembered_by_principal_and_key(database: &TestDatabase) {
    let store = database.open();
    let me: Principal = "service_account:billing-ci".parse().unwrap();
    let other: Principal = "service_account:web-ci".parse().unwrap();
    let request = examples::digest("request");
    let remember = |principal: &Principal| {
        let principal = principal.clone();
        change(&store, move |tx| idempotency::insert(tx, &principal, "key 1", &request, 201, "tkt_1", examples::now()))
    };
    assert_eq!(look(&store, |q| idempotency::find(q, &me, "key 1")), None);
    remember(&me).unwrap();
    let answered = Answered { request_digest: request, status: 201, body: "tkt_1".into() };
    assert_eq!(look(&store, |q| idempotency::find(q, &me, "key 1")), Some(answered));
    assert_eq!(look(&store, |q| idempotency::find(q, &me, "key 2")), None);
    assert_eq!(look(&store, |q| idempotency::find(q, &other, "key 1")), None);
    remember(&other).unwrap();
    assert!(matches!(remember(&me), Err(StoreError::Conflict { .. })));
}
