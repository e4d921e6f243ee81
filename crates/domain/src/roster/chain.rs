//! Walking a roster forward from a version that is trusted.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::roster::{Roster, RosterError, SignedRoster};

/// The version that somebody trusts: what an executor keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// Which version.
    pub version: u32,
    /// Its digest.
    pub digest: Digest,
}

/// Roster versions 1 to n, each checked against the one before.
#[derive(Clone, Debug)]
pub struct Chain {
    versions: Vec<Roster>,
}

/// Why a chain is not to be trusted.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// There is no version at all.
    #[error("there is no roster: nobody can approve yet")]
    Empty,
    /// A version does not hold.
    #[error(transparent)]
    Version(#[from] RosterError),
    /// Another roster than the trusted one.
    #[error("roster version {version} is not the pinned one: pinned {pinned}, offered {offered}")]
    NotPinned {
        /// Which version.
        version: u32,
        /// What is trusted.
        pinned: Digest,
        /// What came.
        offered: Digest,
    },
    /// Older than what is trusted.
    #[error("the roster ends at version {offered}, but version {pinned} is pinned: versions were withheld")]
    Withheld {
        /// The trusted version.
        pinned: u32,
        /// The last that came.
        offered: u32,
    },
}

impl Chain {
    /// Checks versions 1 to n, in order.
    pub fn verify(signed: &[SignedRoster]) -> Result<Self, ChainError> {
        let (first, rest) = signed.split_first().ok_or(ChainError::Empty)?;
        let mut versions = vec![first.verify_first()?];
        for next in rest {
            let known = versions.last().ok_or(ChainError::Empty)?;
            versions.push(next.verify_next(known)?);
        }
        Ok(Self { versions })
    }

    /// Checks that the trusted version is among them, unchanged.
    pub fn check_pin(&self, pin: Pin) -> Result<(), ChainError> {
        let index = usize::try_from(pin.version).unwrap_or(usize::MAX).wrapping_sub(1);
        let roster = self
            .versions
            .get(index)
            .ok_or_else(|| ChainError::Withheld { pinned: pin.version, offered: self.latest().version })?;
        let offered = roster.digest();
        if offered == pin.digest {
            Ok(())
        } else {
            Err(ChainError::NotPinned { version: pin.version, pinned: pin.digest, offered })
        }
    }

    /// The newest version.
    ///
    /// # Panics
    /// Never: a chain has at least one version.
    #[must_use]
    pub fn latest(&self) -> &Roster {
        self.versions.last().expect("a chain is made with its first version")
    }

    /// All versions, oldest first.
    #[must_use]
    pub fn versions(&self) -> &[Roster] {
        &self.versions
    }

    /// A pin on the newest version.
    #[must_use]
    pub fn pin(&self) -> Pin {
        let latest = self.latest();
        Pin { version: latest.version, digest: latest.digest() }
    }
}
