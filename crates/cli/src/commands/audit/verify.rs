//! `countersign audit verify`: this device as a witness. What it saw before must be the beginning of what it sees now.

use client::witness;
use domain::Clock as _;
use domain::ambient::SystemClock;
use serde_json::json;

use crate::commands::audit::{Filter, Listed, fetch};
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::fields;

pub(super) async fn run(connection: &Connection, filter: &Filter) -> Result<(), Failure> {
    let before = connection.trust.get(&connection.issuer())?.checkpoint;
    let (entries, more) = fetch(connection, filter).await?;
    if filter.action.is_none() && filter.about.is_none() {
        check_no_gap(&entries)?;
    }
    let verified = witness::advance(&connection.api, &connection.trust, SystemClock.now()).await?;
    let (mut included, mut new) = (0_usize, 0_usize);
    for listed in &entries {
        match witness::include(&connection.api, &verified, &listed.served).await? {
            Some(_) => included += 1,
            None => new += 1,
        }
    }
    let checkpoint = &verified.checkpoint;
    let report = json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": checkpoint.root.to_string(),
        "first_sight": before.is_none(),
        "included": included,
        "not_yet_included": new,
        "more": more,
        "note": verified.note,
    });
    connection.out.result(&report, |_| {
        let since =
            if before.is_none() { "the first this device has seen" } else { "continues the last one seen here" };
        fields(&[
            ("ledger", checkpoint.origin.clone()),
            ("checkpoint", format!("{} entries, {since}", checkpoint.size)),
            ("root", checkpoint.root.to_string()),
            ("proved", format!("{included} entries are in it")),
            ("newer", format!("{new} entries wait for the next checkpoint")),
        ])
    })
}

/// Entries of an unfiltered list have consecutive places: one that was left out shows.
fn check_no_gap(entries: &[Listed]) -> Result<(), Failure> {
    let places: Vec<u64> = entries.iter().filter_map(|listed| listed.served.index).collect();
    for pair in places.windows(2) {
        if pair[0] != pair[1] + 1 {
            let sentence = format!("the list jumps from entry {} to entry {}: entries are withheld", pair[0], pair[1]);
            return Err(Failure::new(Exit::LedgerBroken, sentence));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use contract::audit::AuditEntry;
    use domain::Ids;
    use domain::ambient::OsEntropy;
    use domain::event::{Event, Kind};
    use domain::id::EntryId;

    use super::*;

    fn listed(index: Option<u64>) -> Listed {
        let id = EntryId::new(Ids { clock: &SystemClock, entropy: &OsEntropy });
        let entry = Event::new(SystemClock.now(), Kind::TicketOpened).into_entry(id);
        let leaf = String::from_utf8(entry.leaf()).unwrap();
        Listed { served: AuditEntry { index, leaf }, entry }
    }

    #[test]
    fn an_entry_that_was_left_out_of_the_list_shows() {
        let list = |places: &[Option<u64>]| places.iter().copied().map(listed).collect::<Vec<_>>();
        assert!(check_no_gap(&list(&[None, Some(3), Some(2), Some(1)])).is_ok());
        let failure = check_no_gap(&list(&[Some(3), Some(1)])).unwrap_err();
        assert_eq!(failure.code(), 85);
    }
}
