//! What a policy says of principal, action and resource before anything in it can fail: what an index may go by.
//!
//! Of the scope that is everything. Of the conditions it is a conjunct that compares with literals, and only as long as no
//! conjunct before it can fail. Cedar evaluates scope and conjuncts from left to right and stops at the first that is
//! false. So if such a conjunct is false, and what stands before it cannot fail, the policy neither applies nor fails,
//! whatever comes after: leaving it out changes neither the answer nor the errors. Behind something that can fail nothing
//! is read, because there a request that the conjunct would exclude can still be one for which the policy fails.
//!
//! A conjunct that is not understood is passed over; then the policy is evaluated more often than it must be, never less.

use std::collections::BTreeSet;

use cedar_policy::pst::{
    ActionConstraint, BinaryOp, Clause, EntityOrSlot, EntityUID, Expr, Literal, PrincipalConstraint,
    ResourceConstraint, StaticPolicy, Var,
};

use crate::condition::of_context;
use crate::infallible::never_fails;

/// One thing that must hold, else the policy does not apply and cannot fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// The principal is of one of these types.
    PrincipalType(Vec<String>),
    /// It is one of these, or in one of these.
    Principal(Vec<Named>),
    /// The action is one of these.
    Action(Vec<String>),
    /// It is in one of these groups, or is one of them.
    ActionIn(Vec<String>),
    /// The resource is of one of these types.
    ResourceType(Vec<String>),
    /// It is one of these.
    Resource(Vec<Named>),
    /// It is in one of these environments.
    Environment(Vec<String>),
    /// It is in one of these workspaces.
    Workspace(Vec<String>),
    /// The scope that the action needs is one of these.
    Scope(Vec<String>),
    /// The principal holds the scope that the action needs.
    HoldsScope,
}

/// An entity, or for a text that names one as `ref` does, the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// By type and id.
    Uid(String, String),
    /// By `ref`.
    Ref(String),
}

/// What must hold, in the order of the text: of the scope, and then of the conditions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Narrowing {
    pub(crate) scope: Vec<Test>,
    pub(crate) lifted: Vec<Test>,
}

impl Narrowing {
    /// Of a policy.
    pub(crate) fn of(policy: &StaticPolicy) -> Self {
        let body = policy.body();
        let mut scope = principal(&body.principal);
        scope.extend(action(&body.action));
        scope.extend(resource(&body.resource));
        Self { scope, lifted: lifted(body.clauses()) }
    }
}

fn principal(constraint: &PrincipalConstraint) -> Vec<Test> {
    match constraint {
        PrincipalConstraint::Any => vec![],
        PrincipalConstraint::Eq(uid) | PrincipalConstraint::In(uid) => vec![Test::Principal(named(uid))],
        PrincipalConstraint::Is(kind) => vec![Test::PrincipalType(vec![kind.to_string()])],
        PrincipalConstraint::IsIn(kind, uid) => {
            vec![Test::PrincipalType(vec![kind.to_string()]), Test::Principal(named(uid))]
        }
    }
}

fn action(constraint: &ActionConstraint) -> Option<Test> {
    let ids = |uids: &[EntityUID]| uids.iter().map(|uid| uid.eid.to_string()).collect();
    match constraint {
        ActionConstraint::Any => None,
        ActionConstraint::Eq(uid) => Some(Test::Action(ids(std::slice::from_ref(uid)))),
        ActionConstraint::In(uids) => Some(Test::ActionIn(ids(uids))),
    }
}

fn resource(constraint: &ResourceConstraint) -> Vec<Test> {
    match constraint {
        ResourceConstraint::Any => vec![],
        ResourceConstraint::Eq(uid) | ResourceConstraint::In(uid) => vec![Test::Resource(named(uid))],
        ResourceConstraint::Is(kind) => vec![Test::ResourceType(vec![kind.to_string()])],
        ResourceConstraint::IsIn(kind, uid) => {
            vec![Test::ResourceType(vec![kind.to_string()]), Test::Resource(named(uid))]
        }
    }
}

/// A slot cannot be: templates are refused.
fn named(uid: &EntityOrSlot) -> Vec<Named> {
    match uid {
        EntityOrSlot::Entity(uid) => vec![uid_of(uid)],
        EntityOrSlot::Slot(_) => vec![],
    }
}

fn uid_of(uid: &EntityUID) -> Named {
    Named::Uid(uid.ty.to_string(), uid.eid.to_string())
}

fn lifted(clauses: &[Clause]) -> Vec<Test> {
    let mut found = vec![];
    for clause in clauses {
        match clause {
            Clause::When(expr) => {
                let mut conjuncts = vec![];
                flatten(expr, BinaryOp::And, &mut conjuncts);
                for conjunct in conjuncts {
                    found.extend(tests(conjunct));
                    if !never_fails(conjunct) {
                        return found;
                    }
                }
            }
            Clause::Unless(expr) if !never_fails(expr) => return found,
            Clause::Unless(_) => {}
        }
    }
    found
}

/// The operands of a chain, from left to right.
fn flatten<'a>(expr: &'a Expr, chain: BinaryOp, operands: &mut Vec<&'a Expr>) {
    match expr {
        Expr::BinaryOp { op, left, right } if *op == chain => {
            flatten(left, chain, operands);
            flatten(right, chain, operands);
        }
        expr => operands.push(expr),
    }
}

/// What a conjunct demands; of alternatives only if all of them are about the same.
fn tests(conjunct: &Expr) -> Vec<Test> {
    let mut alternatives = vec![];
    flatten(conjunct, BinaryOp::Or, &mut alternatives);
    let mut either = alternatives.into_iter().map(test);
    let Some(mut all) = either.next() else { return vec![] };
    for other in either {
        all = match (all.as_mut_slice(), other.as_slice()) {
            ([one], [other]) => one.or(other).into_iter().collect(),
            _ => vec![],
        };
    }
    all
}

impl Test {
    fn or(&self, other: &Self) -> Option<Self> {
        let joined = |one: &[String], other: &[String]| [one, other].concat();
        Some(match (self, other) {
            (Self::PrincipalType(one), Self::PrincipalType(other)) => Self::PrincipalType(joined(one, other)),
            (Self::Principal(one), Self::Principal(other)) => Self::Principal([one.as_slice(), other].concat()),
            (Self::Action(one), Self::Action(other)) => Self::Action(joined(one, other)),
            (Self::ActionIn(one), Self::ActionIn(other)) => Self::ActionIn(joined(one, other)),
            (Self::ResourceType(one), Self::ResourceType(other)) => Self::ResourceType(joined(one, other)),
            (Self::Resource(one), Self::Resource(other)) => Self::Resource([one.as_slice(), other].concat()),
            (Self::Environment(one), Self::Environment(other)) => Self::Environment(joined(one, other)),
            (Self::Workspace(one), Self::Workspace(other)) => Self::Workspace(joined(one, other)),
            (Self::Scope(one), Self::Scope(other)) => Self::Scope(joined(one, other)),
            (Self::HoldsScope, Self::HoldsScope) => Self::HoldsScope,
            _ => return None,
        })
    }
}

/// What one comparison demands.
fn test(expr: &Expr) -> Vec<Test> {
    let one = |literal: &Expr| uid(literal).map(|uid| vec![uid]);
    match expr {
        Expr::BinaryOp { op: BinaryOp::Eq, left, right } => {
            let compared = |subject: &Expr, value: &Expr| match value {
                Expr::Literal(Literal::EntityUID(uid)) => same(subject, std::slice::from_ref(uid)),
                Expr::Literal(Literal::String(text)) => text_of(subject, vec![text.to_string()]),
                _ => None,
            };
            compared(left, right).or_else(|| compared(right, left)).into_iter().collect()
        }
        Expr::BinaryOp { op: BinaryOp::In, left, right } => {
            let uids = one(right).or_else(|| members(right, uid));
            uids.and_then(|uids| within(left, &uids)).into_iter().collect()
        }
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } => {
            if of_variable(left, &Var::Principal, "scopes") && of_context(right, "scope") {
                return vec![Test::HoldsScope];
            }
            let uids = members(left, uid).and_then(|uids| same(right, &uids));
            uids.or_else(|| members(left, string).and_then(|texts| text_of(right, texts))).into_iter().collect()
        }
        Expr::Is { expr, entity_type, in_expr } => {
            let kind = vec![entity_type.to_string()];
            let kind = match &**expr {
                Expr::Var(Var::Principal) => Test::PrincipalType(kind),
                Expr::Var(Var::Resource) => Test::ResourceType(kind),
                _ => return vec![],
            };
            let uids = in_expr.as_ref().and_then(|within| one(within).or_else(|| members(within, uid)));
            std::iter::once(kind).chain(uids.and_then(|uids| within(expr, &uids))).collect()
        }
        _ => vec![],
    }
}

/// `subject` is one of these entities.
fn same(subject: &Expr, uids: &[EntityUID]) -> Option<Test> {
    if of_variable(subject, &Var::Resource, "env") {
        return Some(Test::Environment(ids(uids, "Environment")));
    }
    match subject {
        Expr::Var(Var::Action) => Some(Test::Action(ids(uids, "Action"))),
        Expr::Var(Var::Principal | Var::Resource) => within(subject, uids),
        _ => None,
    }
}

/// `subject` is one of these entities, or below one of them.
fn within(subject: &Expr, uids: &[EntityUID]) -> Option<Test> {
    match subject {
        Expr::Var(Var::Principal) => Some(Test::Principal(uids.iter().map(uid_of).collect())),
        Expr::Var(Var::Resource) => Some(Test::Resource(uids.iter().map(uid_of).collect())),
        Expr::Var(Var::Action) => Some(Test::ActionIn(ids(uids, "Action"))),
        _ => None,
    }
}

/// `subject` is one of these texts.
fn text_of(subject: &Expr, texts: Vec<String>) -> Option<Test> {
    let refs = |texts: Vec<String>| texts.into_iter().map(Named::Ref).collect();
    if of_variable(subject, &Var::Principal, "ref") {
        Some(Test::Principal(refs(texts)))
    } else if of_variable(subject, &Var::Resource, "ref") {
        Some(Test::Resource(refs(texts)))
    } else if of_variable(subject, &Var::Resource, "workspace") {
        Some(Test::Workspace(texts))
    } else {
        of_context(subject, "scope").then_some(Test::Scope(texts))
    }
}

/// The scopes that clauses name: of the principal, or as what an action needs.
pub(crate) fn scopes(clauses: &[Clause]) -> BTreeSet<String> {
    let found = |expr: &Expr| match expr {
        Expr::BinaryOp { op: BinaryOp::Contains, left, right } if of_variable(left, &Var::Principal, "scopes") => {
            string(right).map(|scope| BTreeSet::from([scope]))
        }
        Expr::BinaryOp { op: BinaryOp::ContainsAll | BinaryOp::ContainsAny, left, right }
            if of_variable(left, &Var::Principal, "scopes") =>
        {
            members(right, string).map(|scopes| scopes.into_iter().collect())
        }
        expr => match test(expr).as_slice() {
            [Test::Scope(scopes)] => Some(scopes.iter().cloned().collect()),
            _ => None,
        },
    };
    let join = |one: BTreeSet<String>, other| one.union(&other).cloned().collect();
    let of = |clause: &Clause| {
        let (Clause::When(expr) | Clause::Unless(expr)) = clause;
        expr.reduce(&found, &join, BTreeSet::new())
    };
    clauses.iter().map(of).fold(BTreeSet::new(), join)
}

fn ids(uids: &[EntityUID], kind: &str) -> Vec<String> {
    uids.iter().filter(|uid| uid.ty.to_string() == kind).map(|uid| uid.eid.to_string()).collect()
}

fn members<T>(set: &Expr, member: impl Fn(&Expr) -> Option<T>) -> Option<Vec<T>> {
    let Expr::Set(members) = set else { return None };
    members.iter().map(|expr| member(expr)).collect()
}

fn uid(expr: &Expr) -> Option<EntityUID> {
    if let Expr::Literal(Literal::EntityUID(uid)) = expr { Some(uid.clone()) } else { None }
}

fn string(expr: &Expr) -> Option<String> {
    if let Expr::Literal(Literal::String(text)) = expr { Some(text.to_string()) } else { None }
}

fn of_variable(expr: &Expr, variable: &Var, name: &str) -> bool {
    matches!(expr, Expr::GetAttr { expr, attr } if attr == name && **expr == Expr::Var(variable.clone()))
}
