//! Whether what the control plane depends on holds, now. It says what is wrong in our own words, never in an engine's.

use std::collections::BTreeMap;
use std::time::Duration;

use contract::status::{Check, Health, Readiness};

use crate::app::App;

/// How long the store may take.
const STORE: Duration = Duration::from_secs(2);
/// How far behind the ledger may be, in seconds. It is brought forward each second.
const BEHIND: u32 = 30;

/// Looks at everything.
pub(crate) async fn look(app: &App) -> Readiness {
    let read = app.run(|control| Ok(control.check_store()?));
    let store = match tokio::time::timeout(STORE, read).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err("the store does not answer"),
        Err(_) => Err("the store takes too long to answer"),
    };
    let ledger = match app.control.ledger_pulse() {
        Some(pulse) if app.control.now().seconds_since(pulse.at) <= BEHIND => Ok(()),
        Some(_) => Err("nothing was written for half a minute: the ledger is behind, or the store cannot be written"),
        None => Err("the ledger is not being kept"),
    };
    let certificate = match app.front.certificates.as_ref().map(|certificates| certificates.valid_until()) {
        Some(Some(until)) if !app.control.now().is_before(until) => Err("the certificate has expired"),
        Some(None) => Err("the end of the certificate cannot be read"),
        Some(Some(_)) | None => Ok(()),
    };
    let check = |(name, found): (&str, Result<(), &str>)| {
        (name.to_owned(), Check { ok: found.is_ok(), reason: found.err().map(str::to_owned) })
    };
    let found = [("store", store), ("ledger", ledger), ("certificate", certificate)];
    let checks: BTreeMap<_, _> = found.into_iter().map(check).collect();
    let ready = checks.values().all(|check| check.ok);
    Readiness { status: if ready { Health::Ready } else { Health::Degraded }, checks }
}
