//! What must hold of a draft before anybody is asked to approve it, and again when it comes into force.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::binding::{Action, Command, Context, Resources};
use domain::id::DraftId;
use domain::policy::draft::digest_of_cases;
use domain::policy::publication::resource;
use domain::policy::{Content, Draft, PublishCommand};
use policy::{Engine, KnownResource, Question};
use serde_json::Value;
use store::policies::VersionFacts;
use store::{Query, Transaction};

use super::difference::Difference;
use super::{ENV, PUBLISH, PublishError, Publishing};
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
    /// How many cases of the set in force it does not have, as they are there.
    pub(super) dropped: usize,
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
        let (live, cases) = self.read(|q| {
            lockout::check(self, q, &engine)?;
            let cases = store::policies::live(q)?.map(|live| live.cases).unwrap_or_default();
            Ok::<_, Error>((self.live_engine(q)?, cases))
        })?;
        let dropped = cases.iter().filter(|case| !content.cases.contains(case)).count();
        let _turn = self.inner.proving.take().ok_or(Error::Busy("policy sets are being proved"))?;
        let proofs = self.proofs(&live, &engine, wanted.accept_unproved)?;
        let difference = self.difference(&live, &engine, draft.restores.is_some())?;
        Ok(Candidate { draft, content, proofs, difference, dropped })
    }
}

impl Candidate {
    /// The draft as the transaction reads it; refused if it, or what it is held against, is another by now.
    pub(super) fn unchanged(&self, tx: &mut Transaction<'_>) -> Result<Draft, Error> {
        let (known, content) = drafts::found(tx, self.draft.id)?;
        known.value.check_open()?;
        let same_base = known.value.base_version == self.draft.base_version;
        if !same_base || known.value.digest != self.draft.digest || content != self.content {
            return Err(PublishError::Changed { found: known.value.digest }.into());
        }
        check_base(&live(tx)?, &known.value)?;
        Ok(known.value)
    }

    /// Whether there is an invariant that nobody could prove.
    pub(super) fn is_on_trust(&self) -> bool {
        self.proofs["accepted_unproved"] == true
    }

    /// Publishing as a ticket binds it.
    pub(super) fn action(&self, on_trust: bool) -> Result<Action, Error> {
        let Draft { id: draft, digest, base_version: base, .. } = self.draft;
        let command = PublishCommand { draft, base, cases: digest_of_cases(&self.content.cases), on_trust };
        Ok(Action {
            env: ENV.into(),
            action: PUBLISH.into(),
            resources: Resources::parse([resource(digest)])?,
            context: Context::new(),
            command: Some(Command {
                argv: command.argv(),
                executable_digest: None,
                working_directory: "/".into(),
                environment: BTreeMap::new(),
                stdin_digest: None,
                image_digest: None,
            }),
        })
    }

    /// The question whether it may come into force, with what is known of the set.
    pub(super) fn known_to(&self, question: Question) -> Question {
        let known = KnownResource { widens: self.difference.widens, ..KnownResource::default() };
        let known = question.resources.iter().map(|resource| (resource.clone(), known.clone())).collect();
        Question { known, ..question }
    }

    /// What an approver reads beside the exact action, a sentence each.
    pub(super) fn found(&self) -> Vec<String> {
        let Draft { id, base_version: base, restores, .. } = &self.draft;
        let dropped = match self.dropped {
            0 => String::new(),
            1 => format!("; a test of version {base} is not among them"),
            many => format!("; {many} tests of version {base} are not among them"),
        };
        let tests = match self.content.cases.len() {
            1 => "1 test passes".to_owned(),
            many => format!("{many} tests pass"),
        };
        let mut found =
            vec![format!("It is policy draft {id}, made from version {base}."), format!("{tests}{dropped}.")];
        found.extend(restores.map(|version| format!("It brings version {version} back.")));
        if self.is_on_trust() {
            found.push("That it keeps every invariant is not proved, but taken on trust.".to_owned());
        }
        found.extend(self.difference.found());
        found
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
