//! Standing approvals over HTTP, on either engine: one exact action, as often and as long as was signed, and no more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use client::{Api, ClientError};
use contract::Code;
use contract::approvals::{Consumed, OpenTicket, Ticket};
use countersign_tests::deploy::{action, fresh_key, opening, standing};
use countersign_tests::plane::{Approver, Engine, Plane};
use domain::binding::{Action, Resources};
use domain::budget::{Budget, UseNumber};
use domain::grant::Demand;
use domain::review::Verdict;
use domain::roster::Chain;
use domain::ticket::State;
use serde_json::{Value, json};

countersign_tests::on_both_engines! {
    five_uses_run_each_with_its_entry_and_its_task_and_the_sixth_does_not,
    of_twenty_racing_consumers_of_five_uses_five_run,
    the_same_request_again_spends_no_second_use,
    a_standing_approval_is_revoked_by_a_reviewer_after_some_uses,
    a_standing_approval_is_taken_back_by_its_requester_after_some_uses,
    another_command_is_not_what_was_approved_however_many_uses_are_left,
    a_budget_beyond_what_the_guard_allows_is_refused_and_named,
    a_ticket_without_a_budget_is_spent_once_as_ever,
}

async fn approved(plane: &Plane, founder: &Approver, uses: u32) -> (Api, Ticket) {
    let runner = plane.runner();
    let ticket = runner.open_ticket(&standing(uses, 600), &fresh_key()).await.unwrap();
    assert_eq!(ticket.binding.budget, Some(Budget { uses, window_seconds: 600 }));
    (runner, founder.review(&ticket, Verdict::Approve, None).await.unwrap())
}

async fn run(runner: &Api, ticket: &Ticket) -> Result<Consumed, ClientError> {
    runner.consume(ticket.id, &action(), &fresh_key()).await
}

/// The entries about a ticket of one kind, oldest first.
async fn entries(reader: &Approver, ticket: &Ticket, kind: &str) -> Vec<Value> {
    let query = [("about", ticket.id.to_string()), ("kind", kind.to_owned())];
    let query: Vec<_> = query.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut found = reader.api().trail(&query).await.unwrap().items;
    found.reverse();
    found.iter().map(|entry| serde_json::from_str::<Value>(&entry.leaf).unwrap()["data"].clone()).collect()
}

async fn five_uses_run_each_with_its_entry_and_its_task_and_the_sixth_does_not(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let (runner, ticket) = approved(&plane, &founder, 5).await;
    let State::Approved { at, execution_expires_at } = ticket.state else { panic!("{:?}", ticket.state) };
    assert_eq!(execution_expires_at, at.plus(600), "the window that was signed");

    let pin = Chain::verify(&founder.api().roster().await.unwrap().versions).unwrap().pin();
    let subject_id = runner.who_am_i().await.unwrap().principal;
    let bound = action();
    let mut tasks = Vec::new();
    for number in 1..=5 {
        let grant = runner.grant(ticket.id).await.unwrap();
        let demand = Demand { subject_id: &subject_id, action: &bound, pin, minimum_approvals: 1 };
        assert_eq!(grant.verify(&demand, plane.now()).unwrap().until, execution_expires_at);
        let consumed = run(&runner, &ticket).await.unwrap();
        assert_eq!(consumed.use_number, Some(UseNumber { number, of: 5 }));
        tasks.push(consumed.task);
        let seen = runner.ticket(ticket.id).await.unwrap();
        assert_eq!(seen.state.name(), if number < 5 { "approved" } else { "consumed" });
        assert_eq!(seen.uses.iter().map(|used| used.task).collect::<Vec<_>>(), tasks);
        assert_eq!(seen.task.unwrap().id, consumed.task, "the last one is shown");
    }
    assert_eq!(run(&runner, &ticket).await.unwrap_err().code(), Some(Code::Consumed));
    assert!(runner.grant(ticket.id).await.is_err());

    let spent = entries(&founder, &ticket, "ticket.consumed").await;
    assert_eq!(spent.len(), 5);
    for ((data, number), task) in spent.iter().zip(1..).zip(&tasks) {
        assert_eq!(data["use"], json!({ "number": number, "of": 5 }));
        assert_eq!(data["task"], json!(task));
    }
    let asked = founder.api().trail(&[("kind", "decision.made"), ("text", &ticket.id.to_string())]).await.unwrap();
    assert_eq!(asked.items.len(), 5, "policy was asked for each of them");
    let started = founder.api().tasks(None).await.unwrap().items;
    assert_eq!(started.iter().filter(|task| task.ticket == Some(ticket.id)).count(), 5);
    assert_eq!(started[0].use_number, Some(UseNumber { number: 5, of: 5 }));
    plane.prove_every_entry(&founder).await;
}

async fn of_twenty_racing_consumers_of_five_uses_five_run(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    for _ in 0..3 {
        let (runner, ticket) = approved(&plane, &founder, 5).await;
        let racers: Vec<_> = (0..20)
            .map(|_| {
                let (runner, ticket) = (runner.clone(), ticket.clone());
                tokio::spawn(async move { run(&runner, &ticket).await })
            })
            .collect();
        let mut numbers = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(consumed) => numbers.push(consumed.use_number.unwrap().number),
                Err(error) => assert_eq!(error.code(), Some(Code::Consumed), "{error}"),
            }
        }
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        assert_eq!(entries(&founder, &ticket, "ticket.consumed").await.len(), 5);
    }
}

async fn the_same_request_again_spends_no_second_use(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let (runner, ticket) = approved(&plane, &founder, 2).await;
    let first = runner.consume(ticket.id, &action(), "once").await.unwrap();
    let again = runner.consume(ticket.id, &action(), "once").await.unwrap();
    assert_eq!((again.task, again.use_number), (first.task, first.use_number));
    let racers = (0..8).map(|_| {
        let runner = runner.clone();
        tokio::spawn(async move { runner.consume(ticket.id, &action(), "twice").await.unwrap().task })
    });
    let mut tasks = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        tasks.push(racer.await.unwrap());
    }
    tasks.dedup();
    assert_eq!(tasks.len(), 1);
    assert_ne!(tasks[0], first.task);
    let seen = runner.ticket(ticket.id).await.unwrap();
    assert_eq!((seen.uses.len(), seen.state.name()), (2, "consumed"));
    let spent = runner.consume(ticket.id, &action(), "once").await.unwrap();
    assert_eq!(spent.task, first.task, "a repeat is told what it began, also when all is spent");
    let mut other = action();
    other.command.as_mut().unwrap().argv.push("--force".into());
    let reused = runner.consume(ticket.id, &other, "once").await.unwrap_err();
    assert_eq!(reused.code(), Some(Code::IdempotencyReused));
}

async fn a_standing_approval_is_revoked_by_a_reviewer_after_some_uses(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let runner = plane.runner();
    let ticket = runner.open_ticket(&standing(5, 600), &fresh_key()).await.unwrap();
    let early = grace.api().revoke_ticket(ticket.id, "no").await.unwrap_err();
    assert_eq!(early.code(), Some(Code::NotApproved), "what is pending is denied, not revoked");
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    for _ in 0..2 {
        run(&runner, &ticket).await.unwrap();
    }
    let silent = grace.api().revoke_ticket(ticket.id, " ").await.unwrap_err();
    assert_eq!(silent.code(), Some(Code::Unprocessable));
    assert_eq!(runner.revoke_ticket(ticket.id, "x").await.unwrap_err().code(), Some(Code::MissingScope));

    let revoked = grace.api().revoke_ticket(ticket.id, "the release is withdrawn").await.unwrap();
    assert!(
        matches!(&revoked.state, State::Cancelled { reason, by: Some(_), .. } if reason == "the release is withdrawn")
    );
    let said = &revoked.timeline.last().unwrap().sentence;
    assert_eq!(said, "Grace revoked the approval: the release is withdrawn");
    assert_eq!(run(&runner, &ticket).await.unwrap_err().code(), Some(Code::NotApproved));
    let seen = runner.ticket(ticket.id).await.unwrap();
    assert_eq!((seen.uses.len(), seen.state.name()), (2, "cancelled"));
    let told = entries(&founder, &ticket, "ticket.revoked").await;
    assert_eq!(told, [json!({ "reason": "the release is withdrawn", "used": { "number": 2, "of": 5 } })]);
    let again = grace.api().revoke_ticket(ticket.id, "again").await.unwrap_err();
    assert_eq!(again.code(), Some(Code::Settled));
}

async fn a_standing_approval_is_taken_back_by_its_requester_after_some_uses(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let (runner, ticket) = approved(&plane, &founder, 3).await;
    run(&runner, &ticket).await.unwrap();
    runner.cancel_ticket(ticket.id, "done").await.unwrap();
    assert_eq!(run(&runner, &ticket).await.unwrap_err().code(), Some(Code::NotApproved));
    let told = entries(&founder, &ticket, "ticket.cancelled").await;
    assert_eq!(told, [json!({ "reason": "done", "used": { "number": 1, "of": 3 } })]);
}

async fn another_command_is_not_what_was_approved_however_many_uses_are_left(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let (runner, ticket) = approved(&plane, &founder, 5).await;
    run(&runner, &ticket).await.unwrap();
    let mut argument = action();
    argument.command.as_mut().unwrap().argv.push("--force".into());
    let resource = Action { resources: Resources::parse(["pipeline:billing/other"]).unwrap(), ..action() };
    let mut context = action();
    context.context.insert("execution_mode".into(), "remote".into());
    for changed in [argument, resource, context] {
        let refused = runner.consume(ticket.id, &changed, &fresh_key()).await.unwrap_err();
        assert_eq!(refused.code(), Some(Code::BindingMismatch), "{refused}");
    }
    assert_eq!(run(&runner, &ticket).await.unwrap().use_number, Some(UseNumber { number: 2, of: 5 }));
}

async fn a_budget_beyond_what_the_guard_allows_is_refused_and_named(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let refused = async |request: OpenTicket| {
        let error = runner.open_ticket(&request, &fresh_key()).await.unwrap_err();
        let ClientError::Refused(problem) = error else { panic!("{error}") };
        assert_eq!(problem.code, Code::Unprocessable);
        (problem.error.details.field.unwrap(), problem.detail)
    };
    for (uses, seconds) in [(6, 600), (5, 901)] {
        let (field, detail) = refused(standing(uses, seconds)).await;
        assert_eq!(field, "budget");
        assert!(detail.contains("`prod-needs-approval` allows at most 5 in 15m"), "{detail}");
    }
    assert_eq!(refused(standing(1, 600)).await.0, "budget.uses");
    assert_eq!(refused(standing(51, 600)).await.0, "budget.uses");
    assert_eq!(refused(standing(2, 0)).await.0, "budget.window_seconds");
    let mut burning = standing(2, 60);
    burning.action.context.insert("break_glass".into(), "the database burns".into());
    let (field, detail) = refused(burning).await;
    assert_eq!(field, "budget");
    assert!(detail.contains("an emergency is approved for one use"), "{detail}");

    let publish = Action {
        action: "policies:publish".into(),
        resources: Resources::parse([format!("policy_set:{}", "0f".repeat(32))]).unwrap(),
        command: None,
        ..action()
    };
    let publish = OpenTicket { action: publish, ..standing(2, 60) };
    let error = founder.api().open_ticket(&publish, &fresh_key()).await.unwrap_err();
    assert!(error.to_string().contains("published once for each approval"), "{error}");
    assert!(founder.api().inbox(&[]).await.unwrap().items.is_empty(), "nobody is asked in vain");
}

async fn a_ticket_without_a_budget_is_spent_once_as_ever(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let ticket = runner.open_ticket(&opening(), &fresh_key()).await.unwrap();
    assert_eq!(ticket.binding.budget, None);
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    assert_eq!(run(&runner, &ticket).await.unwrap().use_number, None);
    assert_eq!(run(&runner, &ticket).await.unwrap_err().code(), Some(Code::Consumed));
    let spent = entries(&founder, &ticket, "ticket.consumed").await;
    assert_eq!((spent.len(), spent[0].get("use")), (1, None));
    assert!(founder.api().ticket(ticket.id).await.unwrap().uses.is_empty());
}
