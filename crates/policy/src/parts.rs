//! Which parts of the context policies read, so that only those are put together.
//!
//! Invariant: a policy that does not name a part, and does not take the context as a whole, evaluates the same with and
//! without it. Whoever does take it as a whole reads everything.

use std::ops::BitOr;

use cedar_policy::pst::{Clause, Expr};

use crate::condition::is_context;

const KNOWN: [&str; 8] =
    ["now", "scope", "approval", "executionMode", "executionContext", "ip", "knownNetwork", "breakGlass"];

/// A set of parts of the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts(u8);

impl Parts {
    /// Everything.
    pub(crate) const ALL: Self = Self(u8::MAX);
    /// Nothing.
    pub(crate) const NONE: Self = Self(0);

    /// What the clauses of a policy read.
    pub(crate) fn of(clauses: &[Clause]) -> Self {
        let of = |clause: &Clause| {
            let (Clause::When(expr) | Clause::Unless(expr)) = clause;
            expr.reduce(&read, &|one, other| one | other, Self::NONE)
        };
        clauses.iter().map(of).fold(Self::NONE, |all, one| all | one)
    }

    /// Whether this part is read.
    pub(crate) fn has(self, part: &str) -> bool {
        self.0 & Self::named(part).0 != 0
    }

    fn named(part: &str) -> Self {
        let bits = KNOWN.iter().enumerate().filter(|(_, known)| **known == part).map(|(at, _)| 1 << at);
        Self(bits.fold(0, |all, bit: u8| all | bit))
    }
}

impl BitOr for Parts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

fn read(expr: &Expr) -> Option<Parts> {
    match expr {
        Expr::GetAttr { expr, attr } if is_context(expr) => Some(Parts::named(attr)),
        Expr::HasAttr { expr, attrs } if is_context(expr) => Some(Parts::named(&attrs.head)),
        expr => is_context(expr).then_some(Parts::ALL),
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use cedar_policy::{Policy, pst};

    use super::*;

    fn reads(text: &str) -> Parts {
        let policy = Policy::from_str(&format!("forbid (principal, action, resource) {text};")).unwrap();
        let pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("{text}") };
        Parts::of(policy.body().clauses())
    }

    fn parts(text: &str) -> Vec<&'static str> {
        KNOWN.into_iter().filter(|part| reads(text).has(part)).collect()
    }

    #[test]
    fn parts_are_seen_by_name_wherever_they_stand() {
        assert_eq!(parts(r#"when { resource.ref == "now" }"#), Vec::<&str>::new());
        assert_eq!(parts("when { context has ip } unless { context.approval.approvers > 1 }"), ["approval", "ip"]);
        assert_eq!(
            parts("when { [context[\"now\"]].contains(context.now) && context has breakGlass }"),
            ["now", "breakGlass"]
        );
    }

    #[test]
    fn the_context_as_a_whole_is_everything() {
        assert_eq!(reads("when { (if true then context else context).now == context.now }"), Parts::ALL);
        assert!(!Parts::ALL.has("something else"));
    }
}
