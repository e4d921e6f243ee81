//! The accounts room: what an account was given and used, and a narrower grant for it.

use contract::access::ServiceAccount;
use contract::policies::NarrowerGrant;
use contract::usage::AccountUsage;
use domain::Digest;
use domain::account::AccountName;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::ipc::Failure;

/// An account with its usage.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub(crate) struct UsagePage {
    /// The account as it was before its usage was read.
    pub account: ServiceAccount,
    /// Its `ETag`.
    pub tag: String,
    /// What it used.
    pub usage: AccountUsage,
}

/// A narrower grant to be applied, with what it was replayed on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub(crate) struct NarrowAccount {
    /// The account.
    pub name: AccountName,
    /// What it is to hold.
    pub grant: NarrowerGrant,
    /// The `ETag` of the account.
    pub tag: String,
    /// The digest of the policies in force.
    pub policy_set: Digest,
}

/// What a replay of a grant is a result of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LookedAt {
    /// The `ETag` of the account.
    pub tag: String,
    /// The digest of the policies in force.
    pub policy_set: Digest,
}

impl LookedAt {
    /// Fails if it is not what the replay was made on. The code is `console.stale`.
    pub(crate) fn still(&self, replayed: &Self) -> Result<(), Failure> {
        if self.tag != replayed.tag {
            return Err(Failure::new("stale", "the account was changed since the replay; replay it again"));
        }
        if self.policy_set != replayed.policy_set {
            return Err(Failure::new("stale", "other policies are in force than at the replay; replay it again"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_applied_to_what_it_was_replayed_on_and_to_nothing_else() {
        let replayed = LookedAt { tag: "\"7\"".into(), policy_set: Digest::of_content(b"a") };
        assert_eq!(replayed.still(&replayed), Ok(()));
        let changed = LookedAt { tag: "\"8\"".into(), ..replayed.clone() };
        assert!(changed.still(&replayed).unwrap_err().detail.contains("the account"));
        let moved = LookedAt { policy_set: Digest::of_content(b"b"), ..replayed.clone() };
        let stale = moved.still(&replayed).unwrap_err();
        assert_eq!(stale.code, "console.stale");
        assert!(stale.detail.contains("policies"));
    }
}
