//! Drafts: policy sets that are being edited, and what may become of one.
//!
//! Transitions take the draft and give the next one, or say why not. The invariant: what was published or given up is
//! never edited again, and never lost. Whether its texts compile is not asked here.

use serde::{Deserialize, Serialize};

use crate::digest::{Digest, Purpose};
use crate::id::{DraftId, TicketId};
use crate::policy::case::Case;
use crate::principal::Principal;
use crate::time::Instant;

/// How long the three texts may be together, in bytes.
pub const TEXT_MAX: usize = 1 << 20;
/// How many cases a set may have.
pub const CASES_MAX: usize = 1000;
/// How long the cases may be as JSON, in bytes.
pub const CASES_BYTES_MAX: usize = 1 << 20;
/// How long a title may be, in bytes.
pub const TITLE_MAX: usize = 200;

/// What is edited and published: the texts in Cedar's own syntax, and the cases that they are tested with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// Entity types, actions and context.
    pub schema: String,
    /// The policies.
    pub policies: String,
    /// What every published set must keep.
    pub invariants: String,
    /// Questions with the answers that are expected.
    pub cases: Vec<Case>,
}

/// What is too large, with the field as requests call it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooMuch {
    /// The texts.
    #[error("schema, policies and invariants have {found} bytes together; at most {TEXT_MAX} are taken")]
    Text {
        /// How many bytes there are.
        found: usize,
    },
    /// The number of cases.
    #[error("{found} cases are given; at most {CASES_MAX} are taken")]
    Cases {
        /// How many there are.
        found: usize,
    },
    /// The length of the cases.
    #[error("the cases have {found} bytes as JSON; at most {CASES_BYTES_MAX} are taken")]
    CaseBytes {
        /// How many bytes there are.
        found: usize,
    },
    /// Two cases that cannot be told apart.
    #[error("two cases are called `{name}`; give each a name of its own")]
    Twins {
        /// The name, cut to 100 characters.
        name: String,
    },
}

impl TooMuch {
    /// The field that holds it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Text { .. } => "texts",
            Self::Cases { .. } | Self::CaseBytes { .. } | Self::Twins { .. } => "cases",
        }
    }
}

impl Content {
    /// Refuses what is larger than a set may be, before anybody parses it.
    pub fn check(&self) -> Result<(), TooMuch> {
        let found = self.schema.len() + self.policies.len() + self.invariants.len();
        if found > TEXT_MAX {
            return Err(TooMuch::Text { found });
        }
        check_cases(&self.cases)
    }
}

/// The digest of cases, in their order: an approval to publish binds it, as the digest of a set is of its texts alone.
#[must_use]
pub fn digest_of_cases(cases: &[Case]) -> Digest {
    Digest::of_canonical(Purpose::PolicyCases, &cases)
}

/// Refuses more cases than a set may have, and two of one name.
pub fn check_cases(cases: &[Case]) -> Result<(), TooMuch> {
    if cases.len() > CASES_MAX {
        return Err(TooMuch::Cases { found: cases.len() });
    }
    let found = serde_json::to_vec(cases).map_or(usize::MAX, |bytes| bytes.len());
    if found > CASES_BYTES_MAX {
        return Err(TooMuch::CaseBytes { found });
    }
    let mut names = std::collections::BTreeSet::new();
    match cases.iter().find(|case| !names.insert(&case.name)) {
        Some(twin) => Err(TooMuch::Twins { name: twin.name.chars().take(100).collect() }),
        None => Ok(()),
    }
}

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, specta::Type, schemars::JsonSchema)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum DraftState {
    /// It is being edited.
    Open,
    /// It was given up.
    Discarded {
        /// When.
        at: Instant,
        /// By whom.
        by: Principal,
    },
    /// It came into force.
    Published {
        /// When.
        at: Instant,
        /// By whom.
        by: Principal,
        /// As this version.
        version: u32,
        /// The ticket that was spent for it, if one was needed.
        ticket: Option<TicketId>,
    },
}

/// A ticket that was opened so that a draft could be published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedFor {
    /// The ticket.
    pub ticket: TicketId,
    /// The digest that it binds.
    pub digest: Digest,
    /// Whose it is.
    pub by: Principal,
}

/// A draft without its texts and cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// What it is for.
    pub title: String,
    /// The digest of its texts.
    pub digest: Digest,
    /// The version that it is held against.
    pub base_version: u32,
    /// The version that it brings back, if that is what it is for.
    pub restores: Option<u32>,
    /// Who made it.
    pub created_by: Principal,
    /// When.
    pub created_at: Instant,
    /// When it was last changed.
    pub changed_at: Instant,
    /// Tickets for its publication as it is now, oldest first.
    pub asked: Vec<AskedFor>,
    /// What became of it.
    pub state: DraftState,
}

/// Why a draft is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// It was given up.
    #[error("the draft was discarded; make another one")]
    Discarded,
    /// It is in force, or was.
    #[error("the draft was published as version {version}; make another one")]
    Published {
        /// As this version.
        version: u32,
    },
}

impl Draft {
    /// Refuses unless it is being edited.
    pub const fn check_open(&self) -> Result<(), DraftError> {
        match self.state {
            DraftState::Open => Ok(()),
            DraftState::Discarded { .. } => Err(DraftError::Discarded),
            DraftState::Published { version, .. } => Err(DraftError::Published { version }),
        }
    }

    /// Its texts are others now, or its cases, or what it is held against. What brings a version back with other texts than
    /// that version's brings nothing back. Gives the tickets that were for what it was: unless only its title is another.
    pub fn change(
        self,
        title: String,
        digest: Digest,
        base_version: u32,
        other_cases: bool,
        now: Instant,
    ) -> Result<(Self, Vec<AskedFor>), DraftError> {
        self.check_open()?;
        let same = !other_cases && self.digest == digest && self.base_version == base_version;
        let restores = self.restores.filter(|_| self.digest == digest);
        let (asked, moot) = if same { (self.asked, Vec::new()) } else { (Vec::new(), self.asked) };
        Ok((Self { title, digest, base_version, restores, asked, changed_at: now, ..self }, moot))
    }

    /// A ticket was opened for it as it is now.
    pub fn ask(mut self, ticket: TicketId, by: Principal) -> Result<Self, DraftError> {
        self.check_open()?;
        self.asked.push(AskedFor { ticket, digest: self.digest, by });
        Ok(self)
    }

    /// The newest ticket for what it is now; of one principal, if that is asked.
    #[must_use]
    pub fn ticket(&self, by: Option<&Principal>) -> Option<TicketId> {
        let fits = |asked: &&AskedFor| asked.digest == self.digest && by.is_none_or(|by| asked.by == *by);
        self.asked.iter().rev().find(fits).map(|asked| asked.ticket)
    }

    /// Gives it up.
    pub fn discard(mut self, by: Principal, now: Instant) -> Result<Self, DraftError> {
        self.check_open()?;
        self.state = DraftState::Discarded { at: now, by };
        Ok(self)
    }

    /// It came into force.
    pub fn publish(
        mut self,
        by: Principal,
        version: u32,
        ticket: Option<TicketId>,
        now: Instant,
    ) -> Result<Self, DraftError> {
        self.check_open()?;
        self.state = DraftState::Published { at: now, by, version, ticket };
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
