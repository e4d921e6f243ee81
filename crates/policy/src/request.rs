//! A question as Cedar takes it: the few entities it is about, and one request for each resource.
//!
//! Everything is built as values, without a way through JSON, and checked against the schema.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::str::FromStr;

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression as Value,
};
use domain::Instant;

use crate::facts::{self, Wanted};
use crate::question_error::{QuestionError, quote};
use crate::schema::{APPROVE, Action, Vocabulary};
use domain::policy::question::{
    Approval, KnownResource, Principal, PrincipalKind, Question, Reviewer, TicketFacts, scope_of,
};

/// The scope that reviewing needs.
pub(crate) const REVIEW_SCOPE: &str = "approvals:review";

/// A question, ready to be evaluated.
pub(crate) struct Prepared {
    pub(crate) entities: Entities,
    /// One for each resource, in their order.
    pub(crate) requests: Vec<Request>,
}

impl Prepared {
    /// Of a question.
    pub(crate) fn question(vocabulary: &Vocabulary, question: &Question) -> Result<Self, QuestionError> {
        let action = vocabulary.action(&question.action)?;
        let env = vocabulary.environment(&question.env)?;
        let (principal, principal_entity) = principal(vocabulary, &question.principal, action, &question.action)?;
        if question.resources.is_empty() {
            return Err(QuestionError::NoResources);
        }
        facts::check(question)?;
        let mut entities = vec![principal_entity];
        let mut requests = vec![];
        for (index, text) in question.resources.iter().enumerate() {
            let field = format!("resources[{index}]");
            let kind = vocabulary.resource(field.clone(), text, &question.action)?;
            let resource = resource(&vocabulary.wanted, kind, text, env, question.known.get(text));
            let resource = resource.map_err(|message| refused(&field, &message))?;
            let context = circumstances(&vocabulary.wanted, question, text)?;
            let uids = (principal.clone(), action.uid.clone(), resource.uid());
            let request = Request::new(uids.0, uids.1, uids.2, context, Some(&vocabulary.schema));
            requests.push(request.map_err(|error| refused(&field, &error))?);
            entities.push(resource);
        }
        Self::checked(vocabulary, entities, requests)
    }

    /// Of whether somebody may review a ticket.
    pub(crate) fn review(
        vocabulary: &Vocabulary,
        reviewer: &Reviewer,
        ticket: &TicketFacts,
    ) -> Result<Self, QuestionError> {
        let Some(action) = vocabulary.actions.get(APPROVE) else {
            let known = vec![];
            return Err(QuestionError::Unknown { field: "action".to_owned(), input: APPROVE.to_owned(), known });
        };
        let (principal, principal_entity) = principal(vocabulary, &reviewer.principal, action, APPROVE)?;
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
        let pairs = [("now".to_owned(), instant(reviewer.now)), ("scope".to_owned(), text(REVIEW_SCOPE))];
        let context = Context::from_pairs(pairs).map_err(|error| refused("now", &error))?;
        let request = Request::new(principal, action.uid.clone(), resource.uid(), context, Some(&vocabulary.schema));
        let request = request.map_err(|error| refused("ticket", &error))?;
        Self::checked(vocabulary, vec![principal_entity, resource], vec![request])
    }

    fn checked(vocabulary: &Vocabulary, entities: Vec<Entity>, requests: Vec<Request>) -> Result<Self, QuestionError> {
        let entities = Entities::from_entities(entities, Some(&vocabulary.schema));
        Ok(Self { entities: entities.map_err(|error| refused("principal", &error))?, requests })
    }
}

fn principal(
    vocabulary: &Vocabulary,
    principal: &Principal,
    action: &Action,
    name_of_action: &str,
) -> Result<(EntityUid, Entity), QuestionError> {
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
    let entity = Entity::new(own.clone(), attributes, teams).map_err(|error| refused("principal", &error))?;
    Ok((own, entity))
}

fn resource(
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

fn circumstances(wanted: &Wanted, question: &Question, resource: &str) -> Result<Context, QuestionError> {
    let mut pairs = vec![("now", instant(question.now)), ("scope", text(scope_of(&question.action)))];
    if let Some(approval) = &question.approval {
        pairs.push(("approval", approved(approval, &question.principal.reference(), resource)?));
    }
    if let Some(mode) = question.context.execution_mode {
        pairs.push(("executionMode", choice("ExecutionMode", mode.name())));
    }
    if let Some(started) = question.context.execution_context {
        pairs.push(("executionContext", choice("ExecutionContext", started.name())));
    }
    if let Some(ip) = &question.context.ip {
        let help = "it should be an IPv4 or IPv6 address, like `192.0.2.1` or `2001:db8::1`";
        let bad = |_| QuestionError::Malformed { field: "context.ip".to_owned(), input: quote(ip), help };
        // An IPv4 address in IPv6 clothes would slip through ranges that are written as IPv4.
        let address = IpAddr::from_str(ip).map_err(bad)?.to_canonical();
        pairs.push(("ip", Value::new_ip(address.to_string())));
    }
    let pairs = pairs.into_iter().map(|(name, value)| (name.to_owned(), value));
    let pairs = pairs.chain(wanted.of_action(&question.action, facts::of_request(&question.context)));
    Context::from_pairs(pairs).map_err(|error| refused("context", &error))
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
    Value::new_datetime(instant.to_string())
}

fn refused(field: &str, error: &impl ToString) -> QuestionError {
    QuestionError::Refused { field: field.to_owned(), message: error.to_string() }
}
