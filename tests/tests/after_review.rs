//! What ran as an emergency is looked at afterwards, by somebody who had no part in it, and stays on a list until then.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use client::{Api, ClientError};
use contract::Code;
use contract::approvals::{AfterReviewState, OpenTicket, Ticket};
use countersign_tests::deploy::{action, fresh_key, opening};
use countersign_tests::plane::{Approver, Engine, Plane};
use domain::after_review::{AfterFinding, AfterReview};
use domain::binding::{Action, BREAK_GLASS};
use domain::review::Verdict;
use serde_json::{Value, json};

countersign_tests::on_both_engines! {
    an_emergency_stays_on_the_list_until_a_third_person_signs_what_they_found,
    neither_requester_nor_approver_nor_a_stranger_closes_it,
    what_is_signed_is_about_this_very_emergency,
    of_two_who_close_it_at_once_one_does,
    an_ordinary_ticket_and_one_that_never_ran_have_none,
}

fn burning() -> Action {
    let mut action = action();
    action.context.insert(BREAK_GLASS.into(), "the database burns".into());
    action
}

/// An emergency that Ada approved and that ran.
async fn ran(runner: &Api, founder: &Approver) -> Ticket {
    let ticket = runner.open_ticket(&OpenTicket { action: burning(), ..opening() }, &fresh_key()).await.unwrap();
    assert_eq!(ticket.after_review, None, "nothing has run yet");
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    runner.consume(ticket.id, &burning(), &fresh_key()).await.unwrap();
    founder.api().ticket(ticket.id).await.unwrap()
}

async fn waiting(reader: &Approver) -> (Vec<String>, u32) {
    let page = reader.api().inbox(&[("view", "after_review")]).await.unwrap();
    (page.items.iter().map(|row| row.id.to_string()).collect(), page.counts.after_review)
}

#[track_caller]
fn refused(done: Result<Ticket, ClientError>, code: Code) -> String {
    let error = done.unwrap_err();
    assert_eq!(error.code(), Some(code), "{error}");
    error.to_string()
}

fn offer(ticket: &Ticket) -> Option<String> {
    let offer = ticket.actions.iter().find(|offer| offer.name == "after_review").unwrap();
    assert_eq!(offer.allowed, offer.reason.is_none());
    offer.reason.clone()
}

async fn an_emergency_stays_on_the_list_until_a_third_person_signs_what_they_found(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let runner = plane.runner();
    assert_eq!(waiting(&grace).await, (vec![], 0));
    let ticket = ran(&runner, &founder).await;
    assert_eq!(ticket.after_review, Some(AfterReviewState::Open));
    assert_eq!(waiting(&grace).await, (vec![ticket.id.to_string()], 1));
    assert_eq!(offer(&grace.api().ticket(ticket.id).await.unwrap()), None);

    let found = "The disk was full; it was grown by hand.\nNo data was lost.";
    let review = grace.looked(&ticket, AfterFinding::Justified, found).await;
    let closed = grace.hand_in(&review).await.unwrap();
    let Some(AfterReviewState::Signed(signed)) = &closed.after_review else { panic!("{:?}", closed.after_review) };
    assert_eq!(
        (signed.name.as_str(), signed.finding, signed.found.as_str()),
        ("Grace", AfterFinding::Justified, found)
    );
    assert!(closed.timeline.last().unwrap().sentence.starts_with("Grace looked at it afterwards"));
    assert_eq!(waiting(&grace).await, (vec![], 0));
    assert_eq!(closed.state, ticket.state, "it changes nothing that ran");

    let entries = founder.api().trail(&[("kind", "ticket.after_reviewed")]).await.unwrap().items;
    let entry: Value = serde_json::from_str(&entries[0].leaf).unwrap();
    assert_eq!((entries.len(), &entry["about"]), (1, &json!(ticket.id)));
    assert_eq!((&entry["data"]["finding"], &entry["data"]["found"]), (&json!("justified"), &json!(found)));
    assert_eq!((&entry["data"]["jws"], &entry["data"]["task"]), (&json!(signed.jws), &json!(review.task)));
    let again = refused(grace.hand_in(&review).await, Code::Settled);
    assert!(again.contains("signed by Grace already"), "{again}");
    plane.prove_every_entry(&founder).await;
}

async fn neither_requester_nor_approver_nor_a_stranger_closes_it(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let ticket = ran(&plane.runner(), &founder).await;
    let own = founder.looked(&ticket, AfterFinding::Justified, "all well").await;
    let approver = refused(founder.hand_in(&own).await, Code::NotEligible);
    assert!(approver.contains("somebody who had no part in it"), "{approver}");
    assert!(offer(&ticket).unwrap().contains("somebody who had no part in it"));

    let by_runner = plane.runner().review_afterwards(ticket.id, "e30.e30.c2ln".into()).await;
    refused(by_runner, Code::MissingScope);
    // Grace hands in what Ada signed.
    let borrowed = founder.looked(&ticket, AfterFinding::Justified, "all well").await;
    let jws = borrowed.sign(&domain::key::ReviewKey::generate(&domain::ambient::OsEntropy));
    refused(grace.api().review_afterwards(ticket.id, jws).await, Code::ReviewInvalid);

    // The one whose token asked is not asked either.
    let asked = founder.runner_of("billing-ci").await;
    let opened = asked.open_ticket(&OpenTicket { action: burning(), ..opening() }, &fresh_key()).await.unwrap();
    grace.review(&opened, Verdict::Approve, None).await.unwrap();
    asked.consume(opened.id, &burning(), &fresh_key()).await.unwrap();
    let spent = grace.api().ticket(opened.id).await.unwrap();
    let mine = founder.looked(&spent, AfterFinding::Justified, "all well").await;
    refused(founder.hand_in(&mine).await, Code::OwnTicket);
    assert_eq!(waiting(&founder).await.1, 2);
    let entries = founder.api().trail(&[("kind", "ticket.review_refused")]).await.unwrap().items;
    assert!(entries.len() >= 3, "each refusal is an entry: {}", entries.len());
}

async fn what_is_signed_is_about_this_very_emergency(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let (one, two) = (ran(&plane.runner(), &founder).await, ran(&plane.runner(), &founder).await);
    let good = grace.looked(&one, AfterFinding::Unjustified, "nothing burned").await;
    let other = grace.looked(&two, AfterFinding::Unjustified, "nothing burned").await;
    for bad in [
        AfterReview { binding_digest: other.binding_digest, ..good.clone() },
        AfterReview { task: other.task, ..good.clone() },
        AfterReview { found: " ".into(), ..good.clone() },
        AfterReview { found: "x".repeat(4001), ..good.clone() },
        AfterReview { exp: good.iat, ..good.clone() },
    ] {
        refused(grace.hand_in(&bad).await, Code::ReviewInvalid);
    }
    assert_eq!(waiting(&grace).await.1, 2);
    let closed = grace.hand_in(&good).await.unwrap();
    assert!(
        matches!(closed.after_review, Some(AfterReviewState::Signed(it)) if it.finding == AfterFinding::Unjustified)
    );
    assert_eq!(waiting(&grace).await, (vec![two.id.to_string()], 1));
}

async fn of_two_who_close_it_at_once_one_does(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let joan = founder.invite("joan@example.com", "Joan").await;
    let ticket = ran(&plane.runner(), &founder).await;
    let hers = grace.looked(&ticket, AfterFinding::Justified, "by Grace").await;
    let theirs = joan.looked(&ticket, AfterFinding::Unjustified, "by Joan").await;
    let both = tokio::join!(grace.hand_in(&hers), joan.hand_in(&theirs));
    assert_eq!([&both.0, &both.1].iter().filter(|done| done.is_ok()).count(), 1, "{both:?}");
    let entries = founder.api().trail(&[("kind", "ticket.after_reviewed")]).await.unwrap().items;
    assert_eq!(entries.len(), 1);
}

async fn an_ordinary_ticket_and_one_that_never_ran_have_none(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let runner = plane.runner();
    let ordinary = runner.open_ticket(&opening(), &fresh_key()).await.unwrap();
    founder.review(&ordinary, Verdict::Approve, None).await.unwrap();
    runner.consume(ordinary.id, &action(), &fresh_key()).await.unwrap();
    let spent = grace.api().ticket(ordinary.id).await.unwrap();
    let review = grace.looked(&spent, AfterFinding::Justified, "x").await;
    let told = refused(grace.hand_in(&review).await, Code::NoAfterReview);
    assert!(told.contains("asked for as an ordinary action"), "{told}");

    let open = runner.open_ticket(&OpenTicket { action: burning(), ..opening() }, &fresh_key()).await.unwrap();
    let early = AfterReview {
        ticket: open.id,
        binding_digest: open.binding.digests().binding_digest,
        ..grace.looked(&spent, AfterFinding::Justified, "x").await
    };
    assert!(refused(grace.hand_in(&early).await, Code::NoAfterReview).contains("the ticket is pending"));
    founder.review(&open, Verdict::Deny, Some("no fire")).await.unwrap();
    assert_eq!(waiting(&grace).await, (vec![], 0));
}
