//! What an operator should know of how the server is set up: where what was acknowledged could be lost all the same.
//!
//! Only told, never a reason not to start. What the server does not tell us is no concern.

use super::session::Session;
use crate::engine::Connection as _;
use crate::url::{PostgresAddress, TlsMode};

const FSYNC: &str = "`fsync` is off: a crash of the server can lose what was acknowledged, and more; switch it on";
const COMMIT: &str = "the server's default for `synchronous_commit` is off: here it is on all the same, but whatever \
    else writes to this database can lose its last moments in a crash";
const STANDBY: &str = "the server has a standby that it does not wait for: if that one takes over, what was acknowledged \
    last may be lost; set `synchronous_standby_names`";
const LOCAL: &str = "the server does not wait for its standby (`synchronous_commit` is `local`): if that one takes over, \
    what was acknowledged last may be lost; set it to `on`";
const PLAIN: &str = "the connection to the database is not encrypted (`sslmode=disable`) and leaves this computer: \
    whoever is on the way reads and changes everything; use `sslmode=verify-full`";
const UNCHECKED: &str = "the database server does not have to prove who it is: whoever is on the way can take its place; \
    use `sslmode=verify-full`";

/// What there is to know.
pub(super) fn of(address: &PostgresAddress, session: &mut Session) -> Vec<String> {
    let mut found = Vec::new();
    match address.tls {
        _ if address.is_local() => {}
        TlsMode::Disable => found.push(PLAIN),
        TlsMode::Prefer | TlsMode::Require => found.push(UNCHECKED),
        TlsMode::VerifyFull => {}
    }
    let mut says = |sql: &str| session.query(sql, &[]).is_ok_and(|rows| !rows.is_empty());
    if says("SELECT 1 AS one WHERE current_setting('fsync', true) = 'off'") {
        found.push(FSYNC);
    }
    if says("SELECT 1 AS one FROM pg_settings WHERE name = 'synchronous_commit' AND reset_val = 'off'") {
        found.push(COMMIT);
    }
    if says("SELECT 1 AS one FROM pg_stat_replication LIMIT 1") {
        if says("SELECT 1 AS one WHERE COALESCE(current_setting('synchronous_standby_names', true), '') = ''") {
            found.push(STANDBY);
        } else if says("SELECT 1 AS one WHERE current_setting('synchronous_commit') = 'local'") {
            found.push(LOCAL);
        }
    }
    found.into_iter().map(str::to_owned).collect()
}
