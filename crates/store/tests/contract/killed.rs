//! A process that is killed in the middle of its work: what it was told is kept, and what is kept is whole.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use domain::account::User;
use domain::id::UserId;
use domain::{Clock, Instant};
use store::log::{self, Recheck};
use store::testing::{self, ambient};
use store::{Ambient, DatabaseUrl, Store, entries, users};

use crate::{change, examples, look, race};

/// Names the database of a process that is to be killed.
const VICTIM: &str = "COUNTERSIGN_TEST_VICTIM";
/// Numbers it.
const ROUND: &str = "COUNTERSIGN_TEST_ROUND";

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let database = testing::sqlite();
    let DatabaseUrl::Sqlite(path) = database.url() else { panic!("a file") };
    drop(database.open());
    let mut acknowledged = Vec::new();
    for round in 0..12 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::works_until_it_is_killed", "--nocapture"])
            .env(VICTIM, path)
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let told = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut told = told.filter_map(|line| Some(line.split_once("kept ")?.1.strip_suffix('.')?.to_owned()));
        acknowledged.extend(told.by_ref().take(3 + round * 7));
        victim.kill().unwrap();
        // What it wrote before it died was acknowledged too.
        acknowledged.extend(told);
        victim.wait().unwrap();
    }
    let store = database.open();
    store.housekeeping(|keep| log::integrate(keep, 100_000)).unwrap();
    let Recheck::Sound(head) = look(&store, |q| log::recheck(q)) else { panic!("the ledger is whole") };
    let people = look(&store, |q| users::list(q));
    assert_eq!(head.size, people.len() as u64, "each change has its event");
    assert_eq!(look(&store, |q| entries::range(q, 0, 100_000)).len(), people.len());
    assert!(acknowledged.len() > 400, "{}", acknowledged.len());
    for name in acknowledged {
        assert!(people.iter().any(|user| user.name == name), "{name} was acknowledged and is gone");
    }
}

/// Does nothing by itself; the test above runs it in a process of its own and kills that.
#[test]
fn works_until_it_is_killed() {
    let (Ok(path), Ok(round)) = (std::env::var(VICTIM), std::env::var(ROUND)) else { return };
    let later = examples::now().plus(round.parse().unwrap());
    let ambient = Ambient { clock: Arc::new(Standing(later)), ..ambient() };
    let store = Store::open(&DatabaseUrl::file(path), ambient.clone()).unwrap();
    race(|n| {
        for count in 0_u64.. {
            let name = format!("{round}-{n}-{count}");
            let person = User { id: UserId::new(ambient.ids()), ..examples::user(&name) };
            change(&store, move |tx| users::insert(tx, &person, None)).unwrap();
            println!("kept {name}.");
            if n == 0 {
                store.housekeeping(|keep| log::integrate(keep, 10)).unwrap();
            }
        }
    });
}

/// A clock of its own for each process, as its ids would otherwise be those of the one before.
struct Standing(Instant);

impl Clock for Standing {
    fn now(&self) -> Instant {
        self.0
    }
}
