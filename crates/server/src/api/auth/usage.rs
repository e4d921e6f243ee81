//! `/api/v1/auth/service-accounts/{name}/usage`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use contract::policies::NarrowerGrant;
use contract::usage::{AccountUsage, CredentialUse, ReachUse, ScopeUse, UsageFilter, UsageProposal, UseStanding, Used};
use control::usage::{Proposal, Reach, Standing, Usage, Use};
use domain::credential::Credential;

use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictQuery;
use crate::problem::Refusal;

/// How far back it is looked where nobody says.
const DAYS: u32 = 90;
/// The most resources that are named, beside those that are granted by name.
const RESOURCES: usize = 200;

pub(crate) async fn get(
    State(app): State<App>,
    Authenticated(caller): Authenticated,
    PathText(name): PathText,
    StrictQuery(filter): StrictQuery<UsageFilter>,
) -> Result<Json<AccountUsage>, Refusal> {
    let days = filter.days.unwrap_or(DAYS);
    app.run(move |control| control.account_usage(&caller, &name, days)).await.map(|usage| Json(shown(usage)))
}

fn shown(usage: Usage) -> AccountUsage {
    let Usage { account, from, until, complete, tally, scopes, resources, workspaces, credentials, proposal } = usage;
    let reach = |found: Vec<Reach>| found.into_iter().map(|found| reached(found, complete)).collect();
    AccountUsage {
        account,
        from,
        until,
        complete,
        decisions: tally.decisions,
        scopes: scopes.into_iter().map(scope).collect(),
        resources: reach(named(resources)),
        environments: most_first(tally.environments),
        workspaces: reach(workspaces),
        credentials: credentials.into_iter().map(credential).collect(),
        proposal: proposal.map(proposed),
    }
}

fn scope(found: control::usage::ScopeUse) -> ScopeUse {
    ScopeUse {
        scope: found.scope,
        use_of: match found.standing {
            Standing::Used => UseStanding::Used,
            Standing::Unused => UseStanding::Unused,
            Standing::Unknown => UseStanding::Unknown,
        },
        times: found.used.times,
        last_used_at: found.used.last,
        sentence: found.sentence,
    }
}

/// Those that are granted, and the first of the others.
fn named(resources: Vec<Reach>) -> Vec<Reach> {
    let mut others = 0;
    let is_named = |found: &Reach| {
        others += usize::from(!found.granted);
        found.granted || others <= RESOURCES
    };
    let mut resources = resources;
    resources.retain(is_named);
    resources
}

fn reached(found: Reach, complete: bool) -> ReachUse {
    let Reach { name, granted, used } = found;
    let use_of = match used.times {
        0 if complete => UseStanding::Unused,
        0 => UseStanding::Unknown,
        _ => UseStanding::Used,
    };
    ReachUse { name, granted, use_of, times: used.times, last_used_at: used.last }
}

fn most_first(uses: BTreeMap<String, Use>) -> Vec<Used> {
    let seen = |(name, found): (String, Use)| found.last.map(|at| Used { name, times: found.times, last_used_at: at });
    let mut all: Vec<_> = uses.into_iter().filter_map(seen).collect();
    all.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.name.cmp(&b.name)));
    all
}

fn credential(held: Credential) -> CredentialUse {
    CredentialUse {
        id: held.id,
        identifier: held.identifier,
        label: held.label,
        scopes: held.scopes,
        last_used_at: held.last_used_at,
        never_used: held.last_used_at.is_none(),
    }
}

fn proposed(found: Proposal) -> UsageProposal {
    let Proposal { principal, scopes, workspaces, removes, because } = found;
    UsageProposal { grant: NarrowerGrant { principal, scopes, workspaces }, removes, because }
}
