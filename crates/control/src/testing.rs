//! A control plane for tests of what only this crate can reach.

use std::sync::Arc;

use domain::ambient::{OsEntropy, SystemClock};
use ledger::LogKey;
use store::{Ambient, DatabaseUrl, Store};

use crate::{Config, Control};

/// One that nobody has founded, with the folder that its data is in.
pub(crate) fn nobody_there() -> (Control, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let ambient = Ambient { clock: clock.clone(), entropy: entropy.clone() };
    let store = Store::open(&DatabaseUrl::file(folder.path().join("test.db")), ambient).unwrap();
    let log_key = LogKey::generate("example.test/log", &OsEntropy).unwrap();
    (Control::new(Config::default(), store, clock, entropy, log_key), folder)
}
