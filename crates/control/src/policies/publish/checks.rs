//! What must hold of a draft before anybody is asked to approve it, and again when it comes into force.

use std::sync::Arc;

use domain::id::DraftId;
use domain::policy::{Content, Draft};
use policy::{Engine, KnownResource, Question};
use serde_json::Value;
use store::policies::VersionFacts;
use store::{Query, Transaction};

use super::difference::Difference;
use super::{PublishError, Publishing};
use crate::policies::{drafts, lockout};
use crate::{Control, Error};

/// A draft that may come into force, as it was when it was looked at.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) draft: Draft,
    pub(super) content: Content,
    /// What was proved of it, for the entry.
    pub(super) proofs: Value,
    pub(super) difference: Difference,
}

impl Control {
    /// Everything that can be told without writing. Its tests are run and its invariants proved here.
    pub(super) fn candidate(&self, id: DraftId, wanted: &Publishing) -> Result<Candidate, Error> {
        let (draft, content) = self.read(|q| {
            let (known, content) = drafts::found(q, id)?;
            let draft = known.value;
            check(q, &draft, wanted)?;
            Ok::<_, Error>((draft, content))
        })?;
        let engine = self.compiled(&content)?;
        test(&engine, &content)?;
        let live = self.read(|q| {
            lockout::check(self, q, &engine)?;
            self.live_engine(q)
        })?;
        let _turn = self.inner.proving.take().ok_or(Error::Busy("policy sets are being proved"))?;
        let proofs = self.proofs(&live, &engine, wanted.accept_unproved)?;
        let difference = self.difference(&live, &engine, draft.restores.is_some())?;
        Ok(Candidate { draft, content, proofs, difference })
    }
}

impl Candidate {
    /// The draft as the transaction reads it; refused if it, or what it is held against, is another by now.
    pub(super) fn unchanged(&self, tx: &mut Transaction<'_>) -> Result<Draft, Error> {
        let (known, content) = drafts::found(tx, self.draft.id)?;
        known.value.check_open()?;
        if known.value.digest != self.draft.digest || content != self.content {
            return Err(PublishError::Changed { found: known.value.digest }.into());
        }
        check_base(&live(tx)?, &known.value)?;
        Ok(known.value)
    }

    /// The question whether it may come into force, with what is known of the set.
    pub(super) fn known_to(&self, question: Question) -> Question {
        let known = KnownResource { widens: self.difference.widens, ..KnownResource::default() };
        let known = question.resources.iter().map(|resource| (resource.clone(), known.clone())).collect();
        Question { known, ..question }
    }

    /// What an approver reads first.
    pub(super) fn description(&self) -> String {
        let Draft { id, base_version, restores, .. } = &self.draft;
        let brings = restores.map(|version| format!(" It brings version {version} back.")).unwrap_or_default();
        let on_trust = self.proofs["accepted_unproved"] == true;
        let trust = if on_trust { " That it keeps every invariant is not proved, but taken on trust." } else { "" };
        let cases = self.content.cases.len();
        let widens = self.difference.description();
        format!("Policy draft {id}, made from version {base_version}. {cases} tests pass.{brings}{trust} {widens}")
    }
}

fn check(q: &mut dyn Query, draft: &Draft, wanted: &Publishing) -> Result<(), Error> {
    draft.check_open()?;
    if draft.digest != wanted.digest {
        return Err(PublishError::Changed { found: draft.digest }.into());
    }
    check_base(&live(q)?, draft)
}

fn live(q: &mut dyn Query) -> Result<VersionFacts, Error> {
    store::policies::live_facts(q)?.ok_or_else(|| Error::not_found("policy set in force"))
}

fn check_base(live: &VersionFacts, draft: &Draft) -> Result<(), Error> {
    if live.version == draft.base_version {
        return Ok(());
    }
    let (base, at) = (draft.base_version, live.published_at);
    Err(PublishError::Stale { base, live: live.version, at }.into())
}

fn test(engine: &Arc<Engine>, content: &Content) -> Result<(), Error> {
    let failed: Vec<_> = engine.test(&content.cases).results.into_iter().filter(|result| !result.passed).collect();
    if failed.is_empty() { Ok(()) } else { Err(PublishError::TestsFail(failed).into()) }
}
