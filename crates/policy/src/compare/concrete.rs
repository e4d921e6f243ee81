//! From what a solver found back to a request that can be asked.
//!
//! What the host cannot send (an entity as an owner, a range as an address) is left away or made possible; whoever uses the
//! request asks the engine whether it still shows what it should.

use std::collections::BTreeMap;

use cedar_policy::{Entities, Entity, EvalResult, Expression, Request, eval_expression};
use cedar_policy_symcc::Env;
use domain::Instant;
use domain::policy::{
    Approval, Asked, Declared, ExecutionContext, ExecutionMode, KnownResource, Principal, Question, Reviewer,
    TicketFacts,
};

use super::kind::Kind;
use crate::facts::workspace_of;

/// The request, if it is one.
pub(crate) fn asked(kind: &Kind, env: &Env) -> Option<Asked> {
    let found = Found { request: &env.request, entities: &env.entities };
    let principal = found.principal(kind)?;
    let now = found.instant("context.now")?;
    let resource = found.entities.get(found.request.resource()?)?;
    let place = Found::entity_id(resource, "env")?;
    let reference = Found::text(resource, "ref")?;
    if kind.is_review() {
        let ticket = TicketFacts {
            id: reference.split_once(':')?.1.to_owned(),
            requester: Found::text(resource, "requester")?,
            on_behalf_of: Found::texts(resource, "onBehalfOf"),
            action: Found::text(resource, "action")?,
            resources: Found::texts(resource, "resources"),
            env: place,
        };
        return Some(Asked::Review(Reviewer { principal, now }, ticket));
    }
    let known = Found::known(resource, &reference);
    let mut all_known = BTreeMap::new();
    if known != KnownResource::default() {
        all_known.insert(reference.clone(), known);
    }
    Some(Asked::Question(Question {
        principal,
        action: kind.action().to_owned(),
        resources: vec![reference],
        env: place,
        context: found.declared(),
        now,
        approval: found.approval(),
        known: all_known,
    }))
}

struct Found<'a> {
    request: &'a Request,
    entities: &'a Entities,
}

impl Found<'_> {
    fn principal(&self, kind: &Kind) -> Option<Principal> {
        let uid = self.request.principal()?;
        let entity = self.entities.get(uid)?;
        let reference = Self::text(entity, "ref")?;
        let (_, id) = reference.split_once(':')?;
        let above = self.entities.ancestors(uid).into_iter().flatten();
        let teams = above.filter(|uid| uid.type_name().to_string() == "Team");
        let mut teams: Vec<_> = teams.map(|uid| uid.id().unescaped().to_owned()).collect();
        teams.sort();
        Some(Principal {
            kind: kind.who,
            id: id.to_owned(),
            name: id.to_owned(),
            teams,
            scopes: Self::texts(entity, "scopes"),
            workspaces: Self::texts(entity, "workspaces"),
            owner: Self::text(entity, "owner"),
        })
    }

    /// What the control plane would have to know of the resource.
    fn known(resource: &Entity, reference: &str) -> KnownResource {
        let account = |reference: String| Some(reference.strip_prefix("service_account:")?.to_owned());
        let accounts = |name| Self::texts(resource, name).into_iter().filter_map(account).collect();
        let by_name = workspace_of(reference.split_once(':').map_or("", |(_, id)| id), None).map(str::to_owned);
        let longest = match Self::value(resource, "maxDuration") {
            Some(EvalResult::Long(seconds)) => u32::try_from(seconds).ok(),
            _ => None,
        };
        KnownResource {
            allowed_accounts: resource.attr("allowedAccounts").map(|_| accounts("allowedAccounts")),
            max_duration_seconds: longest,
            owner: Self::text(resource, "owner").and_then(account),
            trusted: accounts("trusted"),
            workspace: Self::text(resource, "workspace").filter(|workspace| Some(workspace) != by_name.as_ref()),
            widens: Self::truth(Self::value(resource, "widens")),
        }
    }

    fn declared(&self) -> Declared {
        let chosen = |name| match self.context(name)? {
            EvalResult::EntityUid(uid) => Some(uid.id().unescaped().to_owned()),
            _ => None,
        };
        let modes = [ExecutionMode::Local, ExecutionMode::Hybrid, ExecutionMode::Remote];
        let starts = [ExecutionContext::Cli, ExecutionContext::Automated, ExecutionContext::Remote];
        let (mode, start) = (chosen("executionMode"), chosen("executionContext"));
        Declared {
            execution_mode: modes.into_iter().find(|known| mode.as_deref() == Some(known.name())),
            execution_context: starts.into_iter().find(|known| start.as_deref() == Some(known.name())),
            ip: self.context("ip").and_then(|value| match value {
                // `ip("10.0.0.0/8")`: of a range, its first address.
                EvalResult::ExtensionValue(text) => Some(text.split('"').nth(1)?.split('/').next()?.to_owned()),
                _ => None,
            }),
            known_network: Self::truth(self.context("knownNetwork")),
            break_glass: self.context("breakGlass").and_then(|value| match value {
                EvalResult::String(why) => Some(why),
                _ => None,
            }),
        }
    }

    fn approval(&self) -> Option<Approval> {
        let EvalResult::Record(record) = self.context("approval")? else { return None };
        let groups = match record.get("groups") {
            Some(EvalResult::Set(set)) => set.iter().filter_map(id_of).collect(),
            _ => vec![],
        };
        let approvers = match record.get("approvers")? {
            EvalResult::Long(number) => u32::try_from(*number).ok()?,
            _ => return None,
        };
        let granted_at = self.instant("context.approval.grantedAt")?;
        let expires_at = self.instant("context.approval.expiresAt")?;
        Some(Approval { approvers, groups, granted_at, expires_at, ticket: None })
    }

    fn context(&self, name: &str) -> Option<EvalResult> {
        self.request.context()?.get(name)
    }

    /// However the solver writes it.
    fn instant(&self, path: &str) -> Option<Instant> {
        let text = format!("{path}.durationSince(datetime(\"1970-01-01\")).toMilliseconds()");
        let expression: Expression = text.parse().ok()?;
        match eval_expression(self.request, self.entities, &expression).ok()? {
            EvalResult::Long(millis) => Some(Instant::from_millis(millis)),
            _ => None,
        }
    }

    fn value(entity: &Entity, name: &str) -> Option<EvalResult> {
        entity.attr(name)?.ok()
    }

    fn text(entity: &Entity, name: &str) -> Option<String> {
        match Self::value(entity, name)? {
            EvalResult::String(text) => Some(text),
            _ => None,
        }
    }

    fn truth(value: Option<EvalResult>) -> Option<bool> {
        match value? {
            EvalResult::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    fn texts(entity: &Entity, name: &str) -> Vec<String> {
        let Some(EvalResult::Set(set)) = Self::value(entity, name) else { return vec![] };
        let text = |value: &EvalResult| match value {
            EvalResult::String(text) => Some(text.clone()),
            value => id_of(value),
        };
        set.iter().filter_map(text).collect()
    }

    fn entity_id(entity: &Entity, name: &str) -> Option<String> {
        id_of(&Self::value(entity, name)?)
    }
}

fn id_of(value: &EvalResult) -> Option<String> {
    match value {
        EvalResult::EntityUid(uid) => Some(uid.id().unescaped().to_owned()),
        _ => None,
    }
}
