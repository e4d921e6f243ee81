//! What a policy can read of the circumstances that differ from one request to the next: the clock, the instants of an
//! approval, the address.
//!
//! Two questions that differ only in what no policy reads have the same answer, so a replay asks one of them. Invariant:
//! whatever is not understood counts as reading everything. Where the clock is only compared, the outcome of the comparison
//! is what is read, not the instant. Who asks, for what and where always counts in full, and so does whether there is an
//! approval, so that behind a `context has approval &&` nothing is read without one.

pub(crate) mod moment;

use std::collections::BTreeSet;
use std::ptr;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};

use crate::reads::moment::Comparison;

/// What can be read.
#[expect(clippy::struct_excessive_bools, reason = "each is a part of a question that is read or not")]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Reads {
    /// The instant itself.
    pub(crate) now: bool,
    /// When the approval was granted.
    pub(crate) granted: bool,
    /// When it ends.
    pub(crate) expires: bool,
    /// The address itself.
    pub(crate) ip: bool,
    /// Only how these come out.
    pub(crate) comparisons: BTreeSet<Comparison>,
}

impl Reads {
    pub(crate) const EVERYTHING: Self =
        Self { now: true, granted: true, expires: true, ip: true, comparisons: BTreeSet::new() };

    /// By clauses, of a request with or without an approval.
    pub(crate) fn of(clauses: &[Clause], approved: bool) -> Self {
        let mut all = Self::default();
        for Clause::When(expr) | Clause::Unless(expr) in clauses {
            all.join(Reader { approved }.reads(expr));
        }
        all
    }

    /// Both.
    pub(crate) fn join(&mut self, other: Self) {
        self.now |= other.now;
        self.granted |= other.granted;
        self.expires |= other.expires;
        self.ip |= other.ip;
        self.comparisons.extend(other.comparisons);
    }
}

#[derive(Clone, Copy)]
struct Reader {
    approved: bool,
}

impl Reader {
    fn reads(self, expr: &Expr) -> Reads {
        if self.truth(expr).is_some() {
            return Reads::default();
        }
        match expr {
            Expr::BinaryOp { op: BinaryOp::And, left, right } if self.truth(left) == Some(true) => self.reads(right),
            Expr::BinaryOp { op: BinaryOp::Or, left, right } if self.truth(left) == Some(false) => self.reads(right),
            Expr::IfThenElse { cond, then_expr, else_expr } => match self.truth(cond) {
                Some(true) => self.reads(then_expr),
                Some(false) => self.reads(else_expr),
                None => self.children(expr),
            },
            Expr::BinaryOp { op, left, right } => match Comparison::of(*op, left, right) {
                Some(comparison) => Reads { comparisons: BTreeSet::from([comparison]), ..Reads::default() },
                None => self.children(expr),
            },
            Expr::HasAttr { expr, .. } if is_context(expr) || is_approval(expr) => Reads::default(),
            Expr::GetAttr { expr: of, attr } if is_context(of) => match attr.as_str() {
                "now" => Reads { now: true, ..Reads::default() },
                "ip" => Reads { ip: true, ..Reads::default() },
                "approval" => Reads { granted: true, expires: true, ..Reads::default() },
                // Low in number, and always told apart.
                "scope" | "executionMode" | "executionContext" | "knownNetwork" | "breakGlass" => Reads::default(),
                _ => Reads::EVERYTHING,
            },
            Expr::GetAttr { expr: of, attr } if is_approval(of) => match attr.as_str() {
                "grantedAt" => Reads { granted: true, ..Reads::default() },
                "expiresAt" => Reads { expires: true, ..Reads::default() },
                "approvers" | "groups" | "requester" | "target" => Reads::default(),
                _ => Reads::EVERYTHING,
            },
            Expr::Var(Var::Context) | Expr::Slot(_) | Expr::Unknown { .. } => Reads::EVERYTHING,
            _ => self.children(expr),
        }
    }

    fn children(self, root: &Expr) -> Reads {
        let of = |expr: &Expr| if ptr::eq(expr, root) { None } else { Some(self.reads(expr)) };
        let both = |mut one: Reads, other| {
            one.join(other);
            one
        };
        root.reduce(&of, &both, Reads::default())
    }

    /// What it comes out as whatever else is asked, without an error and without anything being read.
    fn truth(self, expr: &Expr) -> Option<bool> {
        match expr {
            Expr::Literal(Literal::Bool(value)) => Some(*value),
            Expr::HasAttr { expr, attrs } if is_context(expr) && attrs.head == "approval" => {
                if self.approved {
                    attrs.tail.is_empty().then_some(true)
                } else {
                    Some(false)
                }
            }
            Expr::UnaryOp { op: UnaryOp::Not, expr } => self.truth(expr).map(|value| !value),
            Expr::BinaryOp { op: BinaryOp::And, left, right } => {
                if self.truth(left)? {
                    self.truth(right)
                } else {
                    Some(false)
                }
            }
            Expr::BinaryOp { op: BinaryOp::Or, left, right } => {
                if self.truth(left)? {
                    Some(true)
                } else {
                    self.truth(right)
                }
            }
            _ => None,
        }
    }
}

fn is_context(expr: &Expr) -> bool {
    matches!(expr, Expr::Var(Var::Context))
}

pub(crate) fn is_approval(expr: &Expr) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if attr == "approval" && is_context(expr))
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use cedar_policy::{Policy, pst};

    use super::*;

    fn reads(text: &str, approved: bool) -> Reads {
        let policy = Policy::from_str(&format!("forbid (principal, action, resource) {text};")).unwrap();
        let pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("{text}") };
        Reads::of(policy.body().clauses(), approved)
    }

    #[test]
    fn behind_a_missing_approval_nothing_is_read() {
        for text in [
            "unless { context has approval && context.now < context.approval.expiresAt }",
            "unless { context has approval && (context.approval.approvers >= 2 && context.now == context.now) }",
            "when { !(context has approval) || context.now == context.now }",
            "when { if context has approval then context.now == context.now else resource has workspace }",
            "unless { (true && context has approval) && context.ip.isLoopback() }",
        ] {
            assert_eq!(reads(text, false), Reads::default(), "{text}");
            assert_ne!(reads(text, true), Reads::default(), "{text}");
        }
    }

    #[test]
    fn what_is_not_only_compared_is_read_in_full() {
        let now = Reads { now: true, ..Reads::default() };
        for text in [
            "context.now == context.now",
            "[context.now].contains(context.now)",
            "principal has t || context.now == context.now",
            "context.now == context.now && context has approval",
        ] {
            assert_eq!(reads(&format!("when {{ {text} }}"), false), now, "{text}");
        }
        for text in ["context == context", "{a: context}.a.now == context.now", "context.surprise == 1"] {
            assert_eq!(reads(&format!("when {{ {text} }}"), false), Reads::EVERYTHING, "{text}");
        }
        let instants = Reads { granted: true, expires: true, ..Reads::default() };
        assert_eq!(reads("when { context.approval == context.approval }", true), instants);
        assert_eq!(
            reads("when { context has ip && context.ip.isLoopback() }", false),
            Reads { ip: true, ..Reads::default() }
        );
    }

    #[test]
    fn what_is_always_told_apart_is_not_counted() {
        for text in [
            "principal.scopes.contains(context.scope)",
            "context has executionMode && context.executionMode == ExecutionMode::\"remote\"",
            "context has ip",
            "context.approval.approvers >= 2 && context.approval.groups.contains(Team::\"a\")",
        ] {
            assert_eq!(reads(&format!("when {{ {text} }}"), true), Reads::default(), "{text}");
        }
    }

    #[test]
    fn of_a_comparison_only_the_outcome_is_read() {
        let text = "unless { context.now < context.approval.expiresAt && context.now.toTime().toHours() >= 18 &&
            context.approval.expiresAt <= context.approval.grantedAt.offset(duration(\"15m\")) }";
        let found = reads(text, true);
        assert_eq!(found.comparisons.len(), 3);
        assert_eq!(Reads { comparisons: BTreeSet::new(), ..found }, Reads::default());
    }
}
