//! What the owner of a webhook may read now.

use domain::Instant;
use domain::principal::Principal;
use store::Query;

use crate::Error;

/// Whether the owner is there, active, and holds the scope. Nobody whose rights are not kept here has any.
pub(super) fn owner_may(q: &mut dyn Query, owner: &Principal, scope: &str, now: Instant) -> Result<bool, Error> {
    Ok(match owner {
        Principal::User(id) => {
            store::users::get(q, *id)?.is_some_and(|user| user.active && user.scopes.contains(scope))
        }
        Principal::ServiceAccount(name) => store::accounts::get(q, name)?.is_some_and(|account| {
            let alive = account.expires_at.is_none_or(|end| now.is_before(end));
            account.active && alive && account.scopes.contains(scope)
        }),
        Principal::Federated(_) => false,
    })
}
