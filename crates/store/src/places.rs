//! From which networks credentials and people were used: when first and when last.

use domain::Instant;
use domain::alert::condition::Place;

use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Query, Upkeep};

pub(crate) const TABLE: Migration = Migration {
    name: "places",
    sql: "CREATE TABLE places (
    subject TEXT NOT NULL,
    network TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (subject, network)
) STRICT;
CREATE INDEX places_last_at ON places (last_at);",
};

/// Notes a use. True if the subject was used from there before.
pub fn note(keep: &mut dyn Upkeep, place: &Place) -> Result<bool, StoreError> {
    let row = [place.subject.as_str().into(), place.network.to_string().into(), place.at.into()];
    let sql = "UPDATE places SET last_at = CASE WHEN last_at < $3 THEN $3 ELSE last_at END
        WHERE subject = $1 AND network = $2";
    if keep.run(sql, &row)? > 0 {
        return Ok(true);
    }
    // Of two processes that see it first at once, one finds it known.
    let sql = "INSERT INTO places (subject, network, first_at, last_at) VALUES ($1, $2, $3, $3)
        ON CONFLICT (subject, network) DO NOTHING";
    Ok(keep.run(sql, &row)? == 0)
}

/// When a subject was first used from anywhere.
pub fn first(q: &mut dyn Query, subject: &str) -> Result<Option<Instant>, StoreError> {
    let rows = q.rows("SELECT MIN(first_at) AS first_at FROM places WHERE subject = $1", &[subject.into()])?;
    rows.first().map_or(Ok(None), |row| Ok(row.optional_int("first_at")?.map(Instant::from_millis)))
}

/// Forgets places that were not used since then. Gives how many.
pub fn forget(keep: &mut dyn Upkeep, before: Instant) -> Result<u64, StoreError> {
    keep.run("DELETE FROM places WHERE last_at < $1", &[before.into()])
}
