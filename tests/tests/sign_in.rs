//! The loopback listener of a sign-in, attacked while it waits: nothing but the right answer is taken, and the
//! sign-in keeps waiting.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use client::sign_in::{SignInError, sign_in};
use client::{Session, Vault};
use countersign_tests::plane::Plane;
use domain::ambient::SystemClock;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use tokio::sync::oneshot;
use url::Url;

/// Starts a sign-in and gives the address that it wants opened.
async fn begun(plane: &Plane) -> (tokio::task::JoinHandle<Result<(), SignInError>>, Url) {
    let (tell, told) = oneshot::channel();
    let address = plane.address();
    let session = Session::new(address.clone(), Vault::in_memory(), Arc::new(SystemClock)).unwrap();
    let waiting = tokio::spawn(async move {
        let open = |url: &Url| tell.send(url.clone()).map_err(|_| "nobody opens it".to_owned());
        sign_in(&address, &session, None, open).await.map(drop)
    });
    (waiting, told.await.unwrap())
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned()
}

#[tokio::test]
async fn forged_answers_are_refused_and_the_sign_in_keeps_waiting() {
    let plane = Plane::start().await;
    let (waiting, url) = begun(&plane).await;
    let (back, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
    let issuer = &plane.running.issuer;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let origin = back.trim_end_matches("/callback").to_owned();

    assert_eq!(http.get(format!("{origin}/favicon.ico")).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(http.post(&back).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let foreign = http.get(&back).header("host", "evil.example").query(&[("state", &state)]);
    assert_eq!(foreign.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let forged: [&[(&str, &str)]; 6] = [
        &[],
        &[("code", "x"), ("iss", issuer)],
        &[("code", "x"), ("state", "wrong"), ("iss", issuer)],
        &[("code", "x"), ("state", &state)],
        &[("code", "x"), ("state", &state), ("iss", "https://evil.example")],
        &[("code", "x"), ("code", "y"), ("state", &state), ("iss", issuer)],
    ];
    for query in forged {
        let refused = http.get(&back).query(query).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query:?}");
        assert!(!waiting.is_finished());
    }

    // The right person at the real page still gets through.
    let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    form.push(("email".into(), "ada@example.com".into()));
    form.push(("password".into(), "correct horse battery staple".into()));
    let mut page = url.clone();
    page.set_query(None);
    let sent = http.post(page).form(&form).send().await.unwrap();
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let target = sent.headers()["location"].to_str().unwrap().to_owned();
    let shown = http.get(target).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains("Signed in"), "{shown}");
    waiting.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_code_that_does_not_exchange_is_not_shown_as_a_success() {
    let plane = Plane::start().await;
    let (waiting, url) = begun(&plane).await;
    let query = [("code", "cs_ac_0"), ("state", &parameter(&url, "state")), ("iss", &plane.running.issuer)];
    let shown = Client::new().get(parameter(&url, "redirect_uri")).query(&query).send().await.unwrap();
    assert!(shown.text().await.unwrap().contains("Not signed in"));
    assert!(matches!(waiting.await.unwrap(), Err(SignInError::Refused(_))));
}

#[tokio::test]
async fn a_refusal_at_the_page_is_told_in_both_places() {
    let plane = Plane::start().await;
    let (waiting, url) = begun(&plane).await;
    let (state, issuer) = (parameter(&url, "state"), &plane.running.issuer);
    let query = [("error", "access_denied"), ("state", &state), ("iss", issuer)];
    let shown = Client::new().get(parameter(&url, "redirect_uri")).query(&query).send().await.unwrap();
    assert!(shown.text().await.unwrap().contains("Not signed in"));
    assert!(matches!(waiting.await.unwrap(), Err(SignInError::Denied)));
}
