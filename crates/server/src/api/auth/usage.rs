//! `/api/v1/auth/service-accounts/{name}/usage`.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use contract::policies::NarrowerGrant;
use contract::usage::{AccountUsage, CredentialUse, ScopeStanding, ScopeUse, UsageFilter, UsageProposal, Used};
use control::usage::{Proposal, Standing, Usage, Use};
use domain::credential::Credential;

use crate::api::PathText;
use crate::app::{App, Authenticated};
use crate::body::StrictQuery;
use crate::problem::Refusal;

/// How far back it is looked where nobody says.
const DAYS: u32 = 90;
/// The most resources that are named.
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
    let Usage { account, from, until, complete, tally, scopes, credentials, proposal } = usage;
    let mut resources = most_first(tally.resources);
    resources.truncate(RESOURCES);
    AccountUsage {
        account,
        from,
        until,
        complete,
        decisions: tally.decisions,
        scopes: scopes.into_iter().map(scope).collect(),
        resources,
        environments: most_first(tally.environments),
        workspaces: most_first(tally.workspaces),
        credentials: credentials.into_iter().map(credential).collect(),
        proposal: proposal.map(proposed),
    }
}

fn scope(found: control::usage::ScopeUse) -> ScopeUse {
    ScopeUse {
        scope: found.scope,
        use_of: match found.standing {
            Standing::Used => ScopeStanding::Used,
            Standing::Unused => ScopeStanding::Unused,
            Standing::Unknown => ScopeStanding::Unknown,
        },
        times: found.used.times,
        last_used_at: found.used.last,
        sentence: found.sentence,
    }
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
