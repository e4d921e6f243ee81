//! Drafts: made, changed, given up. Publishing one is a use case of its own.
//!
//! Invariant: what is kept compiles, and is no larger than a set may be. Nothing that was kept vanishes: a draft that was
//! given up or published stays as it was then.

use std::sync::Arc;

use domain::event::{Event, Kind};
use domain::id::{DraftId, TicketId};
use domain::policy::draft::TITLE_MAX;
use domain::policy::{AskedFor, Case, Content, Draft, DraftState};
use policy::{Engine, PolicySource};
use serde_json::json;
use store::{Query, Revised, Transaction};

use crate::authenticate::Caller;
use crate::{Control, Error};

/// The scopes.
pub(crate) const READ: &str = "policies:read";
pub(crate) const WRITE: &str = "policies:write";

/// What a new draft is made of; what is absent is as in the set in force.
#[derive(Clone, Debug, Default)]
pub struct NewDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: Option<PolicySource>,
    /// The cases.
    pub cases: Option<Vec<Case>>,
    /// Instead of both: those of this version.
    pub restores: Option<u32>,
}

/// What a draft is from now on.
#[derive(Clone, Debug)]
pub struct ChangedDraft {
    /// What it is for.
    pub title: String,
    /// The texts.
    pub texts: PolicySource,
    /// The cases.
    pub cases: Vec<Case>,
    /// The version that it is held against; what it was before, if absent.
    pub base_version: Option<u32>,
}

/// A draft with what is known beside it.
#[derive(Clone, Debug)]
pub struct DraftRow {
    /// The draft.
    pub draft: Draft,
    /// Whether another version came into force since.
    pub stale: bool,
    /// The ticket that waits for its publication, or was spent for it.
    pub ticket: Option<TicketId>,
}

/// A draft with its content.
#[derive(Clone, Debug)]
pub struct DraftView {
    /// What the list says of it.
    pub row: DraftRow,
    /// Its texts and cases.
    pub content: Content,
    /// How often it was changed, plus one.
    pub revision: i64,
}

impl Control {
    /// Drafts, newest first, and where the next page begins.
    pub fn drafts(
        &self,
        caller: &Caller,
        before: Option<DraftId>,
        limit: u32,
    ) -> Result<(Vec<DraftRow>, Option<DraftId>), Error> {
        caller.require(READ)?;
        self.read(|q| {
            let drafts = store::policy_drafts::list(q, before, limit)?;
            let full = drafts.len() == usize::try_from(limit).unwrap_or(usize::MAX);
            let next = drafts.last().filter(|_| full).map(|draft| draft.id);
            Ok((drafts.into_iter().map(|draft| self.row(q, draft)).collect::<Result<_, _>>()?, next))
        })
    }

    /// One draft, for those who read drafts and those who write them.
    pub fn draft(&self, caller: &Caller, id: DraftId) -> Result<DraftView, Error> {
        caller.require(WRITE).or_else(|_| caller.require(READ))?;
        self.read(|q| {
            let (known, content) = found(q, id)?;
            Ok(DraftView { row: self.row(q, known.value)?, content, revision: known.revision })
        })
    }

    /// Makes a draft, held against the set in force.
    #[expect(clippy::needless_pass_by_value, reason = "the caller has no use for it afterwards")]
    pub fn create_draft(&self, caller: &Caller, new: NewDraft) -> Result<DraftId, Error> {
        caller.require(WRITE)?;
        if new.restores.is_some() && (new.texts.is_some() || new.cases.is_some()) {
            return Err(Error::invalid(
                "restores",
                "a draft that brings a version back has its texts; leave out the others",
            ));
        }
        let (base, content) = self.read(|q| beginning(q, &new))?;
        let engine = self.compiled(&content)?;
        let title = match (new.title.trim(), new.restores) {
            ("", Some(version)) => format!("Bring back version {version}"),
            ("", None) => format!("Draft of version {base}"),
            (title, _) => titled(title)?,
        };
        let (caller, restores, digest) = (caller.clone(), new.restores, engine.digest());
        self.write(move |control, mut tx| {
            if let Some(known) = caller.repeats(&mut tx)? {
                return known.parse().map_err(|error| Error::Internal(format!("{error}")));
            }
            let now = control.now();
            let draft = Draft {
                id: DraftId::new(control.ids()),
                title: title.clone(),
                digest,
                base_version: base,
                restores,
                created_by: caller.principal.clone(),
                created_at: now,
                changed_at: now,
                asked: Vec::new(),
                state: DraftState::Open,
            };
            store::policy_drafts::insert(&mut tx, &draft, &content)?;
            caller.remember(control, &mut tx, &draft.id.to_string())?;
            tx.commit(event(control, Kind::DraftCreated, &caller, &draft, content.cases.len()))?;
            Ok(draft.id)
        })
    }

    /// Puts other texts and cases in the place of a draft's. `expected` are the revisions that the caller may have read;
    /// absent means any.
    pub fn change_draft(
        &self,
        caller: &Caller,
        id: DraftId,
        new: ChangedDraft,
        expected: Option<Vec<i64>>,
    ) -> Result<(), Error> {
        caller.require(WRITE)?;
        let title = titled(&new.title)?;
        let PolicySource { schema, policies, invariants } = new.texts;
        let content = Content { schema, policies, invariants, cases: new.cases };
        let digest = self.compiled(&content)?.digest();
        let (caller, base) = (caller.clone(), new.base_version);
        self.write(move |control, mut tx| {
            let known = expected_draft(&mut tx, id, expected.as_deref())?;
            let before = store::policy_drafts::content(&mut tx, id)?;
            if let Some(base) = base {
                let live = live_version(&mut tx)?;
                if !(1..=live).contains(&base) {
                    return Err(Error::invalid(
                        "base_version",
                        format!("there is no version {base}; {live} is in force"),
                    ));
                }
            }
            let base = base.unwrap_or(known.base_version);
            let other_cases = before.is_none_or(|before| before.cases != content.cases);
            let (draft, moot) = known.change(title.clone(), digest, base, other_cases, control.now())?;
            store::policy_drafts::replace(&mut tx, &draft, &content)?;
            let mut events = vec![event(control, Kind::DraftChanged, &caller, &draft, content.cases.len())];
            events.extend(control.call_off_all(&mut tx, &caller, &moot, &format!("{id} was changed"))?);
            Ok(tx.commit_all(events)?)
        })
    }

    /// Gives a draft up. It stays as it is.
    pub fn discard_draft(&self, caller: &Caller, id: DraftId, expected: Option<Vec<i64>>) -> Result<(), Error> {
        caller.require(WRITE)?;
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let known = expected_draft(&mut tx, id, expected.as_deref())?;
            let cases = store::policy_drafts::content(&mut tx, id)?.map_or(0, |content| content.cases.len());
            let draft = known.discard(caller.principal.clone(), control.now())?;
            store::policy_drafts::update(&mut tx, &draft)?;
            let mut events = vec![event(control, Kind::DraftDiscarded, &caller, &draft, cases)];
            events.extend(control.call_off_all(&mut tx, &caller, &draft.asked, &format!("{id} was discarded"))?);
            Ok(tx.commit_all(events)?)
        })
    }

    /// Ends the tickets that were for what a draft was: nobody shall decide about what cannot come into force.
    fn call_off_all(
        &self,
        tx: &mut Transaction<'_>,
        caller: &Caller,
        asked: &[AskedFor],
        why: &str,
    ) -> Result<Vec<Event>, Error> {
        let by = &caller.principal;
        let reason = format!("policy draft {why} by {by}");
        let ended = asked.iter().map(|asked| self.call_off(tx, asked.ticket, by, &reason));
        Ok(ended.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// The engine of a content, which is refused if it is too large or does not hold together.
    pub(crate) fn compiled(&self, content: &Content) -> Result<Arc<Engine>, Error> {
        content.check()?;
        self.inner.passing.engine(source(content.clone()))
    }

    fn row(&self, q: &mut dyn Query, draft: Draft) -> Result<DraftRow, Error> {
        let stale = draft.state == DraftState::Open && live_version(q)? != draft.base_version;
        let ticket = match &draft.state {
            DraftState::Published { ticket, .. } => *ticket,
            DraftState::Discarded { .. } => None,
            DraftState::Open => match draft.ticket(None) {
                Some(id) => {
                    let known = store::tickets::get(q, id)?;
                    known.filter(|known| known.value.clone().at(self.now()).state.is_open()).map(|_| id)
                }
                None => None,
            },
        };
        Ok(DraftRow { draft, stale, ticket })
    }
}

/// A draft's id as a text, or that there is no such draft.
pub(crate) fn named(id: &str) -> Result<DraftId, Error> {
    let absent = || Error::not_found(format_args!("policy draft `{}`", id.chars().take(40).collect::<String>()));
    id.parse().map_err(|_| absent())
}

/// A draft with its content.
pub(crate) fn found(q: &mut dyn Query, id: DraftId) -> Result<(Revised<Draft>, Content), Error> {
    let known = store::policy_drafts::get(q, id)?.zip(store::policy_drafts::content(q, id)?);
    known.ok_or_else(|| Error::not_found(format_args!("policy draft {id}")))
}

/// Its texts.
pub(crate) fn source(content: Content) -> PolicySource {
    let Content { schema, policies, invariants, cases: _ } = content;
    PolicySource { schema, policies, invariants }
}

/// The number of the version in force.
pub(crate) fn live_version(q: &mut dyn Query) -> Result<u32, Error> {
    let live = store::policies::live_facts(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
    Ok(live.version)
}

fn expected_draft(q: &mut dyn Query, id: DraftId, expected: Option<&[i64]>) -> Result<Draft, Error> {
    let known = store::policy_drafts::get(q, id)?;
    let known = known.ok_or_else(|| Error::not_found(format_args!("policy draft {id}")))?;
    if expected.is_some_and(|expected| !expected.contains(&known.revision)) {
        return Err(Error::Stale);
    }
    Ok(known.value)
}

/// The version that a new draft is held against, and what it begins with.
fn beginning(q: &mut dyn Query, new: &NewDraft) -> Result<(u32, Content), Error> {
    let live = store::policies::live(q)?.ok_or_else(|| Error::not_found("policy set in force"))?;
    let base = live.version;
    let from = match new.restores {
        None => live,
        Some(version) => store::policies::get(q, version)?
            .ok_or_else(|| Error::invalid("restores", format!("there is no version {version}; {base} is in force")))?,
    };
    let PolicySource { schema, policies, invariants } =
        new.texts.clone().unwrap_or_else(|| super::subject::texts(&from));
    let cases = new.cases.clone().unwrap_or(from.cases);
    Ok((base, Content { schema, policies, invariants, cases }))
}

fn titled(title: &str) -> Result<String, Error> {
    let title = title.trim();
    if (1..=TITLE_MAX).contains(&title.len()) {
        return Ok(title.to_owned());
    }
    Err(Error::invalid("title", format!("say what it is for in 1 to {TITLE_MAX} bytes")))
}

fn event(control: &Control, kind: Kind, caller: &Caller, draft: &Draft, cases: usize) -> Event {
    let data = json!({
        "title": draft.title,
        "digest": draft.digest,
        "base_version": draft.base_version,
        "restores": draft.restores,
        "cases": cases,
    });
    Event::new(control.now(), kind).by(&caller.principal).about(draft.id).with(data)
}
