//! P6: approved tickets are spent, each exactly once, whoever races for it.

#![expect(clippy::unwrap_used, reason = "a benchmark measures time, and stops at what it did not expect")]

use std::time::Instant;

use client::Api;
use contract::approvals::Ticket;
use countersign_tests::deploy::{action, fresh_key, opening};
use countersign_tests::plane::{Approver, Plane};
use domain::review::Verdict;
use futures_util::stream::{self, StreamExt as _};

const RACERS: usize = 64;
const RACED: usize = 50;
const SPENT: usize = 1000;

async fn approved(runner: &Api, founder: &Approver, count: usize) -> Vec<Ticket> {
    let one = async |n: usize| {
        let ticket = runner.open_ticket(&opening(), &format!("bench-{count}-{n}")).await.unwrap();
        founder.review(&ticket, Verdict::Approve, None).await.unwrap()
    };
    stream::iter(0..count).map(one).buffer_unordered(16).collect().await
}

async fn race(runner: &Api, ticket: &Ticket) -> usize {
    let action = action();
    let racers = (0..RACERS).map(async |_| runner.consume(ticket.id, &action, &fresh_key()).await);
    futures_util::future::join_all(racers).await.iter().filter(|result| result.is_ok()).count()
}

#[tokio::main]
async fn main() {
    let plane = Plane::start().await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();

    let raced = approved(&runner, &founder, RACED).await;
    let begun = Instant::now();
    for ticket in &raced {
        assert_eq!(race(&runner, ticket).await, 1, "a ticket is spent exactly once");
    }
    let attempts = f64::from(u32::try_from(RACED * RACERS).unwrap()) / begun.elapsed().as_secs_f64();

    let tickets = approved(&runner, &founder, SPENT).await;
    let action = action();
    let begun = Instant::now();
    let consume = async |ticket: &Ticket| runner.consume(ticket.id, &action, &fresh_key()).await;
    let spent = stream::iter(&tickets).map(consume).buffer_unordered(RACERS);
    assert!(spent.all(async |result| result.is_ok()).await);
    let rate = f64::from(u32::try_from(SPENT).unwrap()) / begun.elapsed().as_secs_f64();
    println!("P6 {RACED} tickets x {RACERS} racers, each spent once   {attempts:>7.0} attempts/s");
    println!("   {SPENT} tickets over {RACERS} connections           {rate:>7.0} consumes/s");
}
