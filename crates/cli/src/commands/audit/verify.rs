//! `countersign audit verify`: this device as a witness. What it saw before must be the beginning of what it sees now.

use client::witness;
use domain::Clock as _;
use domain::ambient::SystemClock;
use serde_json::json;

use crate::commands::audit::{Filter, Trail, fetch};
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::output::fields;

pub(super) async fn run(connection: &Connection, filter: &Filter) -> Result<(), Failure> {
    let before = connection.trust.get(&connection.issuer())?.checkpoint;
    let Trail { entries, places } = fetch(connection, filter).await?;
    if filter.action.is_none() && filter.about.is_none() {
        check_no_gap(&places)?;
    }
    let verified = witness::advance(&connection.api, &connection.trust, SystemClock.now()).await?;
    let (mut included, mut new) = (0_usize, 0_usize);
    for listed in &entries.items {
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
        "more": entries.are_cut(),
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

/// What is served of an unfiltered list has consecutive places: an entry that was left out shows.
pub(super) fn check_no_gap(places: &[u64]) -> Result<(), Failure> {
    for pair in places.windows(2) {
        if pair[1].checked_add(1) != Some(pair[0]) {
            let sentence = format!("the list jumps from entry {} to entry {}: entries are withheld", pair[0], pair[1]);
            return Err(Failure::new(Exit::LedgerBroken, sentence));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_was_left_out_of_the_list_shows() {
        assert!(check_no_gap(&[3, 2, 1]).is_ok());
        assert!(check_no_gap(&[]).is_ok());
        for withheld in [&[3, 1][..], &[4, 3, 1, 0], &[2, 3], &[3, 3]] {
            assert_eq!(check_no_gap(withheld).unwrap_err().code(), 85);
        }
    }
}
