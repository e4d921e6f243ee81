//! Least privilege: what an account was given, held against what its trail says that it used.
//!
//! Invariant: a scope is only ever proposed to go if its use would have left an entry, and none is there: every entry since
//! then is counted, however many there are. What leaves no trace is told to be unknown, and stays. Deliberately absent:
//! changing the account; that is an edit like any other.

mod count;
mod proposal;
mod reach;
mod tally;
#[cfg(test)]
mod tests;
pub mod traces;

use domain::Instant;
use domain::account::AccountName;
use domain::credential::{Credential, CredentialState};
use domain::principal::Principal;
use store::credentials::Filter;

use crate::authenticate::Caller;
use crate::{Control, Error};

pub use proposal::{Proposal, Standing};
pub use reach::Reach;
pub use tally::{Tally, Use};

/// The longest time that is looked back, in days.
pub const LONGEST: u32 = 366;
const DAY: u32 = 24 * 3600;

/// What an account used.
#[derive(Clone, Debug)]
pub struct Usage {
    /// The account.
    pub account: AccountName,
    /// Since when its trail was looked at.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// Whether all of it can be read. Otherwise nothing is told to be unused.
    pub complete: bool,
    /// What it used.
    pub tally: Tally,
    /// Each scope that it has, in their order.
    pub scopes: Vec<ScopeUse>,
    /// The resources that it asked about or that are granted to it by name, most often first.
    pub resources: Vec<Reach>,
    /// The workspaces that it was let act in or that it is bound to, most often first.
    pub workspaces: Vec<Reach>,
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
            let is_younger = asked.is_before(account.created_at);
            let (from, time) = if is_younger {
                (account.created_at, "since the account was made".to_owned())
            } else {
                (asked, format!("in {days} days"))
            };
            let tally = count::tally(q, &Principal::ServiceAccount(name.clone()), from)?;
            let complete = tally.unread == 0;
            let held = Filter { holder: Some(Principal::ServiceAccount(name.clone())), ..Filter::default() };
            let works =
                |held: &Credential| matches!(held.state(until), CredentialState::Active | CredentialState::Overlapping);
            let credentials = store::credentials::list(q, &held)?.into_iter().filter(works).collect();
            let outline = engine.outline();
            let actions: Vec<_> = outline.actions.iter().map(|action| action.name.as_str()).collect();
            let scopes = proposal::scopes(&account, &tally, &actions, complete, &time);
            let proposal = proposal::of(&account, &tally, &scopes, complete, &time);
            let resources = reach::resources(&account, &store::pipelines::list(q)?, &tally);
            let workspaces = reach::workspaces(&account, &tally);
            Ok(Usage {
                account: name,
                from,
                until,
                complete,
                tally,
                scopes,
                resources,
                workspaces,
                credentials,
                proposal,
            })
        })
    }
}
