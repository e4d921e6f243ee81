//! A rotation as a drawing: until when the old one goes on, since when the new one does.

use contract::credentials::Credential;
use domain::Instant;

use crate::output::prose;
use crate::when;

/// Three lines under a heading, at most 80 columns wide unless names are long.
pub(super) fn draw(old: &Credential, new: &Credential, now: Instant) -> String {
    let (ends, until) = (when::both(old.expires_at, now), when::both(new.expires_at, now));
    let names = format!("old is {}, new is {}", prose(&old.identifier), prose(&new.identifier));
    if !now.is_before(old.expires_at) {
        return format!(
            "{names}\n\n\
             old   =====|                    ended {}\n\
             new        |================>   until {until}",
            when::absolute(old.expires_at),
        );
    }
    let shared = when::length(old.expires_at.seconds_since(old.rotated_at.unwrap_or(now)));
    format!(
        "{names}\n\n\
         old   =====|========|           ends {ends}\n\
         both       |--------|           {shared}: give programs the new secret meanwhile\n\
         new        |================>   until {until}"
    )
}
