//! A pipeline's manifest made true. What it does not mention does not restrict.

use client::api::Tagged;
use contract::Code;
use contract::pipelines::RestrictPipeline;
use domain::account::AccountName;
use domain::pipeline::Pipeline;

use super::changes::Changes;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::manifest::PipelineManifest;

pub(super) async fn apply(connection: &Connection, manifest: &PipelineManifest, dry_run: bool) -> Result<(), Failure> {
    let PipelineManifest { name, auth } = manifest;
    let known = match connection.api.pipeline(name).await {
        Ok(known) => Some(known),
        Err(error) if error.code() == Some(Code::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    let names = |names: &Vec<AccountName>| {
        let mut names: Vec<_> = names.iter().map(ToString::to_string).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    let wanted = RestrictPipeline {
        allowed_accounts: auth.allowed_accounts.as_ref().map(names),
        max_duration_seconds: auth.seconds().map_err(Failure::usage)?,
        owner: auth.owner.as_ref().map(ToString::to_string),
        workspace: auth.workspace.clone(),
    };
    let changes = compare(&format!("pipeline {name}"), known.as_ref(), &wanted);
    if !dry_run && !changes.is_empty() {
        let tag = known.as_ref().map(|known| known.tag.as_str());
        connection.api.restrict_pipeline(name, &wanted, tag).await?;
    }
    changes.print(connection.out, dry_run)
}

fn compare(what: &str, known: Option<&Tagged<Pipeline>>, wanted: &RestrictPipeline) -> Changes {
    let old = known.map(|known| &known.value);
    let mut changes = Changes::of(what.to_owned(), old.is_none());
    changes.field("allowedAccounts", old.map(|old| &old.allowed_accounts), &wanted.allowed_accounts);
    changes.field("maxDuration", old.map(|old| old.max_duration_seconds), wanted.max_duration_seconds);
    changes.field("owner", old.map(|old| &old.owner), &wanted.owner);
    changes.field("workspace", old.map(|old| &old.workspace), &wanted.workspace);
    changes
}
