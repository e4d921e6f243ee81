//! The schema, as an ordered list of migrations, each of which is run once, in a transaction of its own.
//!
//! A migration's number is its place in the list: migrations are added at the end and never changed. Two processes may
//! bring a database up at once: each number can be recorded once, so one of them waits and then finds it done.

use domain::Clock;

use crate::engine::{Connection, Value};
use crate::error::{Collision, OpenError, StoreError};

/// One step of the schema, in SQLite's words.
pub(crate) struct Migration {
    /// What it is for.
    pub(crate) name: &'static str,
    /// The statements.
    pub(crate) sql: &'static str,
}

/// All steps, in order.
const MIGRATIONS: &[Migration] = &[
    crate::users::TABLE,
    crate::accounts::TABLE,
    crate::credentials::TABLE,
    crate::sessions::TABLE,
    crate::codes::TABLE,
    crate::tickets::TABLE,
    crate::tasks::TABLE,
    crate::rosters::TABLE,
    crate::enrolments::TABLE,
    crate::policies::TABLE,
    crate::entries::TABLE,
    crate::log::TABLE,
    crate::idempotency::TABLE,
    crate::settings::TABLE,
    crate::credentials::HELD,
    crate::limits::TABLE,
    crate::scopes::TABLE,
    crate::stream_tickets::TABLE,
    crate::alerts::TABLE,
    crate::places::TABLE,
    crate::webhooks::TABLE,
    crate::deliveries::TABLE,
    crate::leases::TABLE,
    crate::idempotency::BY_AGE,
    crate::pipelines::TABLE,
    crate::policies::PUBLISHED,
    crate::policy_drafts::TABLE,
    crate::decisions::TABLE,
    crate::tasks::USES,
    crate::tickets::AFTER_REVIEWS,
];

/// The table of what was done. Not itself a migration.
const RECORD: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;";

/// A connection that is not in a transaction yet.
pub(crate) trait Migrate: Connection {
    /// Begins a transaction that may write.
    fn begin(&mut self) -> Result<(), StoreError>;
    /// Commits it.
    fn commit(&mut self) -> Result<(), StoreError>;
    /// Undoes it.
    fn roll_back(&mut self);
}

/// Brings the schema up to this version. `name` is the database's, for error messages.
pub(crate) fn bring_up(connection: &mut impl Migrate, clock: &dyn Clock, name: &str) -> Result<(), OpenError> {
    run(MIGRATIONS, connection, clock, name)
}

/// Brings the schema of a new database up to the version before this step was added.
#[cfg(feature = "testing")]
pub(crate) fn bring_up_before(
    step: &str,
    connection: &mut impl Migrate,
    clock: &dyn Clock,
    name: &str,
) -> Result<(), OpenError> {
    let known = MIGRATIONS.iter().take_while(|migration| migration.name != step).count();
    run(&MIGRATIONS[..known], connection, clock, name)
}

fn run(steps: &[Migration], connection: &mut impl Migrate, clock: &dyn Clock, name: &str) -> Result<(), OpenError> {
    let failed = |error| OpenError::named(error, name.to_owned());
    match in_transaction(connection, |connection| connection.define(RECORD)) {
        Ok(()) | Err(StoreError::Conflict { .. }) => {}
        Err(error) => return Err(failed(error)),
    }
    loop {
        let done = connection.query("SELECT number, name FROM migrations ORDER BY number", &[]).map_err(failed)?;
        let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
        let newest = done.last().map_or(Ok(0), |row| row.int("number")).map_err(failed)?;
        if newest > known {
            return Err(OpenError::Newer { found: newest, known });
        }
        for (row, number) in done.iter().zip(1..) {
            let found = row.int("number").map_err(failed)?;
            let expected = steps.get(usize::try_from(number - 1).unwrap_or(usize::MAX));
            if found != number || expected.is_none_or(|expected| row.text("name") != Ok(expected.name)) {
                let detail = format!("its schema has another history than this program's, from step {number} on");
                return Err(OpenError::Damaged { name: name.to_owned(), detail });
            }
        }
        let Some(next) = steps.get(done.len()) else { return Ok(()) };
        let number = Value::from(u64::try_from(done.len() + 1).unwrap_or(u64::MAX));
        let step = in_transaction(connection, |connection| {
            let record = "INSERT INTO migrations (number, name, applied_at) VALUES ($1, $2, $3)";
            connection.execute(record, &[number.clone(), next.name.into(), clock.now().into()])?;
            connection.define(next.sql)
        });
        match step {
            // Another process has done it meanwhile: look again.
            Ok(()) | Err(StoreError::Conflict { collision: Collision::Taken, .. }) => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

fn in_transaction<C: Migrate>(
    connection: &mut C,
    work: impl FnOnce(&mut C) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    connection.begin()?;
    let result = work(connection).and_then(|()| connection.commit());
    if result.is_err() {
        connection.roll_back();
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_strict_and_every_step_has_its_own_name() {
        let names: std::collections::BTreeSet<_> = MIGRATIONS.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), MIGRATIONS.len());
        for step in MIGRATIONS {
            let tables = step.sql.matches("CREATE TABLE").count();
            assert_eq!(step.sql.matches(") STRICT;").count(), tables, "{}", step.name);
        }
    }
}
