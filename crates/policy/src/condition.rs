//! What can be seen in a guard's condition without evaluating it.
//!
//! Sound by construction: only conjuncts at the top of an `unless` are read. All of them must hold for the guard to be
//! lifted, so what one of them demands, every lifting approval has. Whatever else the condition says can only narrow it.

use std::collections::BTreeSet;

use cedar_policy::pst::{BinaryOp, Clause, Expr, Literal, UnaryOp, Var};

use crate::annotation;

/// What an approval must at least have for an `unless` to hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// `context.approval.approvers >= n`
    pub(crate) approvers: Option<i64>,
    /// `context.approval.groups.contains(Team::"…")`
    pub(crate) groups: BTreeSet<String>,
    /// `context.now < context.approval.expiresAt`
    pub(crate) unexpired: bool,
    /// `context.approval.expiresAt <= context.approval.grantedAt.offset(duration("…"))`, in seconds
    pub(crate) lasts: Option<u32>,
}

impl Demands {
    /// Of the expression of an `unless`.
    pub(crate) fn of(unless: &Expr) -> Self {
        let mut demands = Self::default();
        let mut rest = vec![unless];
        while let Some(expr) = rest.pop() {
            match expr {
                Expr::BinaryOp { op: BinaryOp::And, left, right } => rest.extend([&**left, &**right]),
                Expr::BinaryOp { op, left, right } => demands.read(*op, left, right),
                _ => {}
            }
        }
        demands
    }

    fn read(&mut self, op: BinaryOp, left: &Expr, right: &Expr) {
        match op {
            BinaryOp::GreaterEq => self.at_least(left, right, 0),
            BinaryOp::Greater => {
                self.at_least(left, right, 1);
                self.earlier(right, left);
            }
            BinaryOp::LessEq => {
                self.at_least(right, left, 0);
                self.lasting(left, right);
            }
            BinaryOp::Less => {
                self.at_least(right, left, 1);
                self.earlier(left, right);
                self.lasting(left, right);
            }
            BinaryOp::Contains if is_approval(left, "groups") => self.groups.extend(team(right)),
            BinaryOp::ContainsAll if is_approval(left, "groups") => {
                if let Expr::Set(teams) = right {
                    self.groups.extend(teams.iter().filter_map(|expr| team(expr)));
                }
            }
            _ => {}
        }
    }

    fn at_least(&mut self, count: &Expr, number: &Expr, more: i64) {
        if let Expr::Literal(Literal::Long(number)) = number
            && is_approval(count, "approvers")
        {
            self.approvers = self.approvers.max(Some(number.saturating_add(more)));
        }
    }

    fn earlier(&mut self, earlier: &Expr, later: &Expr) {
        self.unexpired |= of_context(earlier, "now") && is_approval(later, "expiresAt");
    }

    fn lasting(&mut self, end: &Expr, limit: &Expr) {
        if let Expr::BinaryOp { op: BinaryOp::Offset, left, right } = limit
            && let Expr::UnaryOp { op: UnaryOp::Duration, expr } = &**right
            && let Expr::Literal(Literal::String(text)) = &**expr
            && let Some(seconds) = annotation::seconds(text)
            && is_approval(end, "expiresAt")
            && is_approval(left, "grantedAt")
        {
            self.lasts = Some(self.lasts.map_or(seconds, |lasts| lasts.min(seconds)));
        }
    }
}

/// Whether a clause could read `context.approval`: by name, or through `context` as a whole.
pub(crate) fn reads_approval(clause: &Clause) -> bool {
    let (Clause::When(expr) | Clause::Unless(expr)) = clause;
    let seen = |expr: &Expr| match expr {
        Expr::GetAttr { expr, attr } if is_context(expr) => Some(attr == "approval"),
        Expr::HasAttr { expr, attrs } if is_context(expr) => Some(attrs.head == "approval"),
        expr => is_context(expr).then_some(true),
    };
    expr.reduce(&seen, &|one, other| one || other, false)
}

pub(crate) fn is_context(expr: &Expr) -> bool {
    matches!(expr, Expr::Var(Var::Context))
}

pub(crate) fn of_context(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if attr == name && is_context(expr))
}

fn is_approval(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if attr == name && of_context(expr, "approval"))
}

fn team(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Literal(Literal::EntityUID(uid)) if uid.ty.to_string() == "Team" => Some(uid.eid.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use cedar_policy::{Policy, pst};

    use super::*;

    fn clauses(text: &str) -> Vec<Clause> {
        let policy = Policy::from_str(&format!("forbid (principal, action, resource) {text};")).unwrap();
        let pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("{text}") };
        policy.body().clauses().clone()
    }

    fn demands(text: &str) -> Demands {
        match &clauses(&format!("unless {{ {text} }}"))[0] {
            Clause::Unless(expr) => Demands::of(expr),
            Clause::When(_) => unreachable!("{text}"),
        }
    }

    #[test]
    fn the_number_of_approvers_is_seen_however_it_is_written() {
        for text in [
            "context.approval.approvers >= 2",
            "context.approval.approvers > 1",
            "2 <= context.approval.approvers",
            "1 < context.approval.approvers",
            "context has approval && (context.approval.approvers >= 2 && true)",
            "context.approval.approvers >= 1 && context.approval.approvers >= 2",
        ] {
            assert_eq!(demands(text).approvers, Some(2), "{text}");
        }
    }

    #[test]
    fn what_need_not_hold_demands_nothing() {
        for text in [
            "context.approval.approvers >= 2 || true",
            "if context has approval then context.approval.approvers >= 2 else true",
            "!(context.approval.approvers >= 2)",
            "context.approval.approvers == 2",
            "context.approval.approvers <= 2",
            "principal.approval.approvers >= 2",
            "context.approvers >= 2",
            "context.approval.approvers >= context.approval.approvers",
        ] {
            assert_eq!(demands(text), Demands::default(), "{text}");
        }
    }

    #[test]
    fn groups_expiry_and_duration_are_seen() {
        let seen = demands(
            r#"context.approval.groups.contains(Team::"a") && context.approval.groups.containsAll([Team::"b", Team::"c"])
            && context.approval.groups.containsAny([Team::"d"]) && context.approval.expiresAt > context.now
            && context.approval.expiresAt <= context.approval.grantedAt.offset(duration("1h"))
            && context.approval.expiresAt < context.approval.grantedAt.offset(duration("2h"))"#,
        );
        assert_eq!(seen.groups.iter().map(String::as_str).collect::<Vec<_>>(), ["a", "b", "c"]);
        assert!(seen.unexpired);
        assert_eq!(seen.lasts, Some(3600));
    }

    #[test]
    fn every_way_to_the_approval_counts_as_reading_it() {
        for text in [
            "context.approval.approvers > 1",
            "context has approval",
            "context has approval.approvers",
            "context[\"approval\"].approvers > 1",
            "(if true then context else context).approval.approvers > 1",
            "[context].contains(context)",
            "{a: context}.a.approval.approvers > 1",
        ] {
            assert!(reads_approval(&clauses(&format!("when {{ {text} }}"))[0]), "{text}");
        }
        for text in
            ["context.now > context.now", "context has ip", "principal.approval", "resource.ref == \"approval\""]
        {
            assert!(!reads_approval(&clauses(&format!("when {{ {text} }}"))[0]), "{text}");
        }
    }
}
