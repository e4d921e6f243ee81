//! Comparisons of instants and spans of time, as Cedar makes them, without Cedar: a million rows have theirs computed in
//! milliseconds.
//!
//! Invariant: the outcome is Cedar's, overflow included (`RFC 80` of Cedar: 64-bit milliseconds, checked arithmetic). A form
//! that is not known here is no [`Comparison`], and what it reads is then read in full. Constants are read by Cedar itself.

use std::str::FromStr;

use cedar_policy::pst::{BinaryOp, Expr, Literal, UnaryOp, Var};
use cedar_policy::{Context, Entities, EntityUid, EvalResult, Expression, Request, eval_expression};

use crate::reads::is_approval;

const DAY: i64 = 86_400_000;

/// A comparison of two moments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Comparison {
    operator: Operator,
    left: Moment,
    right: Moment,
}

/// What a row knows of time, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clocks {
    pub(crate) now: i64,
    /// When its approval was granted and when it ends, if there is one.
    pub(crate) approval: Option<(i64, i64)>,
}

/// How a comparison comes out: 0 for no, 1 for yes, 2 for an error.
pub(crate) type Outcome = u8;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Operator {
    Less,
    LessEq,
    Greater,
    GreaterEq,
}

/// An instant, a span, or a number of units of time; all are milliseconds or counts, and validation keeps them apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Moment {
    Now,
    Granted,
    Expires,
    Constant(i64),
    Offset(Box<Self>, Box<Self>),
    Since(Box<Self>, Box<Self>),
    Date(Box<Self>),
    Time(Box<Self>),
    Units(Box<Self>, i64),
}

impl Comparison {
    /// If it is one.
    pub(crate) fn of(op: BinaryOp, left: &Expr, right: &Expr) -> Option<Self> {
        let operator = match op {
            BinaryOp::Less => Operator::Less,
            BinaryOp::LessEq => Operator::LessEq,
            BinaryOp::Greater => Operator::Greater,
            BinaryOp::GreaterEq => Operator::GreaterEq,
            _ => return None,
        };
        Some(Self { operator, left: Moment::of(left)?, right: Moment::of(right)? })
    }

    /// How it comes out.
    pub(crate) fn outcome(&self, clocks: Clocks) -> Outcome {
        let (Some(left), Some(right)) = (self.left.value(clocks), self.right.value(clocks)) else { return 2 };
        u8::from(match self.operator {
            Operator::Less => left < right,
            Operator::LessEq => left <= right,
            Operator::Greater => left > right,
            Operator::GreaterEq => left >= right,
        })
    }
}

impl Moment {
    fn of(expr: &Expr) -> Option<Self> {
        let boxed = |expr| Self::of(expr).map(Box::new);
        Some(match expr {
            Expr::Literal(Literal::Long(number)) => Self::Constant(*number),
            Expr::GetAttr { expr, attr } if attr == "now" && matches!(**expr, Expr::Var(Var::Context)) => Self::Now,
            Expr::GetAttr { expr, attr } if attr == "grantedAt" && is_approval(expr) => Self::Granted,
            Expr::GetAttr { expr, attr } if attr == "expiresAt" && is_approval(expr) => Self::Expires,
            Expr::BinaryOp { op: BinaryOp::Offset, left, right } => Self::Offset(boxed(left)?, boxed(right)?),
            Expr::BinaryOp { op: BinaryOp::DurationSince, left, right } => Self::Since(boxed(left)?, boxed(right)?),
            Expr::UnaryOp { op, expr } => match op {
                UnaryOp::Datetime => {
                    Self::Constant(constant(expr, "datetime", ".durationSince(datetime(\"1970-01-01\"))")?)
                }
                UnaryOp::Duration => Self::Constant(constant(expr, "duration", "")?),
                UnaryOp::ToDate => Self::Date(boxed(expr)?),
                UnaryOp::ToTime => Self::Time(boxed(expr)?),
                UnaryOp::ToMilliseconds => Self::Units(boxed(expr)?, 1),
                UnaryOp::ToSeconds => Self::Units(boxed(expr)?, 1_000),
                UnaryOp::ToMinutes => Self::Units(boxed(expr)?, 60_000),
                UnaryOp::ToHours => Self::Units(boxed(expr)?, 3_600_000),
                UnaryOp::ToDays => Self::Units(boxed(expr)?, DAY),
                _ => return None,
            },
            _ => return None,
        })
    }

    fn value(&self, clocks: Clocks) -> Option<i64> {
        match self {
            Self::Now => Some(clocks.now),
            Self::Granted => clocks.approval.map(|(granted, _)| granted),
            Self::Expires => clocks.approval.map(|(_, expires)| expires),
            Self::Constant(value) => Some(*value),
            Self::Offset(instant, span) => instant.value(clocks)?.checked_add(span.value(clocks)?),
            Self::Since(later, earlier) => later.value(clocks)?.checked_sub(earlier.value(clocks)?),
            Self::Date(instant) => {
                let instant = instant.value(clocks)?;
                instant.checked_sub(instant.rem_euclid(DAY))
            }
            Self::Time(instant) => Some(instant.value(clocks)?.rem_euclid(DAY)),
            Self::Units(span, size) => Some(span.value(clocks)? / size),
        }
    }
}

/// What Cedar makes of a text, in milliseconds.
fn constant(text: &Expr, constructor: &str, since: &str) -> Option<i64> {
    let Expr::Literal(Literal::String(text)) = text else { return None };
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+'));
    let expression = plain.then(|| format!("{constructor}(\"{text}\"){since}.toMilliseconds()"))?;
    let nobody = EntityUid::from_str("Nobody::\"\"").ok()?;
    let request = Request::new(nobody.clone(), nobody.clone(), nobody, Context::empty(), None).ok()?;
    match eval_expression(&request, &Entities::empty(), &Expression::from_str(&expression).ok()?).ok()? {
        EvalResult::Long(milliseconds) => Some(milliseconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use cedar_policy::RestrictedExpression;

    use super::*;

    fn comparison(text: &str) -> Option<Comparison> {
        let policy = format!("permit (principal, action, resource) when {{ {text} }};");
        let policy = cedar_policy::Policy::from_str(&policy).unwrap();
        let cedar_policy::pst::Policy::Static(policy) = policy.to_pst().unwrap() else { panic!("{text}") };
        let cedar_policy::pst::Clause::When(expr) = &policy.body().clauses()[0] else { panic!("{text}") };
        let Expr::BinaryOp { op, left, right } = &**expr else { panic!("{text}") };
        Comparison::of(*op, left, right)
    }

    /// What Cedar says of the same text.
    fn cedar(text: &str, clocks: Clocks) -> Outcome {
        let instant = |millis: i64| {
            let text = format!("datetime(\"1970-01-01\").offset(duration(\"{millis}ms\"))");
            RestrictedExpression::from_str(&text).unwrap()
        };
        let (granted, expires) = clocks.approval.unwrap();
        let approval = [("grantedAt", instant(granted)), ("expiresAt", instant(expires))];
        let approval = approval.map(|(name, value)| (name.to_owned(), value));
        let pairs = [("now", instant(clocks.now)), ("approval", RestrictedExpression::new_record(approval).unwrap())];
        let context = Context::from_pairs(pairs.map(|(name, value)| (name.to_owned(), value))).unwrap();
        let nobody = EntityUid::from_str("Nobody::\"\"").unwrap();
        let request = Request::new(nobody.clone(), nobody.clone(), nobody, context, None).unwrap();
        match eval_expression(&request, &Entities::empty(), &Expression::from_str(text).unwrap()) {
            Ok(EvalResult::Bool(yes)) => u8::from(yes),
            Ok(other) => panic!("{text} is {other}"),
            Err(_) => 2,
        }
    }

    const COMPARISONS: [&str; 14] = [
        "context.now < context.approval.expiresAt",
        "context.now >= context.approval.grantedAt",
        "context.approval.expiresAt <= context.approval.grantedAt.offset(duration(\"15m\"))",
        "context.approval.grantedAt < datetime(\"2200-01-01\")",
        "context.now > datetime(\"2026-03-01T09:30:00.500Z\")",
        "context.now.toTime() >= duration(\"18h\")",
        "context.now.toTime().toHours() < 6",
        "context.now.toDate() > context.approval.grantedAt.toDate()",
        "context.now.durationSince(context.approval.grantedAt) <= duration(\"1h30m\")",
        "context.now.durationSince(datetime(\"2026-01-01\")).toDays() >= 30",
        "context.now.durationSince(datetime(\"2026-01-01\")).toSeconds() < -1",
        "context.now.durationSince(datetime(\"2026-01-01\")).toMinutes() <= 1",
        "context.now.offset(duration(\"9223372036854775807ms\")) > context.now",
        "context.now.offset(context.now.durationSince(context.approval.expiresAt)).durationSince(context.now).toMilliseconds() > 7",
    ];

    #[test]
    fn every_outcome_is_that_of_cedar() {
        let edges =
            [i64::MIN + 1, -62_135_596_800_000, -DAY, -1, 0, 1, DAY, 1_772_357_400_500, 1_800_000_000_123, i64::MAX];
        for text in COMPARISONS {
            let comparison = comparison(text).unwrap_or_else(|| panic!("{text}"));
            for now in edges {
                for granted in edges {
                    for expires in [granted.saturating_add(900_000), now] {
                        let clocks = Clocks { now, approval: Some((granted, expires)) };
                        assert_eq!(comparison.outcome(clocks), cedar(text, clocks), "{text} {clocks:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_understood_is_no_comparison() {
        for text in [
            "context.now == context.now",
            "context.now < context.other",
            "context.approval.approvers >= 2",
            "principal.now < context.now",
            "1 + 1 < context.now.toTime().toHours()",
            "context.now < (if true then context.now else context.now)",
        ] {
            assert_eq!(comparison(text), None, "{text}");
        }
    }
}
