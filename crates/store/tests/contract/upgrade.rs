//! R-20: a database of the version before opens, and what it held works.

use domain::credential::CredentialKind;
use domain::id::{CredentialId, UserId};
use domain::principal::Principal;
use domain::task::{Ending, Task};
use serde_json::json;
use store::testing::{TestDatabase, ambient};
use store::tickets::TicketFilter;
use store::{accounts, credentials, tasks, tickets, users};

use crate::{change, examples, look, raw};

on_both_engines! {
    r_20_a_service_token_of_before_credentials_were_one_noun_still_works,
    r_20_a_database_is_upgraded_by_many_at_once,
    r_20_emergencies_of_before_there_were_after_reviews_wait_for_one,
    r_20_tasks_of_before_tickets_had_budgets_are_kept_each_as_the_one_use_of_its_ticket,
}

/// A person, their service account and its token, in the words of the version that wrote them.
fn filled(database: &TestDatabase) -> (UserId, CredentialId) {
    database.make_before("credentials-held");
    let ambient = ambient();
    let (user, token) = (UserId::new(ambient.ids()), CredentialId::new(ambient.ids()));
    let at = examples::now();
    let person = json!({
        "id": user, "email": "ann@example.com", "name": "Ann", "teams": ["billing"], "scopes": ["accounts:write"],
        "active": true, "created_at": at,
    });
    let account = json!({
        "name": "billing-ci", "description": "Nightly runs", "team": "billing", "owner": null,
        "scopes": ["decisions:request"], "workspaces": [], "active": true, "sample": false, "created_at": at,
    });
    let credential = json!({
        "id": token, "account": "billing-ci", "label": "ci", "scopes": ["decisions:request"], "created_by": user,
        "created_at": at, "expires_at": at.plus(3600), "revoked_at": null, "last_used_at": null,
    });
    let digest = examples::digest("secret").hex();
    let bytes = match database.folder() {
        Some(_) => format!("x'{digest}'"),
        None => format!("'\\x{digest}'::bytea"),
    };
    raw::run(
        database,
        &format!(
            "INSERT INTO users (id, revision, email, password_hash, body)
                VALUES ('{user}', 1, 'ann@example.com', 'a hash', '{person}');
            INSERT INTO accounts (name, revision, body) VALUES ('billing-ci', 3, '{account}');
            INSERT INTO credentials (id, revision, account, secret_digest, last_used_at, body)
                VALUES ('{token}', 2, 'billing-ci', {bytes}, 1800000000000, '{credential}');"
        ),
    );
    (user, token)
}

fn r_20_a_service_token_of_before_credentials_were_one_noun_still_works(database: &TestDatabase) {
    let (user, token) = filled(database);
    let store = database.open();
    let found = look(&store, |q| credentials::by_digest(q, &examples::digest("secret"))).unwrap();
    assert_eq!((found.id, found.family, found.kind), (token, token, CredentialKind::ServiceToken));
    assert_eq!(found.identifier, token.to_string());
    assert_eq!(found.holder, Principal::ServiceAccount("billing-ci".parse().unwrap()));
    assert_eq!((found.created_by, &*found.never_counts), (Some(user), &[user][..]));
    assert_eq!(found.last_used_at, Some(domain::Instant::from_millis(1_800_000_000_000)));
    assert_eq!(look(&store, |q| credentials::by_identifier(q, &token.to_string())), Some(found.clone()));
    let account = look(&store, |q| accounts::get(q, found.holder.account().unwrap())).unwrap();
    assert!(account.active && account.networks.is_empty());
    assert_eq!(look(&store, |q| users::by_email(q, "ann@example.com")).unwrap().1.as_deref(), Some("a hash"));
    // It can be changed as one that was made today.
    let revoked = examples::now();
    change(&store, move |tx| {
        let known = credentials::get(tx, token)?.unwrap();
        credentials::update(tx, &known.revoke(None, revoked))
    })
    .unwrap();
    drop(store);
    let again = look(&database.open(), |q| credentials::get(q, token)).unwrap();
    assert_eq!((again.revoked_at, again.family), (Some(revoked), token));
}

fn r_20_a_database_is_upgraded_by_many_at_once(database: &TestDatabase) {
    let (_, token) = filled(database);
    let stores = crate::race(|_| database.open());
    assert!(stores.iter().all(|store| look(store, |q| credentials::get(q, token)).is_some()));
}

fn r_20_tasks_of_before_tickets_had_budgets_are_kept_each_as_the_one_use_of_its_ticket(database: &TestDatabase) {
    database.make_before("task-uses");
    let ticket = examples::ticket("before");
    let (spent, alone) = (examples::task(Some(ticket.id)), examples::task(None));
    let row = |task: &Task| {
        let ticket = task.ticket.map_or_else(|| "NULL".to_owned(), |id| format!("'{id}'"));
        format!("('{}', 7, {ticket}, '{}', '{}')", task.id, task.decision, json!(task))
    };
    raw::run(
        database,
        &format!(
            "INSERT INTO tickets (id, revision, state, requester, env, deadline, words, body)
                VALUES ('{}', 1, 'pending', '{}', 'prod', NULL, '', '{}');
            INSERT INTO tasks (id, revision, ticket, decision, body) VALUES {}, {};",
            ticket.id,
            ticket.binding.subject_id,
            json!(ticket),
            row(&spent),
            row(&alone),
        ),
    );
    let store = database.open();
    for task in [&spent, &alone] {
        assert_eq!(look(&store, |q| tasks::get(q, task.id)).as_ref(), Some(task));
    }
    assert_eq!(look(&store, |q| tickets::get(q, ticket.id)).unwrap().value, ticket);
    let second = examples::task(Some(ticket.id));
    assert!(change(&store, move |tx| tasks::insert(tx, &second)).is_err(), "it was spent once");
    let id = spent.id;
    let ending = Ending { exit_code: Some(0), signal: None, output_digest: None };
    change(&store, move |tx| {
        let task = tasks::get(tx, id)?.unwrap();
        tasks::update(tx, &task.finish(ending, examples::now()).unwrap())
    })
    .unwrap();
}

fn r_20_emergencies_of_before_there_were_after_reviews_wait_for_one(database: &TestDatabase) {
    database.make_before("ticket-after-reviews");
    let with = |title: &str, name: &str| {
        let mut ticket = examples::ticket(title);
        ticket.binding.action.context.insert(name.into(), "the database burns".into());
        ticket
    };
    let burning = examples::consumed(&with("burning", "break_glass"));
    let waiting = with("waiting", "break_glass");
    let calm = examples::consumed(&with("calm", "execution_mode"));
    let talk = examples::consumed(&examples::ticket(r#"says "context":{"break_glass":"x"}"#));
    let rows = [&burning, &waiting, &calm, &talk].map(|ticket| {
        let (state, by) = (ticket.state.name(), &ticket.binding.subject_id);
        format!("('{}', 1, '{state}', '{by}', 'prod', NULL, '', '{}')", ticket.id, json!(ticket))
    });
    let head = "INSERT INTO tickets (id, revision, state, requester, env, deadline, words, body) VALUES";
    raw::run(database, &format!("{head} {};", rows.join(", ")));
    let store = database.open();
    let filter = TicketFilter { awaits_after_review: true, ..TicketFilter::default() };
    assert_eq!(look(&store, |q| tickets::list(q, &filter)), [burning]);
    assert_eq!(look(&store, |q| tickets::awaiting_after_review(q)), 1);
}
