//! What is known of resources: the restrictions of pipelines.

use std::collections::BTreeMap;

use domain::binding::Resources;
use domain::pipeline::{Pipeline, PipelineName};
use policy::KnownResource;
use store::Query;

use crate::Error;

/// The kind of resource that can be restricted.
pub(crate) const PIPELINE: &str = "pipeline";

/// What is known of each; what nobody restricted is not in it.
pub(crate) fn of(q: &mut dyn Query, resources: &Resources) -> Result<BTreeMap<String, KnownResource>, Error> {
    let mut known = BTreeMap::new();
    for resource in resources.iter() {
        let name = resource.split_once(':').filter(|(kind, _)| *kind == PIPELINE).map(|(_, name)| name);
        let Some(name) = name.and_then(|name| name.parse::<PipelineName>().ok()) else { continue };
        if let Some(found) = store::pipelines::get(q, &name)? {
            known.insert(resource.to_owned(), restriction(q, found.value)?);
        }
    }
    Ok(known)
}

/// A pipeline's restrictions as policies read them. Whom its owner trusts counts while the owner is active.
pub(crate) fn restriction(q: &mut dyn Query, pipeline: Pipeline) -> Result<KnownResource, Error> {
    let trusted = match &pipeline.owner {
        Some(owner) => {
            store::accounts::get(q, owner)?.filter(|owner| owner.active).map(|owner| owner.trusts).unwrap_or_default()
        }
        None => Vec::new(),
    };
    let named = |names: Vec<domain::account::AccountName>| names.iter().map(ToString::to_string).collect();
    Ok(KnownResource {
        allowed_accounts: pipeline.allowed_accounts.map(named),
        max_duration_seconds: pipeline.max_duration_seconds,
        owner: pipeline.owner.as_ref().map(ToString::to_string),
        trusted: named(trusted),
        workspace: pipeline.workspace,
        widens: None,
    })
}
