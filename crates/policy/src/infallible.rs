//! Which expressions can never fail to evaluate, whatever the request.
//!
//! Policies are validated strictly, so types are right and attributes are there. What is left to fail is arithmetic that
//! overflows, the date functions that do arithmetic, and reading attributes or tags of an entity that the request did not
//! bring. Invariant: whatever is not known to be safe counts as able to fail.
//!
//! Deliberately absent: what a condition evaluates to.

use cedar_policy::pst::{BinaryOp, Expr, Literal, UnaryOp, Var};

use crate::condition::{is_context, of_context};

/// Whether evaluation always ends with a value.
pub(crate) fn never_fails(expr: &Expr) -> bool {
    let all = |exprs: &[&Expr]| exprs.iter().all(|expr| never_fails(expr));
    match expr {
        Expr::Literal(_) | Expr::Var(_) => true,
        Expr::UnaryOp { op, expr } => safe_unary(*op, expr) && never_fails(expr),
        Expr::BinaryOp { op, left, right } => safe_binary(*op) && all(&[left, right]),
        Expr::GetAttr { expr, .. } => is_sent_along(expr),
        Expr::HasAttr { expr, attrs } if attrs.tail.is_empty() => never_fails(expr),
        Expr::HasAttr { expr, attrs } => is_context(expr) && attrs.head == "approval",
        Expr::Like { expr, .. } => never_fails(expr),
        Expr::Is { expr, in_expr, .. } => never_fails(expr) && in_expr.as_ref().is_none_or(|expr| never_fails(expr)),
        Expr::IfThenElse { cond, then_expr, else_expr } => all(&[cond, then_expr, else_expr]),
        Expr::Set(exprs) => exprs.iter().all(|expr| never_fails(expr)),
        Expr::Record(map) => map.values().all(|expr| never_fails(expr)),
        _ => false,
    }
}

/// Whether the request always brings what an attribute is read of: its principal, its resource, its context, the approval.
fn is_sent_along(expr: &Expr) -> bool {
    matches!(expr, Expr::Var(Var::Principal | Var::Resource | Var::Context)) || of_context(expr, "approval")
}

fn safe_unary(op: UnaryOp, of: &Expr) -> bool {
    let constructed = matches!(of, Expr::Literal(Literal::String(_)));
    match op {
        UnaryOp::Not
        | UnaryOp::IsEmpty
        | UnaryOp::IsIPv4
        | UnaryOp::IsIPV6
        | UnaryOp::IsLoopback
        | UnaryOp::IsMulticast => true,
        // Literals are tried when the policy is validated.
        UnaryOp::Datetime | UnaryOp::Decimal | UnaryOp::Duration | UnaryOp::Ip => constructed,
        _ => false,
    }
}

const fn safe_binary(op: BinaryOp) -> bool {
    matches!(
        op,
        BinaryOp::Eq
            | BinaryOp::NotEq
            | BinaryOp::Less
            | BinaryOp::LessEq
            | BinaryOp::Greater
            | BinaryOp::GreaterEq
            | BinaryOp::And
            | BinaryOp::Or
            | BinaryOp::In
            | BinaryOp::Contains
            | BinaryOp::ContainsAll
            | BinaryOp::ContainsAny
            | BinaryOp::HasTag
            | BinaryOp::IsInRange
    )
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use cedar_policy::pst::Clause;
    use cedar_policy::{Policy, pst};

    use super::*;

    fn safe(text: &str) -> bool {
        let policy = Policy::from_str(&format!("forbid (principal, action, resource) when {{ {text} }};")).unwrap();
        let pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("{text}") };
        let Clause::When(expr) = &policy.body().clauses()[0] else { panic!("{text}") };
        never_fails(expr)
    }

    #[test]
    fn what_looks_at_what_the_request_brings_never_fails() {
        for text in [
            "true",
            r#"principal in Team::"sre" && resource.env == Environment::"prod""#,
            "context has approval && context.approval.approvers > 1",
            "context has approval.approvers",
            r#"context has ip && context.ip.isInRange(ip("10.0.0.0/8"))"#,
            r#"if resource has workspace then resource.workspace like "b*" else !principal.scopes.isEmpty()"#,
            r#"context.now < datetime("2030-01-01")"#,
            r#"resource is Pipeline in Team::"sre""#,
        ] {
            assert!(safe(text), "{text}");
        }
    }

    #[test]
    fn arithmetic_dates_and_foreign_entities_can_fail() {
        for text in [
            "context.approval.approvers + 1 > 2",
            "context.approval.approvers * 2 > 2",
            "-context.approval.approvers < 2",
            r#"context.now.offset(duration("1h")) > context.now"#,
            "context.now.durationSince(context.now) == context.now.toTime()",
            "context.now.toDate() == context.now",
            r#"App::"shop".env == Environment::"prod""#,
            "resource.holder.ref == \"user:ada\"",
            "resource has holder.ref",
            r#"principal.getTag("level") == 1"#,
            "datetime(resource.ref) < context.now",
            "true && ([1, 2 + 3].contains(1) || false)",
        ] {
            assert!(!safe(text), "{text}");
        }
    }
}
