//! What the host knows beyond the least of a question, and which of it a schema has a place for.
//!
//! Invariant: a fact is sent where the schema declares its attribute with its type, and nowhere else. So a policy set
//! that was published before an attribute existed answers as it always did, and one that declares it otherwise, for a
//! purpose of its own, never meets it.

use std::collections::{BTreeMap, HashMap, HashSet};

use cedar_policy::{
    Context, Entities, Entity, EntityTypeName, EntityUid, Request, RestrictedExpression as Value, Schema,
};
use domain::Instant;
use domain::policy::question::{Declared, KnownResource, Principal, PrincipalKind, Question};

use crate::question_error::{QuestionError, quote};
use crate::request::{choice, instant, name, text, texts, type_of, uid};
use crate::schema::Action;

/// The most characters that the reason of an emergency may have.
const REASON: usize = 500;

/// An attribute with its value.
type Fact = (&'static str, Value);

/// The facts that a schema has a place for.
#[derive(Default)]
pub(crate) struct Wanted {
    types: HashMap<EntityTypeName, Vec<&'static str>>,
    actions: BTreeMap<String, Vec<&'static str>>,
}

/// Of who acts.
pub(crate) fn of_principal(principal: &Principal) -> Vec<Fact> {
    principal.owner.iter().map(|owner| ("owner", text(owner))).collect()
}

/// Where a resource was put, or else the first part of its name.
pub(crate) fn workspace_of<'a>(id: &'a str, known: Option<&'a KnownResource>) -> Option<&'a str> {
    let put = known.and_then(|known| known.workspace.as_deref());
    put.or_else(|| id.split_once('/').map(|(workspace, _)| workspace))
}

/// Of what is acted on.
pub(crate) fn of_resource(id: &str, known: Option<&KnownResource>) -> Vec<Fact> {
    let mut facts = vec![];
    if let Some(workspace) = workspace_of(id, known) {
        facts.push(("workspace", text(workspace)));
    }
    let Some(KnownResource { allowed_accounts, max_duration_seconds, owner, trusted, workspace: _, widens }) = known
    else {
        return facts;
    };
    facts.extend(allowed_accounts.as_ref().map(|names| ("allowedAccounts", accounts(names))));
    facts.extend(max_duration_seconds.map(|seconds| ("maxDuration", Value::new_long(i64::from(seconds)))));
    facts.extend(owner.as_ref().map(|name| ("owner", text(account(name)))));
    if !trusted.is_empty() {
        facts.push(("trusted", accounts(trusted)));
    }
    facts.extend(widens.map(|widens| ("widens", Value::new_bool(widens))));
    facts
}

/// Of the request itself.
pub(crate) fn of_request(context: &Declared) -> Vec<Fact> {
    let known = context.known_network.map(|known| ("knownNetwork", Value::new_bool(known)));
    let reason = context.break_glass.as_ref().map(|reason| ("breakGlass", text(reason)));
    known.into_iter().chain(reason).collect()
}

/// Refuses facts that could only be a mistake.
pub(crate) fn check(question: &Question) -> Result<(), QuestionError> {
    let bad = |field: String, input: &str, help| Err(QuestionError::Malformed { field, input: quote(input), help });
    if let Some(reason) = &question.context.break_glass
        && (reason.trim().is_empty() || reason.chars().count() > REASON)
    {
        let help = "say in 1 to 500 characters what the emergency is, or leave it out";
        return bad("context.break_glass".to_owned(), reason, help);
    }
    for (resource, known) in &question.known {
        if !question.resources.contains(resource) {
            return bad("known".to_owned(), resource, "it should be one of `resources`, letter by letter");
        }
        let lists = [("allowed_accounts", known.allowed_accounts.as_deref().unwrap_or_default())];
        let owner = [("owner", known.owner.as_slice()), ("trusted", known.trusted.as_slice())];
        for (field, names) in lists.into_iter().chain(owner) {
            if let Some(name) = names.iter().find(|name| name.is_empty() || name.contains(':')) {
                let help = "it should be the name of a service account alone, like `billing-ci`";
                return bad(format!("known[{resource}].{field}"), name, help);
            }
        }
    }
    Ok(())
}

impl Wanted {
    /// By a schema: each fact is tried, alone.
    pub(crate) fn by(schema: &Schema, actions: &BTreeMap<String, Action>, env: &str) -> Self {
        let mut wanted = Self::default();
        for (action_name, action) in actions {
            for kind in &action.principals {
                let kind_name = name(type_of(*kind));
                let least = [("ref", text("a")), ("scopes", texts(&[])), ("workspaces", texts(&[]))];
                wanted.types.entry(kind_name.clone()).or_insert_with(|| {
                    fitting(of_principal(&full_principal(*kind)), |facts| {
                        entity_fits(schema, &kind_name, &least, facts)
                    })
                });
            }
            for kind in action.resources.values() {
                let least = [("ref", text("a")), ("env", choice("Environment", env))];
                wanted.types.entry(kind.clone()).or_insert_with(|| {
                    fitting(of_resource("a", Some(&full_resource())), |facts| entity_fits(schema, kind, &least, facts))
                });
            }
            let fits = |facts: &[Fact]| request_fits(schema, action, facts);
            wanted.actions.insert(action_name.clone(), fitting(of_request(&full_context()), fits));
        }
        wanted
    }

    /// Those of an entity's facts that its type has a place for.
    pub(crate) fn of_type(&self, kind: &EntityTypeName, facts: Vec<Fact>) -> impl Iterator<Item = (String, Value)> {
        chosen(self.types.get(kind), facts)
    }

    /// Those of a request's facts that its action has a place for.
    pub(crate) fn of_action(&self, action: &str, facts: Vec<Fact>) -> impl Iterator<Item = (String, Value)> {
        chosen(self.actions.get(action), facts)
    }

    /// Whether a fact of an entity of a type is sent.
    pub(crate) fn of_type_is_sent(&self, kind: &EntityTypeName, fact: &str) -> bool {
        self.types.get(kind).is_some_and(|wanted| wanted.contains(&fact))
    }

    /// Whether a fact of a request is sent with an action.
    pub(crate) fn of_action_is_sent(&self, action: &str, fact: &str) -> bool {
        self.actions.get(action).is_some_and(|wanted| wanted.contains(&fact))
    }
}

fn chosen(wanted: Option<&Vec<&'static str>>, facts: Vec<Fact>) -> impl Iterator<Item = (String, Value)> {
    let wanted = wanted.map(Vec::as_slice).unwrap_or_default();
    facts.into_iter().filter(|(name, _)| wanted.contains(name)).map(|(name, value)| (name.to_owned(), value))
}

/// The names of the facts that fit: mostly all of them, so that is tried first.
fn fitting(facts: Vec<Fact>, fits: impl Fn(&[Fact]) -> bool) -> Vec<&'static str> {
    if fits(&facts) {
        return facts.into_iter().map(|(name, _)| name).collect();
    }
    facts.into_iter().filter(|fact| fits(std::slice::from_ref(fact))).map(|(name, _)| name).collect()
}

fn entity_fits(schema: &Schema, kind: &EntityTypeName, least: &[Fact], facts: &[Fact]) -> bool {
    let attributes = least.iter().chain(facts).map(|(name, value)| ((*name).to_owned(), value.clone()));
    let entity = Entity::new(uid(kind.clone(), "a"), attributes.collect(), HashSet::new());
    entity.is_ok_and(|entity| Entities::from_entities([entity], Some(schema)).is_ok())
}

fn request_fits(schema: &Schema, action: &Action, facts: &[Fact]) -> bool {
    let least = [("now", instant(Instant::from_seconds(0))), ("scope", text("a"))];
    let pairs = least.iter().chain(facts).map(|(name, value)| ((*name).to_owned(), value.clone()));
    let (Some(kind), Some(resource)) = (action.principals.first(), action.resources.values().next()) else {
        return false;
    };
    let uids: (EntityUid, EntityUid) = (uid(name(type_of(*kind)), "a"), uid(resource.clone(), "a"));
    Context::from_pairs(pairs)
        .is_ok_and(|context| Request::new(uids.0, action.uid.clone(), uids.1, context, Some(schema)).is_ok())
}

fn account(name: &str) -> String {
    format!("{}:{name}", PrincipalKind::ServiceAccount.name())
}

fn accounts(names: &[String]) -> Value {
    Value::new_set(names.iter().map(|name| text(account(name))))
}

/// A principal with every fact there is.
pub(crate) fn full_principal(kind: PrincipalKind) -> Principal {
    let some = || vec!["some".to_owned()];
    let (id, name, owner) = ("id".to_owned(), "name".to_owned(), Some("user:id".to_owned()));
    Principal { kind, id, name, teams: some(), scopes: some(), workspaces: some(), owner }
}

/// A resource of which everything is known.
pub(crate) fn full_resource() -> KnownResource {
    let some = || vec!["some".to_owned()];
    KnownResource {
        allowed_accounts: Some(some()),
        max_duration_seconds: Some(1),
        owner: Some("some".to_owned()),
        trusted: some(),
        workspace: Some("some".to_owned()),
        widens: Some(true),
    }
}

/// A context with every fact there is.
pub(crate) fn full_context() -> Declared {
    Declared { known_network: Some(true), break_glass: Some("some".to_owned()), ..Declared::default() }
}
