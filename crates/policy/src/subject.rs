//! Who asks and on what, put together as Cedar takes it and checked against the schema: what many questions have in common.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use cedar_policy::{Entities, EntityUid, Request};
use domain::policy::question::{KnownResource, Principal, Question};

use crate::facets::Facets;
use crate::facts;
use crate::parts::Parts;
use crate::question_error::QuestionError;
use crate::request::{self, refused};
use crate::schema::Vocabulary;

/// The part of a question that does not change with time and circumstances.
pub(crate) struct Subject {
    principal: Principal,
    action: String,
    resources: Vec<String>,
    env: String,
    known: BTreeMap<String, KnownResource>,
    /// Everybody and everything it is about, with the actions.
    pub(crate) entities: Entities,
    uid: EntityUid,
    action_uid: EntityUid,
    targets: Vec<Target>,
}

/// One of its resources.
struct Target {
    uid: EntityUid,
    kind: String,
    fit: Shapes,
}

/// Which shapes of context the schema was found to take. Whether it does depends on the action, on which parts there are,
/// on their types, and on the ids of entities in them; so what was checked once need not be checked again.
#[derive(Default)]
struct Shapes([AtomicU64; 4]);

impl Subject {
    /// Of a question; the names in it must be those of the schema.
    pub(crate) fn new(vocabulary: &Vocabulary, question: &Question) -> Result<Self, QuestionError> {
        let action = vocabulary.action(&question.action)?;
        let env = vocabulary.environment(&question.env)?;
        let principal = request::principal(vocabulary, &question.principal, action, &question.action)?;
        if question.resources.is_empty() {
            return Err(QuestionError::NoResources);
        }
        let uid = principal.uid();
        let mut entities = vec![principal];
        let mut targets = vec![];
        for (index, text) in question.resources.iter().enumerate() {
            let field = format!("resources[{index}]");
            let kind = vocabulary.resource(field.clone(), text, &question.action)?;
            let resource = request::resource(&vocabulary.wanted, kind, text, env, question.known.get(text));
            let resource = resource.map_err(|message| refused(&field, &message))?;
            targets.push(Target { uid: resource.uid(), kind: kind.basename().to_owned(), fit: Shapes::default() });
            entities.push(resource);
        }
        let entities = Entities::from_entities(entities, Some(&vocabulary.schema));
        let Question { principal, action: action_name, resources, env, known, .. } = question.clone();
        Ok(Self {
            entities: entities.map_err(|error| refused("principal", &error))?,
            action: action_name,
            principal,
            resources,
            env,
            known,
            uid,
            action_uid: action.uid.clone(),
            targets,
        })
    }

    /// Whether a question is about this.
    pub(crate) fn is_of(&self, question: &Question) -> bool {
        let Self { principal, action, resources, env, known, .. } = self;
        let Question { principal: who, action: what, resources: on, env: place, known: facts, .. } = question;
        who == principal && what == action && on == resources && place == env && facts == known
    }

    /// What the index looks at, of each resource in their order.
    pub(crate) fn facets(&self) -> impl Iterator<Item = Facets<'_>> {
        let holds_scope = Facets::holds(&self.principal, &self.action);
        self.targets.iter().zip(&self.resources).map(move |(target, resource)| Facets {
            principal: self.principal.kind,
            principal_id: &self.principal.id,
            teams: &self.principal.teams,
            holds_scope,
            action: &self.action,
            resource: &target.kind,
            resource_id: target.uid.id().unescaped(),
            resource_ref: resource,
            env: &self.env,
            workspace: facts::workspace_of(target.uid.id().unescaped(), self.known.get(resource)),
        })
    }

    /// The question about one of its resources. Of the context there is at least what is read.
    pub(crate) fn request(
        &self,
        vocabulary: &Vocabulary,
        question: &Question,
        at: usize,
        parts: Parts,
    ) -> Result<Request, QuestionError> {
        let (Some(target), Some(resource)) = (self.targets.get(at), self.resources.get(at)) else {
            return Err(QuestionError::NoResources);
        };
        let shape = Shapes::of(question);
        let known = shape.is_some_and(|shape| target.fit.has(shape));
        let parts = if known { parts } else { Parts::ALL };
        let context = request::circumstances(&vocabulary.wanted, question, resource, parts)?;
        let uids = (self.uid.clone(), self.action_uid.clone(), target.uid.clone());
        let schema = (!known).then_some(&vocabulary.schema);
        let request = Request::new(uids.0, uids.1, uids.2, context, schema);
        let request = request.map_err(|error| refused(&format!("resources[{at}]"), &error))?;
        if let Some(shape) = shape {
            target.fit.add(shape);
        }
        Ok(request)
    }
}

impl Shapes {
    /// The shape of a question's context: which parts there are, and what stands for entities in them. None with groups of
    /// an approval, which can be any.
    fn of(question: &Question) -> Option<u8> {
        let context = &question.context;
        let groups = question.approval.as_ref().is_some_and(|approval| !approval.groups.is_empty());
        let parts = [
            question.approval.is_some(),
            context.ip.is_some(),
            context.known_network.is_some(),
            context.break_glass.is_some(),
        ];
        let parts = parts.into_iter().fold(0, |bits, part| bits << 1 | u8::from(part));
        let mode = context.execution_mode.map_or(0, |mode| mode as u8 + 1);
        let started = context.execution_context.map_or(0, |started| started as u8 + 1);
        (!groups).then_some(parts << 4 | mode << 2 | started)
    }

    fn has(&self, shape: u8) -> bool {
        self.0[usize::from(shape / 64)].load(Ordering::Relaxed) & 1 << (shape % 64) != 0
    }

    fn add(&self, shape: u8) {
        self.0[usize::from(shape / 64)].fetch_or(1 << (shape % 64), Ordering::Relaxed);
    }
}
