//! Where an account may act by name, held against where it acted.

use std::collections::BTreeMap;

use domain::account::ServiceAccount;
use domain::pipeline::Pipeline;

use crate::usage::tally::{Tally, Use};

/// A resource or a workspace that is granted by name, or was used, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// A resource as `kind:name`, or a workspace.
    pub name: String,
    /// Whether it is granted by this very name.
    pub granted: bool,
    /// How often it was used, and when last.
    pub used: Use,
}

/// The resources that it asked about, and the pipelines that let it by name.
pub(super) fn resources(account: &ServiceAccount, pipelines: &[Pipeline], tally: &Tally) -> Vec<Reach> {
    let names_it = |pipeline: &&Pipeline| {
        pipeline.allowed_accounts.as_ref().is_some_and(|allowed| allowed.contains(&account.name))
    };
    let granted = pipelines.iter().filter(names_it).map(|pipeline| format!("pipeline:{}", pipeline.name));
    most_first(granted, &tally.resources)
}

/// The workspaces that it was let act in, and those that it is bound to.
pub(super) fn workspaces(account: &ServiceAccount, tally: &Tally) -> Vec<Reach> {
    most_first(account.workspaces.iter().cloned(), &tally.workspaces)
}

fn most_first(granted: impl Iterator<Item = String>, used: &BTreeMap<String, Use>) -> Vec<Reach> {
    let row = |(name, used): (&String, &Use)| (name.clone(), Reach { name: name.clone(), granted: false, used: *used });
    let mut all: BTreeMap<String, Reach> = used.iter().map(row).collect();
    for name in granted {
        let unused = || Reach { name: name.clone(), granted: true, used: Use::default() };
        all.entry(name.clone()).or_insert_with(unused).granted = true;
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by(|a, b| b.used.times.cmp(&a.used.times).then_with(|| a.name.cmp(&b.name)));
    all
}

#[cfg(test)]
mod tests {
    use domain::Instant;

    use super::*;

    fn used(times: u32) -> Use {
        Use { times, last: Some(Instant::from_seconds(1_800_000_000)) }
    }

    #[test]
    fn what_was_used_comes_first_and_what_is_granted_is_there_unused_too() {
        let counted = BTreeMap::from([("a".to_owned(), used(1)), ("b".to_owned(), used(3))]);
        let found = most_first(["c".to_owned(), "a".to_owned()].into_iter(), &counted);
        let rows: Vec<_> = found.iter().map(|row| (row.name.as_str(), row.granted, row.used.times)).collect();
        assert_eq!(rows, [("b", false, 3), ("a", true, 1), ("c", true, 0)]);
    }
}
