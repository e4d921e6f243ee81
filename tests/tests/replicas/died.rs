//! One of two dies in the middle of its work.

use std::path::Path;
use std::process::Command;

use countersign_tests::deploy::fresh_key;
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::{Process, program, until};
use domain::ticket::State;
use nix::sys::signal::Signal;

use super::{action, approved, pair};

/// A control plane in a process of its own.
async fn served(plane: &Plane, folder: &Path) -> (Process, String) {
    let settings = plane.replica_settings(folder);
    let text = plane.database_text();
    let mut command = Command::new(program("countersign").unwrap());
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--state-dir"]).arg(settings.state_dir);
    command.env("COUNTERSIGN_DATABASE", text).env("RUST_LOG", "info");
    let process = Process::spawn(&mut command, &folder.join("log")).unwrap();
    let url = until("it listens", async || {
        let said = process.output();
        let found = said.split("http://127.0.0.1:").nth(1).and_then(|rest| rest.split(['"', ' ', '\\']).next());
        Ok(found.map(|port| format!("http://127.0.0.1:{}", port.trim())))
    });
    let url = url.await.unwrap_or_else(|error| panic!("{error}: {}", process.output()));
    (process, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn r_03_what_a_killed_replica_acknowledged_is_kept_and_the_other_goes_on() {
    let (one, _two) = pair().await;
    let founder = Approver::founder(&one).await;
    let here = one.runner();
    for round in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let (process, url) = served(&one, folder.path()).await;
        let there = client::Api::new(url.parse().unwrap()).unwrap().with_service_token(one.sample_token().to_owned());
        let mut tickets = Vec::new();
        for n in 0..12 {
            tickets.push(approved(&here, &founder, &format!("round-{round}-{n}")).await.id);
        }
        let racers: Vec<_> = tickets
            .iter()
            .flat_map(|id| (0..4).map(move |n| (*id, n)))
            .map(|(id, n)| {
                let runner = if n % 2 == 0 { here.clone() } else { there.clone() };
                tokio::spawn(async move { (id, runner.consume(id, &action(), &fresh_key()).await.is_ok()) })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for (n, racer) in racers.into_iter().enumerate() {
            if n == 6 + round * 5 {
                process.signal(Signal::SIGKILL).unwrap();
            }
            let (id, spent) = racer.await.unwrap();
            acknowledged.extend(spent.then_some(id));
        }
        for id in tickets {
            let spent = acknowledged.iter().filter(|known| **known == id).count();
            assert!(spent <= 1, "{id} was spent {spent} times");
            let kept = matches!(founder.api().ticket(id).await.unwrap().state, State::Consumed { .. });
            assert!(kept || spent == 0, "{id} was acknowledged and is gone");
            assert_eq!(
                here.consume(id, &action(), &fresh_key()).await.is_ok(),
                !kept,
                "whoever goes on spends what nobody has spent"
            );
        }
    }
    one.prove_every_entry(&founder).await;
}
