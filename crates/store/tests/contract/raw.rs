//! A hand on the database behind the store's back.

use postgres::NoTls;
use store::DatabaseUrl;
use store::testing::TestDatabase;

/// Runs SQL.
pub(crate) fn run(database: &TestDatabase, sql: &str) {
    match database.url() {
        DatabaseUrl::Sqlite(path) => rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap(),
        DatabaseUrl::Postgres(address) => {
            let config = postgres::Config::from(address.config().clone());
            config.connect(NoTls).unwrap().batch_execute(sql).unwrap();
        }
    }
}
