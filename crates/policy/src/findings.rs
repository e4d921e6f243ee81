//! What is odd about policies and can be seen in their text, without a solver.
//!
//! Nothing of this keeps a set from being published: it costs time, or is written for nothing.

use domain::policy::finding::{Finding, FindingKind};
use domain::scope::{Catalogue, canonical};

use crate::compile::Entry;
use crate::engine::Engine;
use crate::index::Index;
use crate::kind_of::KindOf;
use crate::narrowing::{Narrowing, Test};
use crate::request::type_of;
use domain::policy::question::scope_of;

impl Engine {
    /// In the order of the text. The catalogue says which scopes anybody can hold.
    #[must_use]
    pub fn findings(&self, catalogue: &Catalogue) -> Vec<Finding> {
        let narrowings: Vec<_> = self.compiled.entries.iter().map(|entry| entry.narrowing.clone()).collect();
        let unscoped = Index::unscoped(&narrowings, &self.vocabulary);
        let mut findings = vec![];
        for (at, entry) in self.compiled.entries.iter().enumerate() {
            if unscoped.contains(&at) {
                let sentence = format!(
                    "`{}` is evaluated for every request, because nothing narrows principal, action or resource \
                    before its conditions can fail; say for whom, for what or on what it is, in its scope or first in its `when`",
                    entry.info.id
                );
                findings.push(finding(entry, FindingKind::Unscoped, sentence));
            }
            findings.extend(self.unknown_scopes(entry, catalogue));
        }
        findings
    }

    fn unknown_scopes<'a>(&'a self, entry: &'a Entry, catalogue: &'a Catalogue) -> impl Iterator<Item = Finding> + 'a {
        let id = &entry.info.id;
        let held = entry.narrowing.tests().any(|test| *test == Test::HoldsScope);
        let asked = self.vocabulary.actions.keys().filter(move |action| held && self.covers(&entry.narrowing, action));
        let lost = asked.filter(|action| !catalogue.has(scope_of(action)));
        let lost = lost.map(move |action| {
            let scope = scope_of(action);
            format!("`{id}` never applies to `{action}`, because the catalogue has no scope `{scope}` that anybody could hold; add it there")
        });
        let written = entry.scopes.iter().filter_map(move |scope| {
            if !catalogue.has(scope) {
                Some(format!(
                    "`{id}` asks for the scope `{scope}`, which the catalogue does not have, so that nobody holds it"
                ))
            } else if canonical(scope) != scope {
                let known = canonical(scope);
                Some(format!("`{id}` asks for the scope `{scope}`, which policies know as `{known}`; write that"))
            } else {
                None
            }
        });
        lost.chain(written).map(|sentence| finding(entry, FindingKind::UnknownScope, sentence))
    }

    /// Whether some request for an action is in the scope of a policy.
    fn covers(&self, narrowing: &Narrowing, name: &str) -> bool {
        let action = self.vocabulary.actions.get(name);
        action.is_some_and(|action| {
            action.kinds.iter().any(|(principal, resource)| {
                let kind = KindOf { principal: type_of(*principal), action: name, within: &action.within, resource };
                narrowing.tests().all(|test| kind.fits(test))
            })
        })
    }
}

fn finding(entry: &Entry, kind: FindingKind, sentence: String) -> Finding {
    let (policy, line) = (entry.info.id.clone(), entry.info.line);
    Finding { policy, kind, line, sentence, proved: false, grave: false }
}
