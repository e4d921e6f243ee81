use domain::id::SessionId;
use domain::principal::Principal;
use store::stream_tickets::{self, StreamTicket, Tie, TieProof};
use store::testing::{TestDatabase, ambient};

use crate::{change, examples, look, race};

on_both_engines! {
    a_stream_ticket_is_used_once_and_in_its_time,
    of_those_who_use_one_stream_ticket_one_succeeds,
    dead_stream_tickets_go_when_one_is_added,
}

fn ticket(text: &str) -> StreamTicket {
    let principal = Principal::User(examples::user("ann").id);
    let proof = TieProof::Session(SessionId::new(ambient().ids()));
    let tie = Tie { principal, proof, until: Some(examples::now().plus(600)) };
    StreamTicket { digest: examples::digest(text), expires_at: examples::now().plus(30), tie }
}

fn a_stream_ticket_is_used_once_and_in_its_time(database: &TestDatabase) {
    let store = database.open();
    let (one, other) = (ticket("one"), ticket("other"));
    for added in [one.clone(), other.clone()] {
        change(&store, move |tx| stream_tickets::insert(tx, &added, examples::now())).unwrap();
    }
    let digest = one.digest;
    assert_eq!(look(&store, |q| stream_tickets::get(q, &digest)), Some(one));
    let used = |digest, at| {
        let at = examples::now().plus(at);
        store.housekeeping(move |keep| stream_tickets::mark_used(keep, &digest, at)).unwrap()
    };
    assert!(used(digest, 29));
    assert!(!used(digest, 29), "it was used");
    assert!(!used(other.digest, 30), "its time is over at that instant");
    assert!(!used(examples::digest("unknown"), 0));
    assert!(used(other.digest, 0), "what was refused is not used up");
}

fn of_those_who_use_one_stream_ticket_one_succeeds(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| stream_tickets::insert(tx, &ticket("one"), examples::now())).unwrap();
    let digest = examples::digest("one");
    let won =
        race(|_| store.housekeeping(move |keep| stream_tickets::mark_used(keep, &digest, examples::now())).unwrap());
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
}

fn dead_stream_tickets_go_when_one_is_added(database: &TestDatabase) {
    let store = database.open();
    change(&store, |tx| stream_tickets::insert(tx, &ticket("early"), examples::now())).unwrap();
    for (name, after, there) in [("late", 90, true), ("later", 91, false)] {
        change(&store, move |tx| stream_tickets::insert(tx, &ticket(name), examples::now().plus(after))).unwrap();
        let found = look(&store, |q| stream_tickets::get(q, &examples::digest("early")));
        assert_eq!(found.is_some(), there, "{name}");
    }
}
