//! Least privilege: what an account was given, held against what its trail says that it used.
//!
//! Invariant: a scope is only ever proposed to go if its use would have left an entry, and none is there. What leaves no
//! trace is told to be unknown, and stays. Deliberately absent: changing the account; that is an edit like any other.

mod proposal;
mod tally;
pub mod traces;

use domain::Instant;
use domain::account::{AccountName, ServiceAccount};
use domain::credential::{Credential, CredentialState};
use domain::principal::Principal;
use store::Query;
use store::credentials::Filter;
use store::entries::{EntryFilter, Recorded};

use crate::authenticate::Caller;
use crate::{Control, Error};

pub use proposal::{Proposal, Standing};
pub use tally::{Tally, Use};

/// The longest time that is looked back, in days.
pub const LONGEST: u32 = 366;
const DAY: u32 = 24 * 3600;
/// How many entries are read at once, and altogether.
const PAGE: u32 = 500;
const MOST: usize = 100_000;

/// What an account used.
#[derive(Clone, Debug)]
pub struct Usage {
    /// The account.
    pub account: AccountName,
    /// Since when its trail was looked at.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Whether all of it was.
    pub complete: bool,
    /// What it used.
    pub tally: Tally,
    /// Each scope that it has, in their order.
    pub scopes: Vec<ScopeUse>,
    /// Its credentials that still work, newest first.
    pub credentials: Vec<Credential>,
    /// A narrower grant that would do.
    pub proposal: Option<Proposal>,
}

/// A scope that an account has, and its use.
#[derive(Clone, Debug)]
pub struct ScopeUse {
    /// As it was given.
    pub scope: String,
    /// Whether it was used.
    pub standing: Standing,
    /// How often, and when last.
    pub used: Use,
    /// The same in words.
    pub sentence: String,
}

impl Control {
    /// What the account used in the last days.
    pub fn account_usage(&self, caller: &Caller, name: &str, days: u32) -> Result<Usage, Error> {
        caller.require("accounts:read")?;
        if !(1..=LONGEST).contains(&days) {
            return Err(Error::invalid("days", format!("1 to {LONGEST}")));
        }
        let absent =
            || Error::not_found(format_args!("service account `{}`", name.chars().take(100).collect::<String>()));
        let name: AccountName = name.parse().map_err(|_| absent())?;
        let until = self.now();
        self.read(|q| {
            let account = store::accounts::get(q, &name)?.ok_or_else(absent)?;
            let engine = self.live_engine(q)?;
            let asked = until.minus(days.saturating_mul(DAY));
            let from = if asked.is_before(account.created_at) { account.created_at } else { asked };
            let (tally, complete) = tally(q, &account, from)?;
            let held = Filter { holder: Some(Principal::ServiceAccount(name.clone())), ..Filter::default() };
            let works =
                |held: &Credential| matches!(held.state(until), CredentialState::Active | CredentialState::Overlapping);
            let credentials = store::credentials::list(q, &held)?.into_iter().filter(works).collect();
            let outline = engine.outline();
            let actions: Vec<_> = outline.actions.iter().map(|action| action.name.as_str()).collect();
            let scopes = proposal::scopes(&account, &tally, &actions, complete, days);
            let proposal = proposal::of(&account, &tally, &scopes, complete, days);
            Ok(Usage { account: name, from, until, complete, tally, scopes, credentials, proposal })
        })
    }
}

/// What the account's entries say since then, and whether all were read.
fn tally(q: &mut dyn Query, account: &ServiceAccount, from: Instant) -> Result<(Tally, bool), Error> {
    let by = Principal::ServiceAccount(account.name.clone());
    let mut filter = EntryFilter { kinds: traces::KINDS, principal: Some(by), limit: PAGE, ..EntryFilter::default() };
    let (mut tally, mut read) = (Tally::default(), 0);
    loop {
        let page = store::entries::list(q, &filter)?;
        for Recorded { entry, .. } in &page {
            if entry.at.is_before(from) {
                return Ok((tally, true));
            }
            tally.note(entry);
        }
        read += page.len();
        let last = page.last().and_then(|recorded| recorded.index);
        match last {
            Some(index) if page.len() == PAGE as usize && read < MOST => filter.before = Some(index),
            _ => return Ok((tally, page.len() < PAGE as usize)),
        }
    }
}
