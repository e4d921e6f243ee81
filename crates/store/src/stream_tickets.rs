//! Tickets for one connection to the event stream, by the digest of the ticket. Each is used once, within its time.
//!
//! A ticket knows what its holder had proved themselves with, so that it ends with that. What a ticket opens is a read,
//! so its use is upkeep and not a change.

use domain::id::{CredentialId, SessionId, UserId};
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::{Digest, Instant};
use serde::{Deserialize, Serialize};

use crate::engine::json;
use crate::error::StoreError;
use crate::schema::Migration;
use crate::transaction::{Housekeeping, Query, Transaction};

pub(crate) const TABLE: Migration = Migration {
    name: "stream-tickets",
    sql: "CREATE TABLE stream_tickets (
    digest BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL,
    used_at INTEGER,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX stream_tickets_expires_at ON stream_tickets (expires_at);",
};

/// A ticket that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamTicket {
    /// Digest of the ticket.
    pub digest: Digest,
    /// Until when it can be used.
    pub expires_at: Instant,
    /// Whose right it carries on.
    pub tie: Tie,
}

/// The standing that a connection or a ticket depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// Who.
    pub principal: Principal,
    /// What they had proved themselves with.
    pub proof: TieProof,
    /// When that proof ends by itself, if it does.
    pub until: Option<Instant>,
}

/// What a holder had proved themselves with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TieProof {
    /// A person's session.
    Session(SessionId),
    /// A service token or an API key.
    Credential(CredentialId),
    /// A token of a trusted issuer, which says once and for all what it is for.
    Federated {
        /// The e-mail address that it told.
        email: Option<String>,
        /// The workspaces.
        workspaces: Vec<String>,
        /// What it reaches.
        scopes: Scopes,
        /// People who never count for its tickets.
        never_counts: Vec<UserId>,
    },
    /// The token from the environment.
    Bootstrap,
    /// Nothing, where nothing is asked for.
    Nothing,
}

/// Adds a ticket, and removes those that have been dead for a minute.
pub fn insert(tx: &mut Transaction<'_>, ticket: &StreamTicket, now: Instant) -> Result<(), StoreError> {
    let dead = Instant::from_millis(now.millis() - 60_000);
    tx.execute("DELETE FROM stream_tickets WHERE expires_at < $1", &[dead.into()])?;
    let sql = "INSERT INTO stream_tickets (digest, expires_at, used_at, body) VALUES ($1, $2, NULL, $3)";
    tx.execute(sql, &[ticket.digest.into(), ticket.expires_at.into(), json(ticket)])?;
    Ok(())
}

/// One ticket, used or not.
pub fn get(q: &mut dyn Query, digest: &Digest) -> Result<Option<StreamTicket>, StoreError> {
    let rows = q.rows("SELECT body FROM stream_tickets WHERE digest = $1", &[(*digest).into()])?;
    rows.first().map(|row| row.json("body")).transpose()
}

/// Uses a ticket, unless it was used before or its time is over. Gives whether it did.
pub fn mark_used(keep: &mut Housekeeping<'_>, digest: &Digest, now: Instant) -> Result<bool, StoreError> {
    let sql = "UPDATE stream_tickets SET used_at = $2 WHERE digest = $1 AND used_at IS NULL AND expires_at > $2";
    Ok(keep.execute(sql, &[(*digest).into(), now.into()])? == 1)
}
