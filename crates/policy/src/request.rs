//! The parts of a question as Cedar takes it: who acts, what is acted on, and under which circumstances.
//!
//! Everything is built as values, without a way through JSON, and the circumstances, which are new each time, without a way
//! through expressions either. [`crate::subject`] checks it against the schema.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::{Arc, LazyLock};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value,
};
use cedar_policy_core::ast::{self, Name, PartialValue, RestrictedExpr, Value as Evaluated};
use cedar_policy_core::evaluator::RestrictedEvaluator;
use cedar_policy_core::extensions::Extensions;
use domain::Instant;

use crate::facts::{self, Wanted};
use crate::parts::Parts;
use crate::question_error::{QuestionError, quote};
use crate::schema::{Action, Vocabulary};
use crate::subject::Subject;
use domain::policy::question::{
    APPROVE, Approval, KnownResource, Principal, PrincipalKind, Question, Reviewer, TicketFacts, scope_of,
};

/// The types that nearly every question has something of, parsed once.
static NAMES: LazyLock<HashMap<&str, EntityTypeName>> = LazyLock::new(|| {
    let names = ["User", "ServiceAccount", "Team", "Environment", "ExecutionMode", "ExecutionContext"];
    names.into_iter().map(|name| (name, parsed(name))).collect()
});

static DATETIME: LazyLock<Name> = LazyLock::new(|| function("datetime"));
static IP: LazyLock<Name> = LazyLock::new(|| function("ip"));

/// A question with all that it says, for those who evaluate it by themselves.
pub(crate) struct Prepared {
    pub(crate) entities: Entities,
    /// One for each resource, in their order.
    pub(crate) requests: Vec<Request>,
}

impl Prepared {
    /// Of a question.
    pub(crate) fn question(vocabulary: &Vocabulary, question: &Question) -> Result<Self, QuestionError> {
        facts::check(question)?;
        let subject = Subject::new(vocabulary, question)?;
        let places = 0..question.resources.len();
        let requests =
            places.map(|at| subject.request(vocabulary, question, at, Parts::ALL)).collect::<Result<_, _>>()?;
        Ok(Self { entities: subject.entities, requests })
    }

    /// Of whether somebody may review a ticket.
    pub(crate) fn review(
        vocabulary: &Vocabulary,
        reviewer: &Reviewer,
        ticket: &TicketFacts,
    ) -> Result<Self, QuestionError> {
        let (entities, request) = review(vocabulary, reviewer, ticket)?;
        Ok(Self { entities, requests: vec![request] })
    }
}

/// Whether somebody may review a ticket, as Cedar takes it.
pub(crate) fn review(
    vocabulary: &Vocabulary,
    reviewer: &Reviewer,
    ticket: &TicketFacts,
) -> Result<(Entities, Request), QuestionError> {
    let Some(action) = vocabulary.actions.get(APPROVE) else {
        let known = vec![];
        return Err(QuestionError::Unknown { field: "action".to_owned(), input: APPROVE.to_owned(), known });
    };
    let principal = principal(vocabulary, &reviewer.principal, action, APPROVE)?;
    let attributes = HashMap::from([
        ("ref".to_owned(), text(format!("ticket:{}", ticket.id))),
        ("env".to_owned(), choice("Environment", vocabulary.environment(&ticket.env)?)),
        ("action".to_owned(), text(&ticket.action)),
        ("resources".to_owned(), texts(&ticket.resources)),
        ("requester".to_owned(), text(&ticket.requester)),
        ("onBehalfOf".to_owned(), texts(&ticket.on_behalf_of)),
    ]);
    let resource = Entity::new(uid(name("Ticket"), &ticket.id), attributes, HashSet::new());
    let resource = resource.map_err(|error| refused("ticket", &error))?;
    let pairs = [("now".to_owned(), instant(reviewer.now)), ("scope".to_owned(), text(scope_of(APPROVE)))];
    let context = Context::from_pairs(pairs).map_err(|error| refused("now", &error))?;
    let uids = (principal.uid(), action.uid.clone(), resource.uid());
    let request = Request::new(uids.0, uids.1, uids.2, context, Some(&vocabulary.schema));
    let request = request.map_err(|error| refused("ticket", &error))?;
    let entities = Entities::from_entities([principal, resource], Some(&vocabulary.schema));
    Ok((entities.map_err(|error| refused("principal", &error))?, request))
}

/// Who acts, for this action.
pub(crate) fn principal(
    vocabulary: &Vocabulary,
    principal: &Principal,
    action: &Action,
    name_of_action: &str,
) -> Result<Entity, QuestionError> {
    let Principal { kind, id, teams, scopes, workspaces, owner: _, name: _ } = principal;
    if !action.principals.contains(kind) {
        let known = action.principals.iter().map(|kind| kind.name().to_owned()).collect();
        let (field, input) = ("principal.kind".to_owned(), kind.name().to_owned());
        return Err(QuestionError::Unfit { field, input, action: name_of_action.to_owned(), known });
    }
    if id.is_empty() {
        let help = "it should be the id of a principal, like `billing-ci`";
        return Err(QuestionError::Malformed { field: "principal.id".to_owned(), input: quote(id), help });
    }
    let own = uid(name(type_of(*kind)), id);
    let mut attributes = HashMap::from([
        ("ref".to_owned(), text(principal.reference())),
        ("scopes".to_owned(), texts(scopes)),
        ("workspaces".to_owned(), texts(workspaces)),
    ]);
    attributes.extend(vocabulary.wanted.of_type(own.type_name(), facts::of_principal(principal)));
    let teams = teams.iter().map(|team| uid(name("Team"), team)).collect();
    Entity::new(own, attributes, teams).map_err(|error| refused("principal", &error))
}

/// What is acted on, for this environment.
pub(crate) fn resource(
    wanted: &Wanted,
    kind: &EntityTypeName,
    reference: &str,
    env: &str,
    known: Option<&KnownResource>,
) -> Result<Entity, String> {
    let id = reference.split_once(':').map_or(reference, |(_, id)| id);
    let mut attributes =
        HashMap::from([("ref".to_owned(), text(reference)), ("env".to_owned(), choice("Environment", env))]);
    attributes.extend(wanted.of_type(kind, facts::of_resource(id, known)));
    Entity::new(uid(kind.clone(), id), attributes, HashSet::new()).map_err(|error| error.to_string())
}

/// The context of a question about one resource: of what there is, that which is read.
pub(crate) fn circumstances(
    wanted: &Wanted,
    question: &Question,
    resource: &str,
    parts: Parts,
) -> Result<Context, QuestionError> {
    let declared = &question.context;
    let mut pairs = vec![];
    if parts.has("now") {
        pairs.push(("now", called(&DATETIME, question.now.to_string())?));
    }
    if parts.has("scope") {
        pairs.push(("scope", Evaluated::from(scope_of(&question.action))));
    }
    if let Some(approval) = question.approval.as_ref().filter(|_| parts.has("approval")) {
        pairs.push(("approval", evaluated(&approved(approval, &question.principal.reference(), resource)?)?));
    }
    if let Some(mode) = declared.execution_mode.filter(|_| parts.has("executionMode")) {
        pairs.push(("executionMode", evaluated(&choice("ExecutionMode", mode.name()))?));
    }
    if let Some(started) = declared.execution_context.filter(|_| parts.has("executionContext")) {
        pairs.push(("executionContext", evaluated(&choice("ExecutionContext", started.name()))?));
    }
    if let Some(ip) = &declared.ip {
        let help = "it should be an IPv4 or IPv6 address, like `192.0.2.1` or `2001:db8::1`";
        let bad = |_| QuestionError::Malformed { field: "context.ip".to_owned(), input: quote(ip), help };
        // An IPv4 address in IPv6 clothes would slip through ranges that are written as IPv4.
        let address = IpAddr::from_str(ip).map_err(bad)?.to_canonical();
        if parts.has("ip") {
            pairs.push(("ip", called(&IP, address.to_string())?));
        }
    }
    let mut context: BTreeMap<_, _> = pairs.into_iter().map(|(name, value)| (name.into(), value)).collect();
    for (name, value) in wanted.of_action(&question.action, facts::of_request(declared)) {
        if parts.has(&name) {
            context.insert(name.into(), evaluated(&value)?);
        }
    }
    Ok(ast::Context::Value(Arc::new(context)).into())
}

/// What a function of Cedar makes of a text.
fn called(function: &Name, argument: String) -> Result<Evaluated, QuestionError> {
    let function = Extensions::all_available().func(function).map_err(|error| refused("context", &error))?;
    match function.call(&[Evaluated::from(argument)]) {
        Ok(PartialValue::Value(value)) => Ok(value),
        Ok(PartialValue::Residual(residual)) => Err(refused("context", &residual)),
        Err(error) => Err(refused("context", &error)),
    }
}

fn evaluated(value: &Value) -> Result<Evaluated, QuestionError> {
    let evaluator = RestrictedEvaluator::new(Extensions::all_available());
    evaluator.interpret(value.as_ref().as_borrowed()).map_err(|error| refused("context", &error))
}

fn approved(approval: &Approval, requester: &str, target: &str) -> Result<Value, QuestionError> {
    let Approval { approvers, groups, granted_at, expires_at, ticket: _ } = approval;
    let groups = groups.iter().map(|group| Value::new_entity_uid(uid(name("Team"), group)));
    let record = Value::new_record([
        ("approvers".to_owned(), Value::new_long(i64::from(*approvers))),
        ("groups".to_owned(), Value::new_set(groups)),
        ("requester".to_owned(), text(requester)),
        ("target".to_owned(), text(target)),
        ("grantedAt".to_owned(), instant(*granted_at)),
        ("expiresAt".to_owned(), instant(*expires_at)),
    ]);
    record.map_err(|error| refused("approval", &error))
}

pub(crate) const fn type_of(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::User => "User",
        PrincipalKind::ServiceAccount => "ServiceAccount",
    }
}

pub(crate) fn name(name: &'static str) -> EntityTypeName {
    NAMES.get(name).cloned().unwrap_or_else(|| parsed(name))
}

fn function(name: &str) -> Name {
    Name::from_str(name).expect("the names in this file are identifiers")
}

fn parsed(name: &str) -> EntityTypeName {
    EntityTypeName::from_str(name).expect("the names in this file are identifiers")
}

pub(crate) fn uid(kind: EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

pub(crate) fn choice(kind: &'static str, id: &str) -> Value {
    Value::new_entity_uid(uid(name(kind), id))
}

pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::new_string(text.into())
}

pub(crate) fn texts(texts: &[String]) -> Value {
    Value::new_set(texts.iter().map(text))
}

pub(crate) fn instant(instant: Instant) -> Value {
    call(&DATETIME, instant.to_string())
}

/// The same as `Value::new_datetime` and its like, which parse the name of the function each time.
fn call(function: &Name, argument: String) -> Value {
    RestrictedExpr::call_extension_fn(function.clone(), [RestrictedExpr::val(argument)]).into()
}

pub(crate) fn refused(field: &str, error: &impl ToString) -> QuestionError {
    QuestionError::Refused { field: field.to_owned(), message: error.to_string() }
}
