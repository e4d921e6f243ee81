//! Who may listen to the event stream, and for how long: one-time tickets for browsers, and the standing of a connection.
//!
//! A connection outlives its request, so its holder is asked for again and again: what would refuse the credential now
//! ends the connection. A ticket carries on the right of whoever asked for it and ends with it.

use std::net::IpAddr;

use domain::event::{Event, Kind};
use domain::secret::{Secret, SecretKind};
use serde_json::json;
use store::stream_tickets::{self, StreamTicket, Tie, TieProof};

use crate::authenticate::{Caller, Proof};
use crate::error::AuthenticationError;
use crate::jwt::IdentityType;
use crate::{Control, Error};

/// How long a ticket may wait to be used, in seconds.
pub const TICKET_TTL: u32 = 30;
/// What listening needs.
const SCOPE: &str = "approvals:read";

impl Control {
    /// Makes a ticket that opens one connection with the caller's right, within [`TICKET_TTL`] seconds.
    pub fn issue_stream_ticket(&self, caller: &Caller) -> Result<Secret, Error> {
        caller.require(SCOPE)?;
        let ticket = Secret::generate(SecretKind::StreamTicket, self.entropy());
        let (digest, tie, address) = (ticket.digest(), tie(caller), caller.address);
        self.write(move |control, mut tx| {
            let now = control.now();
            let record = StreamTicket { digest, expires_at: now.plus(TICKET_TTL), tie: tie.clone() };
            stream_tickets::insert(&mut tx, &record, now)?;
            let data = json!({ "expires_at": record.expires_at, "address": address });
            Ok(tx.commit(Event::new(now, Kind::StreamTicketIssued).by(&tie.principal).with(data))?)
        })?;
        Ok(ticket)
    }

    /// The caller as they stand now, or why they no longer may listen. For connections that are open.
    pub fn still_listening(&self, caller: &Caller) -> Result<Caller, Error> {
        let now = self.standing(&tie(caller), caller.address)?;
        now.require(SCOPE)?;
        Ok(Caller { address: caller.address, ..now })
    }

    /// The holder of a ticket, which is used up whatever comes of it.
    pub(crate) fn redeem_stream_ticket(&self, secret: &Secret, from: Option<IpAddr>) -> Result<Caller, Error> {
        let (digest, now) = (secret.digest(), self.now());
        let ticket = self.read(|q| Ok(stream_tickets::get(q, &digest)?))?.ok_or(AuthenticationError::Unknown)?;
        if !now.is_before(ticket.expires_at) {
            return Err(AuthenticationError::Expired.into());
        }
        if !self.inner.store.housekeeping(move |keep| stream_tickets::mark_used(keep, &digest, now))? {
            return Err(AuthenticationError::Spent.into());
        }
        self.standing(&ticket.tie, from)
    }

    fn standing(&self, tie: &Tie, from: Option<IpAddr>) -> Result<Caller, Error> {
        let caller = match &tie.proof {
            TieProof::Session(id) => self.person_of(|q| store::sessions::get(q, *id))?,
            TieProof::Credential(id) => self.holder_of(from, |q| store::credentials::get(q, *id))?,
            TieProof::Federated { email, workspaces, scopes, never_counts } => Caller {
                email: email.clone(),
                workspaces: workspaces.clone(),
                scopes: scopes.clone(),
                never_counts: never_counts.clone(),
                ..Caller::program(tie.principal.clone(), Proof::Federated(IdentityType::User))
            },
            TieProof::Bootstrap => self.bootstrap_now().ok_or(AuthenticationError::Unknown)??,
            TieProof::Nothing => self.anonymous()?,
        };
        if tie.until.is_some_and(|end| !self.now().is_before(end)) {
            return Err(AuthenticationError::Expired.into());
        }
        // A session's next access token does not prolong what the one before has opened.
        Ok(Caller { expires_at: tie.until, ..caller })
    }
}

fn tie(caller: &Caller) -> Tie {
    let proof = match caller.proof {
        Proof::Session { id, .. } => TieProof::Session(id),
        Proof::Credential(id) => TieProof::Credential(id),
        Proof::Federated(_) => TieProof::Federated {
            email: caller.email.clone(),
            workspaces: caller.workspaces.clone(),
            scopes: caller.scopes.clone(),
            never_counts: caller.never_counts.clone(),
        },
        Proof::Bootstrap => TieProof::Bootstrap,
        Proof::Nothing => TieProof::Nothing,
    };
    Tie { principal: caller.principal.clone(), proof, until: caller.expires_at }
}
