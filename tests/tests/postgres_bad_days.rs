//! PostgreSQL's bad days: it hangs, it is gone, it is replaced by its standby, it answers nothing after a commit. Nothing
//! that was acknowledged is lost, nothing happens twice, and service comes back by itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use contract::Code;
use countersign_tests::deploy::entitled;
use countersign_tests::plane::{Approver, Plane};
use countersign_tests::switch::Switch;
use countersign_tests::until;
use reqwest::{Client, Response, StatusCode};
use store::DatabaseUrl;
use store::testing::{Cluster, Setup};

fn name(database: &DatabaseUrl) -> String {
    let DatabaseUrl::Postgres(address) = database else { panic!("a server") };
    address.name().to_owned()
}

/// The database by its socket, with a time limit of half a second for each statement.
fn impatient(database: &DatabaseUrl) -> DatabaseUrl {
    let DatabaseUrl::Postgres(address) = database else { panic!("a server") };
    let folder = address.folder().unwrap().display();
    format!("postgres://countersign@/{}?host={folder}&time_limit_ms=500", address.name()).parse().unwrap()
}

/// The database through a door.
fn behind(switch: &Switch, name: &str) -> DatabaseUrl {
    format!("postgres://countersign@127.0.0.1:{}/{name}?time_limit_ms=5000", switch.port()).parse().unwrap()
}

async fn get(plane: &Plane, path: &str) -> Response {
    Client::new().get(plane.address().at(path)).bearer_auth(plane.sample_token()).send().await.unwrap()
}

/// What a control plane that starts there warns of.
async fn concerns(cluster: &Cluster) -> Vec<String> {
    let database = cluster.database();
    let open = move || store::Store::open(&database, store::testing::ambient()).unwrap().concerns().to_vec();
    tokio::task::spawn_blocking(open).await.unwrap()
}

async fn comes_back(plane: &Plane) {
    let ready = until("it is ready again", async || Ok((get(plane, "/readyz").await.status() == 200).then_some(())));
    ready.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f_10_a_server_that_hangs_is_503_with_when_to_try_again_and_comes_back_by_itself() {
    let cluster = Cluster::start(&Setup::default());
    let plane = Plane::at(impatient(&cluster.database())).await;
    let runner = plane.runner();
    runner.open_ticket(&entitled("before"), "before").await.unwrap();
    cluster.pause();
    // More than there are connections, so that each of them is found to hang.
    let asked = (0..40).map(|n| {
        let path = if n % 2 == 0 { "/api/v1/approvals" } else { "/api/v1/oauth/userinfo" };
        get(&plane, path)
    });
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "1");
        assert_eq!(answer.json::<contract::Problem>().await.unwrap().code, Code::Unavailable);
    }
    let refused = runner.open_ticket(&entitled("during"), "during").await.unwrap_err();
    assert!(refused.is_passing(), "{refused}");
    assert_eq!(get(&plane, "/healthz").await.status(), StatusCode::OK);
    assert_eq!(get(&plane, "/readyz").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    cluster.resume();
    comes_back(&plane).await;
    runner.open_ticket(&entitled("during"), "during").await.unwrap();
    let founder = Approver::founder(&plane).await;
    assert_eq!(founder.api().inbox(&[]).await.unwrap().counts.pending, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn r_13_a_server_that_is_stopped_and_started_costs_nothing_that_was_acknowledged() {
    let cluster = Cluster::start(&Setup::default());
    let plane = Plane::at(cluster.database()).await;
    let founder = Approver::founder(&plane).await;
    let mut kept = 0;
    for (round, mode) in ["fast", "immediate", "fast"].into_iter().enumerate() {
        let written = Written::begin(&plane, round);
        until("some are written", async || Ok((written.count() > 20).then_some(()))).await.unwrap();
        cluster.stop(mode);
        assert_eq!(get(&plane, "/readyz").await.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(get(&plane, "/healthz").await.status(), StatusCode::OK);
        cluster.start_again();
        comes_back(&plane).await;
        kept += written.end().await;
        assert_eq!(founder.api().inbox(&[]).await.unwrap().counts.pending, kept);
    }
    plane.prove_every_entry(&founder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f_08_a_standby_that_takes_over_has_everything_that_was_acknowledged() {
    let setup = |settings: &str| Setup { settings: settings.to_owned(), ..Setup::default() };
    let first = Cluster::start(&setup(""));
    let name = name(&first.database());
    let second = first.standby(&setup(""));
    let until_streaming = async |state: &str| {
        let sql =
            format!("SELECT count(*) FROM pg_stat_replication WHERE sync_state = '{state}' AND state = 'streaming'");
        until("the standby follows", async || Ok((first.ask("postgres", &sql) == "1").then_some(()))).await.unwrap();
    };
    until_streaming("async").await;
    let concerned = concerns(&first).await;
    assert!(concerned.iter().any(|text| text.contains("synchronous_standby_names")), "{concerned:?}");
    first.run("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
    first.run("postgres", "SELECT pg_reload_conf()");
    until_streaming("sync").await;
    let content = concerns(&first).await;
    assert!(!content.iter().any(|text| text.contains("standby")), "{content:?}");

    let switch = Switch::before(&first.socket());
    let plane = Plane::at(behind(&switch, &name)).await;
    let founder = Approver::founder(&plane).await;
    let written = Written::begin(&plane, 0);
    until("some are written", async || Ok((written.count() > 40).then_some(()))).await.unwrap();
    // F-09: a standby in its place is read from, and says that it takes no writes.
    switch.turn_to(&second.socket());
    let refused = until("it is read from", async || {
        founder.api().inbox(&[]).await?;
        Ok(plane.runner().open_ticket(&entitled("to a standby"), "standby").await.err())
    });
    let refused = refused.await.unwrap();
    assert!(refused.to_string().contains("takes no writes"), "{refused}");
    first.stop("immediate");
    second.promote();
    comes_back(&plane).await;
    let goes_on = written.count();
    until("it goes on", async || Ok((written.count() > goes_on + 20).then_some(()))).await.unwrap();
    let kept = written.end().await;
    assert_eq!(founder.api().inbox(&[]).await.unwrap().counts.pending, kept);
    plane.prove_every_entry(&founder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn r_14_after_a_lost_answer_to_a_commit_every_client_is_told_the_truth() {
    let database = store::testing::postgres().url().clone();
    let DatabaseUrl::Postgres(address) = &database else { panic!("a server") };
    let switch = Switch::before(&address.folder().unwrap().join(".s.PGSQL.5432"));
    let plane = Plane::at(behind(&switch, address.name())).await;
    let founder = Approver::founder(&plane).await;
    let runner = plane.runner();
    let mut expected = 0;
    for round in 0..25 {
        // Not only the ticket's own commit is cut: the ledger's, and those who wrote behind, are too.
        switch.cut(1 + round % 3);
        let (ask, key) = (entitled(&format!("round {round}")), format!("cut-{round}"));
        let first = runner.open_ticket(&ask, &key).await;
        if let Err(error) = &first {
            assert!(matches!(error.code(), Some(Code::OutcomeUnknown | Code::Unavailable)), "{error}");
        }
        let again = until("the repeat is answered", async || Ok(Some(runner.open_ticket(&ask, &key).await?)));
        let again = again.await.unwrap();
        if let Ok(first) = first {
            assert_eq!(first.id, again.id);
        }
        expected += 1;
        assert_eq!(founder.api().inbox(&[]).await.unwrap().counts.pending, expected, "in round {round}");
    }
    plane.prove_every_entry(&founder).await;
}

/// Programs that open tickets one after the other, each until it is answered, always under the same key.
struct Written {
    stop: Arc<AtomicBool>,
    count: Arc<AtomicU32>,
    writers: Vec<tokio::task::JoinHandle<u32>>,
}

impl Written {
    fn begin(plane: &Plane, round: usize) -> Self {
        let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let writer = |n: usize| {
            let (runner, stop, count) = (plane.runner(), Arc::clone(&stop), Arc::clone(&count));
            tokio::spawn(async move {
                let mut written = 0;
                while !stop.load(Ordering::SeqCst) {
                    let key = format!("{round}-{n}-{written}");
                    // Again and again, under the same key, until there is an answer.
                    while let Err(error) = runner.open_ticket(&entitled(&key), &key).await {
                        assert!(error.is_passing(), "{error}");
                        tokio::task::yield_now().await;
                    }
                    written += 1;
                    count.fetch_add(1, Ordering::SeqCst);
                }
                written
            })
        };
        let writers = (0..4).map(writer).collect();
        Self { stop, count, writers }
    }

    fn count(&self) -> u32 {
        self.count.load(Ordering::SeqCst)
    }

    /// How many tickets there must be.
    async fn end(self) -> u32 {
        self.stop.store(true, Ordering::SeqCst);
        let mut written = 0;
        for writer in self.writers {
            written += writer.await.unwrap();
        }
        written
    }
}
