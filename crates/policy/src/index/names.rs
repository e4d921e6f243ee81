//! Which policies name what, of one thing that policies name.

use std::collections::HashMap;

use super::bits::Bits;

/// Kinds with names of that kind.
pub(crate) type Keys<'a> = Vec<(&'a str, &'a str)>;

/// The policies that name nothing, and for each name, by its kind, those that name it.
pub(crate) struct Names {
    pub(crate) open: Bits,
    narrows: bool,
    by_kind: Vec<(String, HashMap<String, Vec<usize>>)>,
}

impl Names {
    /// Of what each policy names, as kind and name; `None` if it names nothing, and so takes everything.
    pub(crate) fn of<'a>(size: usize, each: impl Iterator<Item = Option<Keys<'a>>>) -> Self {
        let mut names = Self { open: Bits::of(size, std::iter::empty()), narrows: false, by_kind: vec![] };
        for (at, written) in each.enumerate() {
            let Some(written) = written else {
                names.open.add(at);
                continue;
            };
            names.narrows = true;
            for (kind, name) in written {
                names.kind(kind).entry(name.to_owned()).or_default().push(at);
            }
        }
        names
    }

    fn kind(&mut self, kind: &str) -> &mut HashMap<String, Vec<usize>> {
        let at = self.by_kind.iter().position(|(known, _)| known == kind).unwrap_or_else(|| {
            self.by_kind.push((kind.to_owned(), HashMap::new()));
            self.by_kind.len() - 1
        });
        &mut self.by_kind[at].1
    }

    /// Whether any policy names something of this kind.
    pub(crate) fn has(&self, kind: &str) -> bool {
        self.by_kind.iter().any(|(known, _)| known == kind)
    }

    /// Leaves of a slice what names nothing, and what names one of these.
    pub(crate) fn narrow<'a>(&self, slice: &mut Bits, names: impl Iterator<Item = (&'a str, &'a str)>) {
        if !self.narrows {
            return;
        }
        let mut met = self.open.clone();
        for (kind, name) in names {
            let known = self.by_kind.iter().find(|(known, _)| known == kind);
            let policies = known.and_then(|(_, names)| names.get(name));
            policies.into_iter().flatten().for_each(|at| met.add(*at));
        }
        slice.intersect(&met);
    }
}
