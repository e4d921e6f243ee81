//! One connection to the server, its settings, and the statements that it has prepared.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, Statement};

use super::ACQUIRE;
use super::background::Background;
use super::refusal::refused;
use super::tls::MakeTls;
use crate::engine::{Connection, Row, Value};
use crate::error::{Reason, StoreError};
use crate::schema::Migrate;

/// Set for every connection. A commit is durable when it is acknowledged, whatever the server's default is; a
/// statement that takes too long holds up others.
const SETTINGS: &str = "SET default_transaction_isolation = 'read committed';
    SET idle_in_transaction_session_timeout = '60s';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';";

/// How much longer than the server itself is given an answer is waited for.
const MARGIN: Duration = Duration::from_secs(1);

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// A connection.
pub(super) struct Session {
    background: Background,
    client: Client,
    time_limit: Duration,
    statements: HashMap<String, Statement>,
    /// Whether a transaction was begun and not ended: such a connection is not used again.
    open: bool,
    /// Whether an answer did not come in time, or the server takes no writes: others may be no better.
    doubtful: bool,
    /// Which generation of connections it belongs to.
    pub(super) generation: u64,
}

impl Session {
    /// Connects to a server that takes writes, or if there is none, to one that can be read from. Begins with `first`
    /// of the hosts; gives which of them it is. Each has a time limit of its own.
    pub(super) fn connect(
        background: &Background,
        hosts: &[Config],
        first: usize,
        tls: &MakeTls,
        time_limit: Duration,
        generation: u64,
    ) -> Result<(Self, usize), StoreError> {
        let asked = async |host: &Config, which| {
            let opened = tokio::time::timeout(ACQUIRE, opened(host, which, tls, time_limit));
            opened.await.map_err(|_| None)?.map_err(Some)
        };
        let open = async || {
            let (mut readable, mut refusal) = (None, None);
            for at in (0..hosts.len()).map(|n| (first + n) % hosts.len()) {
                match asked(&hosts[at], TargetSessionAttrs::ReadWrite).await {
                    Ok(client) => return Ok((client, at)),
                    Err(Some(error)) if takes_no_writes(&error) => readable = readable.or(Some(at)),
                    Err(error) => refusal = refusal.or_else(|| Some(error.map_or_else(late, refused))),
                }
            }
            let Some(at) = readable else { return Err(refusal.unwrap_or_else(late)) };
            let opened = asked(&hosts[at], TargetSessionAttrs::Any).await;
            opened.map(|client| (client, at)).map_err(|error| error.map_or_else(late, refused))
        };
        let longest = ACQUIRE * u32::try_from(hosts.len() + 1).unwrap_or(u32::MAX);
        let (client, host) = background.within(longest, open()).ok_or_else(late)??;
        let (background, statements) = (background.clone(), HashMap::new());
        Ok((Self { background, client, time_limit, statements, open: false, doubtful: false, generation }, host))
    }

    /// Whether the server answers in time.
    pub(super) fn check(&mut self) -> Result<(), StoreError> {
        let answer = self.background.within(ACQUIRE.min(self.time_limit), self.client.batch_execute(""));
        self.told(answer)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.open || self.client.is_closed()
    }

    pub(super) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// Begins a transaction that sees one moment and writes nothing.
    pub(super) fn begin_read(&mut self) -> Result<(), StoreError> {
        self.control("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")?;
        self.open = true;
        Ok(())
    }

    fn control(&mut self, sql: &str) -> Result<(), StoreError> {
        let answer = self.background.within(self.time_limit + MARGIN, self.client.batch_execute(sql));
        self.told(answer)
    }

    fn prepared(&mut self, sql: &str) -> Result<Statement, StoreError> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let answer = self.background.within(self.time_limit + MARGIN, self.client.prepare(sql));
        let statement = self.told(answer)?;
        if self.statements.len() >= STATEMENTS {
            self.statements.clear();
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// The server's answer, or that none came. Then the connection is of no more use: the answer might still come.
    fn told<T>(&mut self, answer: Option<Result<T, Error>>) -> Result<T, StoreError> {
        let Some(answer) = answer else {
            (self.open, self.doubtful) = (true, true);
            return Err(late());
        };
        let told = answer.map_err(refused);
        self.doubtful |= matches!(told, Err(StoreError::Unavailable { reason: Reason::ReadOnly, .. }));
        told
    }
}

async fn opened(
    config: &Config,
    which: TargetSessionAttrs,
    tls: &MakeTls,
    time_limit: Duration,
) -> Result<Client, Error> {
    let mut config = config.clone();
    let (client, connection) = config.target_session_attrs(which).connect(tls.clone()).await?;
    tokio::spawn(connection);
    let limit = format!("SET statement_timeout = {};", time_limit.as_millis());
    client.batch_execute(&(limit + SETTINGS)).await?;
    Ok(client)
}

/// What the driver says of a server that is not the one that was asked for.
fn takes_no_writes(error: &Error) -> bool {
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<std::io::Error>());
    source.is_some_and(|source| source.kind() == ErrorKind::PermissionDenied)
}

fn late() -> StoreError {
    StoreError::unavailable(Reason::Down, "the server did not answer in time")
}

impl Connection for Session {
    fn query(&mut self, sql: &str, parameters: &[Value]) -> Result<Vec<Row>, StoreError> {
        let statement = self.prepared(sql)?;
        let bound = bound(parameters);
        let answer = self.background.within(self.time_limit + MARGIN, self.client.query(&statement, &bound));
        let rows = self.told(answer)?;
        let columns: Arc<[String]> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        rows.iter()
            .map(|row| {
                let cells = (0..columns.len()).map(|at| row.try_get(at)).collect::<Result<_, _>>();
                Ok(Row { columns: Arc::clone(&columns), cells: cells.map_err(refused)? })
            })
            .collect()
    }

    fn execute(&mut self, sql: &str, parameters: &[Value]) -> Result<u64, StoreError> {
        let statement = self.prepared(sql)?;
        let bound = bound(parameters);
        let answer = self.background.within(self.time_limit + MARGIN, self.client.execute(&statement, &bound));
        self.told(answer)
    }

    fn define(&mut self, sql: &str) -> Result<(), StoreError> {
        self.control(&translated(sql))
    }

    fn time(&self) -> &'static str {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    }
}

impl Migrate for Session {
    fn begin(&mut self) -> Result<(), StoreError> {
        self.control("BEGIN")?;
        self.open = true;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), StoreError> {
        self.control("COMMIT")?;
        self.open = false;
        Ok(())
    }

    fn roll_back(&mut self) {
        self.open = self.client.is_closed() || self.doubtful || self.control("ROLLBACK").is_err();
    }
}

fn bound(parameters: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    parameters.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}

/// A table definition in PostgreSQL's words. Texts compare byte by byte, as they do in SQLite.
fn translated(sql: &str) -> String {
    sql.replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY")
        .replace(" INTEGER", " BIGINT")
        .replace(" TEXT", " TEXT COLLATE \"C\"")
        .replace(" BLOB", " BYTEA")
        .replace(") STRICT;", ");")
}
