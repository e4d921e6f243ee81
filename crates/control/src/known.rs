//! What the control plane knows of the resources that a question is about.
//!
//! Read in the transaction that asks, by one lookup for each pipeline and one more for its owner, so no replica answers
//! from what it remembers. Deliberately absent: resources of other kinds, of which nothing is kept.

use std::collections::BTreeMap;

use domain::Instant;
use domain::account::AccountName;
use domain::pipeline::PipelineName;
use policy::KnownResource;
use store::Query;

use crate::Error;

/// Of those of these resources that are restricted; of others there is nothing to know.
pub(crate) fn of<'a>(
    q: &mut dyn Query,
    resources: impl Iterator<Item = &'a str>,
    now: Instant,
) -> Result<BTreeMap<String, KnownResource>, Error> {
    let mut all = BTreeMap::new();
    for resource in resources {
        let Some(name) = resource.strip_prefix("pipeline:").and_then(|name| name.parse::<PipelineName>().ok()) else {
            continue;
        };
        if let Some(found) = store::pipelines::get(q, &name)? {
            let pipeline = found.value;
            let trusted = pipeline.owner.as_ref().map(|owner| trusted_by(q, owner, now)).transpose()?;
            let known = KnownResource {
                allowed_accounts: pipeline.allowed_accounts.map(|names| texts(&names)),
                max_duration_seconds: pipeline.max_duration_seconds,
                owner: pipeline.owner.map(|name| name.to_string()),
                trusted: trusted.unwrap_or_default(),
                workspace: pipeline.workspace,
                widens: None,
            };
            all.insert(resource.to_owned(), known);
        }
    }
    Ok(all)
}

/// Whom an account trusts, while it may act itself: trust ends with whoever gives it.
fn trusted_by(q: &mut dyn Query, owner: &AccountName, now: Instant) -> Result<Vec<String>, Error> {
    let owner = store::accounts::get(q, owner)?;
    let acting = owner.filter(|owner| owner.active && owner.expires_at.is_none_or(|end| now.is_before(end)));
    Ok(acting.map(|owner| texts(&owner.trusts)).unwrap_or_default())
}

fn texts(names: &[AccountName]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
