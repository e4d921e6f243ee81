use std::sync::Arc;

use control::{AuthConfig, AuthMode, Config, Control};
use domain::ambient::{OsEntropy, SystemClock};
use domain::event::Kind;
use ledger::LogKey;
use store::{Ambient, DatabaseUrl, Store};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::feed::Feed;
use crate::front::Front;
use crate::metrics::Metrics;
use crate::settings::Settings;

fn app(folder: &std::path::Path) -> App {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let database = DatabaseUrl::file(folder.join("test.db"));
    let ambient = Ambient { clock: clock.clone(), entropy: entropy.clone() };
    let store = Store::open(&database, ambient).unwrap();
    let log_key = LogKey::generate("example.test/log", &OsEntropy).unwrap();
    let auth = AuthConfig { mode: AuthMode::Disabled, ..AuthConfig::default() };
    let config = Config { auth, ..Config::default() };
    let address = "127.0.0.1:1".parse().unwrap();
    let settings = Settings::new(address, database, folder.to_owned());
    App {
        control: Control::new(config, store, clock, entropy, log_key),
        feed: Feed::after(0),
        front: Arc::new(Front::new(&settings, "http://127.0.0.1:1", address, None)),
        metrics: Metrics::new(),
        outbound: crate::issuers::outbound(&settings).unwrap(),
        works: crate::long_work::LongWorks::new(CancellationToken::new()),
        stop: CancellationToken::new(),
    }
}

fn change(app: &App, index: u64, kind: Kind) -> Change {
    Change { index, at: app.control.now(), kind, about: None }
}

#[tokio::test]
async fn whoever_is_slow_is_told_that_it_missed_something_and_nothing_is_piled_up_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path());
    let caller = app.control.admit(None, None).unwrap();
    let mut follower = Follower::now(app.clone(), caller);
    let all = BACKLOG as u64 + 10;
    for index in 0..all {
        app.feed.tell(change(&app, index, Kind::TicketOpened));
    }
    assert!(matches!(follower.next().await, News::Missed));
    let News::Changed(first) = follower.next().await else { panic!("a change") };
    assert_eq!(first.index, 10, "the rest is there");
    assert_eq!(app.feed.told(), all);
    app.stop.cancel();
    assert!(matches!(follower.next().await, News::Stopping | News::Changed(_)));
}

#[tokio::test]
async fn after_a_change_that_may_end_a_standing_it_is_looked_at_before_anything_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path());
    let caller = app.control.admit(None, None).unwrap();
    let outsider = Caller { proof: control::Proof::Bootstrap, ..caller.clone() };
    let (mut welcome, mut stranger) = (Follower::now(app.clone(), caller), Follower::now(app.clone(), outsider));
    app.feed.tell(change(&app, 0, Kind::CredentialCreated));
    app.feed.tell(change(&app, 1, Kind::CredentialRevoked));
    for index in 0..2 {
        let News::Changed(told) = welcome.next().await else { panic!("a change") };
        assert_eq!(told.index, index);
    }
    let News::Changed(told) = stranger.next().await else { panic!("what was harmless") };
    assert_eq!(told.index, 0);
    assert!(matches!(stranger.next().await, News::Refused(_)), "no bootstrap token is configured");
}
