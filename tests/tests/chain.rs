//! The chain over HTTP, on a real control plane on either engine: decide, open, review, verify, consume, record, prove.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;

use countersign_tests::deploy::{action, fresh_key, opening};
use countersign_tests::plane::{Approver, Engine, Plane};

use contract::Code;
use contract::approvals::OpenTicket;
use contract::tasks::FinishTask;
use domain::binding::{Action, Resources};
use domain::grant::Demand;
use domain::review::Verdict;
use domain::roster::Chain;
use domain::ticket::State;
use serde_json::{Value, json};

countersign_tests::on_both_engines! {
    one_production_command_is_asked_for_signed_verified_run_and_recorded,
    a_denial_reaches_the_requester_word_for_word,
    a_token_an_approver_made_does_not_get_that_approvers_signature,
    a_second_approver_is_let_in_by_the_first_and_can_approve,
    of_many_racing_consumers_exactly_one_runs,
    what_a_ticket_is_about_cannot_be_read_by_another_account,
    reads_run_without_approval_and_what_no_scope_covers_is_denied,
    an_emergency_is_marked_from_its_decision_to_its_end,
    a_time_limit_that_was_shortened_after_the_approval_counts,
    publishing_is_asked_for_without_a_command_and_never_countersigned_by_who_asked,
}

async fn one_production_command_is_asked_for_signed_verified_run_and_recorded(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();

    let decision = runner.decide(&action()).await.unwrap();
    assert_eq!(decision.outcome, domain::outcome::Outcome::RequireApproval);
    assert_eq!(decision.requirement.unwrap().quorum, 1);

    let ticket = runner.open_ticket(&opening(), "key-1").await.unwrap();
    assert_eq!(ticket.state, State::Pending);
    let again = runner.open_ticket(&opening(), "key-1").await.unwrap();
    assert_eq!(again.id, ticket.id, "the same idempotency key gives the same ticket");

    let inbox = founder.api().inbox(&[("view", "mine")]).await.unwrap();
    assert_eq!((inbox.items.len(), inbox.counts.mine), (1, 1));

    let early = runner.consume(ticket.id, &action(), &fresh_key()).await.unwrap_err();
    assert_eq!(early.code(), Some(Code::NotApproved));

    let reviewed = founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    assert_eq!(reviewed.state.name(), "approved");

    let grant = runner.grant(ticket.id).await.unwrap();
    let pin = Chain::verify(&founder.api().roster().await.unwrap().versions).unwrap().pin();
    let subject_id = runner.who_am_i().await.unwrap().principal;
    let bound = action();
    let demand = Demand { subject_id: &subject_id, action: &bound, pin, minimum_approvals: 1 };
    let verified = grant.verify(&demand, plane.now()).unwrap();
    assert_eq!(verified.approvers.len(), 1);

    let mut changed = action();
    changed.command.as_mut().unwrap().argv.push("--force".into());
    let refused = runner.consume(ticket.id, &changed, &fresh_key()).await.unwrap_err();
    assert_eq!(refused.code(), Some(Code::BindingMismatch));

    let consumed = runner.consume(ticket.id, &action(), &fresh_key()).await.unwrap();
    let twice = runner.consume(ticket.id, &action(), &fresh_key()).await.unwrap_err();
    assert_eq!(twice.code(), Some(Code::Consumed));

    let ending = FinishTask { exit_code: Some(0), signal: None, output_digest: None };
    runner.finish_task(consumed.task, &ending).await.unwrap();
    let shown = founder.api().ticket(ticket.id).await.unwrap();
    assert_eq!(shown.task.unwrap().exit_code, Some(0));

    plane.prove_every_entry(&founder).await;
}

async fn a_denial_reaches_the_requester_word_for_word(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let ticket = runner.open_ticket(&opening(), "key-1").await.unwrap();
    founder.review(&ticket, Verdict::Deny, Some("not on a Friday")).await.unwrap();
    let seen = runner.wait_ticket(ticket.id, "pending").await.unwrap();
    assert!(matches!(seen.state, State::Denied { reason, .. } if reason == "not on a Friday"));
}

async fn a_token_an_approver_made_does_not_get_that_approvers_signature(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = founder.runner_of("billing-ci").await;
    let ticket = runner.open_ticket(&opening(), "key-1").await.unwrap();
    let refused = founder.review(&ticket, Verdict::Approve, None).await.unwrap_err();
    assert_eq!(refused.code(), Some(Code::OwnTicket));
}

async fn a_second_approver_is_let_in_by_the_first_and_can_approve(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let second = founder.invite("grace@example.com", "Grace").await;
    let runner = plane.runner();
    let ticket = runner.open_ticket(&opening(), "key-1").await.unwrap();
    let reviewed = second.review(&ticket, Verdict::Approve, None).await.unwrap();
    assert_eq!(reviewed.reviews[0].name, "Grace");
    assert_eq!(reviewed.state.name(), "approved");
}

async fn of_many_racing_consumers_exactly_one_runs(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    for round in 0..5 {
        let ticket = runner.open_ticket(&opening(), &format!("key-{round}")).await.unwrap();
        founder.review(&ticket, Verdict::Approve, None).await.unwrap();
        let racers: Vec<_> = (0..32)
            .map(|_| {
                let runner = runner.clone();
                tokio::spawn(async move { runner.consume(ticket.id, &action(), &fresh_key()).await })
            })
            .collect();
        let mut spent = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => spent += 1,
                Err(error) => assert_eq!(error.code(), Some(Code::Consumed), "{error}"),
            }
        }
        assert_eq!(spent, 1);
    }
}

async fn what_a_ticket_is_about_cannot_be_read_by_another_account(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let ticket = plane.runner().open_ticket(&opening(), "key-1").await.unwrap();
    let stranger = founder.runner_of("web-deployer").await;
    for refused in [
        stranger.ticket(ticket.id).await.map(drop),
        stranger.grant(ticket.id).await.map(drop),
        stranger.consume(ticket.id, &action(), &fresh_key()).await.map(drop),
        stranger.cancel_ticket(ticket.id, "x").await.map(drop),
    ] {
        assert_eq!(refused.unwrap_err().code(), Some(Code::NotFound));
    }
}

async fn reads_run_without_approval_and_what_no_scope_covers_is_denied(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let agent = founder.runner_of("reporting-agent").await;
    let read = Action { action: "logs:read".into(), command: None, ..action() };
    assert_eq!(agent.decide(&read).await.unwrap().outcome, domain::outcome::Outcome::Allow);
    assert_eq!(agent.decide(&action()).await.unwrap().outcome, domain::outcome::Outcome::Deny);
    let unknown = Action { action: "pipelines:expolde".into(), ..action() };
    let error = agent.decide(&unknown).await.unwrap_err();
    assert_eq!(error.code(), Some(Code::Unprocessable));
    assert!(error.to_string().contains("pipelines:execute"), "{error}");
}

async fn an_emergency_is_marked_from_its_decision_to_its_end(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let ordinary = runner.open_ticket(&opening(), "key-0").await.unwrap();
    let mut burning = action();
    burning.context.insert("break_glass".into(), "the database burns".into());
    let decision = runner.decide(&burning).await.unwrap();
    assert_eq!(decision.reasons[0].policy, "break-glass");
    let requirement = decision.requirement.unwrap();
    assert_eq!((requirement.quorum, requirement.max_duration_seconds), (1, Some(3600)));

    let ticket = runner.open_ticket(&OpenTicket { action: burning.clone(), ..opening() }, "key-1").await.unwrap();
    founder.review(&ticket, Verdict::Approve, None).await.unwrap();
    let calm = runner.consume(ticket.id, &action(), &fresh_key()).await.unwrap_err();
    assert_eq!(calm.code(), Some(Code::BindingMismatch), "what was approved as an emergency runs as one");
    let consumed = runner.consume(ticket.id, &burning, &fresh_key()).await.unwrap();
    assert!(consumed.deadline.is_some());

    let found = founder.api().trail(&[("text", "break_glass")]).await.unwrap().items;
    let entries: Vec<Value> = found.iter().map(|entry| serde_json::from_str(&entry.leaf).unwrap()).collect();
    let marked: Vec<_> = entries.iter().filter(|entry| entry["data"]["break_glass"] == "the database burns").collect();
    let kinds: BTreeSet<_> = marked.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["decision.made", "ticket.opened", "ticket.consumed"]));
    let of_ticket = |entry: &&Value| entry["data"]["question"]["approval"]["ticket"] == ticket.id.to_string();
    assert!(marked.iter().any(of_ticket), "the decision that let it run names its ticket");
    assert!(entries.iter().all(|entry| entry["about"] != ordinary.id.to_string()));
}

async fn a_time_limit_that_was_shortened_after_the_approval_counts(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let limit = async |seconds: u32| {
        let call = reqwest::Client::new().put(plane.address().at("/api/v1/pipelines/billing%2Fnightly"));
        let body = json!({ "max_duration_seconds": seconds });
        let done = call.bearer_auth(plane.founder_token().await).json(&body).send().await.unwrap();
        assert!(done.status().is_success());
    };
    let lasting = async |key: &str, now: u32| {
        let ticket = runner.open_ticket(&opening(), key).await.unwrap();
        assert_eq!(ticket.requirement.max_duration_seconds, Some(600), "approvers see it");
        founder.review(&ticket, Verdict::Approve, None).await.unwrap();
        limit(now).await;
        let consumed = runner.consume(ticket.id, &action(), &fresh_key()).await.unwrap();
        let shown = founder.api().ticket(ticket.id).await.unwrap().task.unwrap();
        assert_eq!(shown.deadline, consumed.deadline);
        shown.deadline.unwrap().seconds_since(shown.started_at)
    };
    limit(600).await;
    assert_eq!(lasting("key-1", 60).await, 60);
    limit(600).await;
    assert_eq!(lasting("key-2", 9_000).await, 600, "what was signed is not made longer");
}

async fn publishing_is_asked_for_without_a_command_and_never_countersigned_by_who_asked(engine: Engine) {
    let plane = Plane::on(engine).await;
    let founder = Approver::founder(&plane).await;
    let second = founder.invite("grace@example.com", "Grace").await;
    let publish = Action {
        action: "policies:publish".into(),
        resources: Resources::parse([format!("policy_set:{}", "0f".repeat(32))]).unwrap(),
        command: None,
        ..action()
    };
    let ticket = founder.api().open_ticket(&OpenTicket { action: publish, ..opening() }, "key-1").await.unwrap();
    assert_eq!(ticket.reasons[0].policy, "publishing-needs-approval");
    let own = founder.review(&ticket, Verdict::Approve, None).await.unwrap_err();
    assert_eq!(own.code(), Some(Code::OwnTicket));
    assert_eq!(second.review(&ticket, Verdict::Approve, None).await.unwrap().state.name(), "approved");
}
