//! Sign-ins: a refresh token is used once, wherever; who is disabled is gone everywhere.

use countersign_tests::plane::{Approver, Plane};
use domain::event::{Event, Kind};
use domain::principal::Principal;
use reqwest::{Client, StatusCode};
use serde_json::Value;
use store::{Store, StoreError, users};

use super::{pair, who};

async fn refresh(plane: &Plane, token: &str) -> (StatusCode, Value) {
    let client = ("client_id", contract::oauth::CONSOLE_CLIENT_ID);
    let form = [("grant_type", "refresh_token"), ("refresh_token", token), client];
    let answer = Client::new().post(plane.address().at("/api/v1/oauth/token")).form(&form).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn c_10_a_refresh_token_is_used_once_by_all_and_its_reuse_ends_the_session_everywhere() {
    let (one, two) = pair().await;
    for _ in 0..5 {
        let tokens = one.founder_tokens().await;
        let racers = (0..16).map(|n| refresh(if n % 2 == 0 { &one } else { &two }, &tokens.refresh_token));
        let answers = futures_util::future::join_all(racers).await;
        let mut good: Vec<_> = answers.iter().filter(|(status, _)| *status == StatusCode::OK).collect();
        for (status, problem) in &answers {
            assert!(*status == StatusCode::OK || problem["error"] == "invalid_grant", "{status}: {problem}");
        }
        assert_eq!(good.len(), 1);
        let (_, fresh) = good.remove(0);
        // Whether or not one of the fifteen came late enough to count as a reuse: this one does.
        assert_eq!(refresh(&two, &tokens.refresh_token).await.0, StatusCode::BAD_REQUEST);
        for plane in [&one, &two] {
            assert_eq!(who(plane, fresh["access_token"].as_str().unwrap()).await, StatusCode::UNAUTHORIZED);
            assert_eq!(refresh(plane, fresh["refresh_token"].as_str().unwrap()).await.0, StatusCode::BAD_REQUEST);
        }
    }
}

#[tokio::test]
async fn c_11_whoever_is_disabled_is_refused_by_both_and_gets_no_new_tokens() {
    let (one, two) = pair().await;
    let founder = Approver::founder(&one).await;
    let user = founder.api().who_am_i().await.unwrap().principal.user().unwrap();
    let tokens = one.founder_tokens().await;
    assert_eq!(who(&two, &tokens.access_token).await, StatusCode::OK);
    let database = one.database().clone();
    let disabled = tokio::task::spawn_blocking(move || {
        let store = Store::open(&database, store::testing::ambient())?;
        store.write::<_, StoreError>(move |mut tx| {
            let known = users::get(&mut tx, user)?.unwrap();
            let now = tx.now();
            users::update(&mut tx, &domain::account::User { active: false, ..known })?;
            tx.commit(Event::new(now, Kind::UserCreated).by(&Principal::User(user)).about(user))
        })?;
        Ok::<_, anyhow::Error>(())
    });
    disabled.await.unwrap().unwrap();
    for plane in [&two, &one] {
        assert_eq!(who(plane, &tokens.access_token).await, StatusCode::UNAUTHORIZED);
        let (status, problem) = refresh(plane, &tokens.refresh_token).await;
        assert_eq!((status, &problem["error"]), (StatusCode::BAD_REQUEST, &"invalid_grant".into()));
    }
}
