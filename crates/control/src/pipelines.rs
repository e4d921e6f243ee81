//! What restricts pipelines: which accounts may run one, for how long, and whose it is.
//!
//! A caller who is bound to workspaces sees and changes only what is in them; the rest is not there.

use domain::account::AccountName;
use domain::event::{Event, Kind};
use domain::pipeline::{Pipeline, PipelineName};
use serde_json::json;
use store::{Query, Revised};

use crate::accounts::MOST;
use crate::authenticate::Caller;
use crate::{Control, Error};

/// The longest that a pipeline may be let run, in seconds: 30 days.
const LONGEST: u32 = 30 * 24 * 3600;

/// What is to restrict a pipeline from now on.
#[derive(Clone, Debug, Default)]
pub struct Restriction {
    /// The accounts that may run it; any that otherwise may, if absent.
    pub allowed_accounts: Option<Vec<String>>,
    /// How long it may run, in seconds.
    pub max_duration_seconds: Option<u32>,
    /// The account that it belongs to.
    pub owner: Option<String>,
    /// The workspace that it is in.
    pub workspace: Option<String>,
}

impl Control {
    /// Every pipeline that the caller may see, by name.
    pub fn pipelines(&self, caller: &Caller) -> Result<Vec<Pipeline>, Error> {
        caller.require("pipelines:read")?;
        let all = self.read(|q| Ok(store::pipelines::list(q)?))?;
        Ok(all.into_iter().filter(|pipeline| within(caller, pipeline)).collect())
    }

    /// One pipeline with its revision.
    pub fn pipeline(&self, caller: &Caller, name: &str) -> Result<Revised<Pipeline>, Error> {
        caller.require("pipelines:read")?;
        let name = named(name)?;
        let known = self.read(|q| Ok(store::pipelines::get(q, &name)?))?;
        known.filter(|known| within(caller, &known.value)).ok_or_else(|| absent(&name))
    }

    /// Restricts a pipeline anew. Gives whether it was not restricted before. `expected` are the revisions that the caller
    /// may have read; absent means any, or none.
    pub fn restrict_pipeline(
        &self,
        caller: &Caller,
        name: &str,
        new: Restriction,
        expected: Option<Vec<i64>>,
    ) -> Result<(Revised<Pipeline>, bool), Error> {
        caller.require("pipelines:write")?;
        let name: PipelineName = name.parse().map_err(|error| Error::invalid("name", error))?;
        if new.max_duration_seconds.is_some_and(|seconds| !(1..=LONGEST).contains(&seconds)) {
            return Err(Error::invalid("max_duration_seconds", format!("1 to {LONGEST}")));
        }
        let caller = caller.clone();
        self.write(move |control, mut tx| {
            let old = store::pipelines::get(&mut tx, &name)?;
            let there = old.as_ref().map_or_else(|| ours(&caller, &name), |old| within(&caller, &old.value));
            if !there {
                return Err(absent(&name));
            }
            let revision = old.as_ref().map(|old| old.revision);
            if expected.as_ref().is_some_and(|known| revision.is_none_or(|revision| !known.contains(&revision))) {
                return Err(Error::Stale);
            }
            let now = control.now();
            let pipeline = Pipeline {
                name: name.clone(),
                allowed_accounts: new.allowed_accounts.as_ref().map(|names| there_are(&mut tx, names)).transpose()?,
                max_duration_seconds: new.max_duration_seconds,
                owner: new.owner.as_ref().map(|name| there_is(&mut tx, "owner", name)).transpose()?,
                workspace: workspace(&caller, new.workspace.as_deref())?,
                created_at: old.as_ref().map_or(now, |old| old.value.created_at),
            };
            let fresh = old.is_none();
            match old {
                Some(old) if old.value == pipeline => return Ok((old, false)),
                Some(_) => store::pipelines::update(&mut tx, &pipeline)?,
                None => store::pipelines::insert(&mut tx, &pipeline)?,
            }
            let data = json!({
                "allowed_accounts": pipeline.allowed_accounts,
                "max_duration_seconds": pipeline.max_duration_seconds,
                "owner": pipeline.owner,
                "workspace": pipeline.workspace,
            });
            let event = Event::new(now, Kind::PipelineChanged).by(&caller.principal);
            tx.commit(event.about(format_args!("pipeline:{name}")).with(data))?;
            Ok((Revised { value: pipeline, revision: revision.unwrap_or(0) + 1 }, fresh))
        })
    }
}

fn named(text: &str) -> Result<PipelineName, Error> {
    text.parse().map_err(|_| absent(text.chars().take(100).collect::<String>()))
}

fn absent(name: impl std::fmt::Display) -> Error {
    Error::not_found(format_args!("pipeline `{name}`"))
}

fn within(caller: &Caller, pipeline: &Pipeline) -> bool {
    let own = |workspace| caller.require_workspace(workspace).is_ok();
    caller.workspaces.is_empty() || pipeline.workspace.as_deref().is_some_and(own)
}

/// Whether a pipeline that nobody restricted yet is in a workspace of the caller's: by the first part of its name, as
/// policy has it. Otherwise whoever is bound to one could draw any pipeline into it.
fn ours(caller: &Caller, name: &PipelineName) -> bool {
    let text = name.to_string();
    caller.workspaces.is_empty()
        || text.split_once('/').is_some_and(|(first, _)| caller.require_workspace(first).is_ok())
}

fn workspace(caller: &Caller, name: Option<&str>) -> Result<Option<String>, Error> {
    let names: Vec<_> = name.map(str::to_owned).into_iter().collect();
    let plain = crate::accounts::workspaces(caller, &names).map_err(|error| match error {
        Error::Invalid { problem, .. } => Error::Invalid { field: "workspace", problem },
        error => error,
    })?;
    Ok(plain.into_iter().next())
}

fn there_are(q: &mut dyn Query, names: &[String]) -> Result<Vec<AccountName>, Error> {
    if names.len() > MOST {
        return Err(Error::invalid("allowed_accounts", format!("at most {MOST}")));
    }
    let mut all = names.iter().map(|name| there_is(q, "allowed_accounts", name)).collect::<Result<Vec<_>, _>>()?;
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn there_is(q: &mut dyn Query, field: &'static str, name: &str) -> Result<AccountName, Error> {
    let name: AccountName = name.parse().map_err(|error| Error::invalid(field, error))?;
    match store::accounts::get(q, &name)? {
        Some(_) => Ok(name),
        None => Err(Error::invalid(field, format!("there is no service account `{name}`"))),
    }
}
