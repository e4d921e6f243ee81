//! Plain Cedar: the whole set, by its public interface, with a request that was put together beforehand.

use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request, Response, Schema,
};
use countersign_policy::{Answer, PolicySource, PrincipalKind, Question};
use domain::outcome::Outcome;
use serde_json::json;

/// A policy set.
pub(crate) struct Plain {
    schema: Schema,
    policies: PolicySet,
    authorizer: Authorizer,
}

/// A question as Cedar takes it.
pub(crate) struct Asked {
    request: Request,
    entities: Entities,
}

impl Plain {
    pub(crate) fn new(source: &PolicySource) -> Self {
        let parsed = PolicySet::from_str(&source.policies).unwrap();
        let named = parsed.policies().map(|policy| policy.new_id(PolicyId::new(policy.annotation("id").unwrap())));
        Self {
            schema: Schema::from_str(&source.schema).unwrap(),
            policies: PolicySet::from_policies(named).unwrap(),
            authorizer: Authorizer::new(),
        }
    }

    /// A question about one pipeline, by way of JSON.
    pub(crate) fn ask(&self, question: &Question) -> Asked {
        let Question { principal, action, resources, env, context: declared, now, approval, .. } = question;
        let kind = if principal.kind == PrincipalKind::User { "User" } else { "ServiceAccount" };
        let id = resources[0].strip_prefix("pipeline:").unwrap();
        let teams: Vec<_> = principal.teams.iter().map(|team| json!({"type": "Team", "id": team})).collect();
        let workspace = id.split('/').next();
        let entities = json!([
            {"uid": {"type": kind, "id": principal.id}, "parents": teams, "attrs": {
                "ref": principal.reference(), "scopes": principal.scopes, "workspaces": principal.workspaces,
            }},
            {"uid": {"type": "Pipeline", "id": id}, "parents": [], "attrs": {
                "ref": resources[0], "env": {"type": "Environment", "id": env}, "workspace": workspace,
            }},
        ]);
        let mut context = json!({"now": now, "scope": action, "ip": declared.ip});
        if let Some(approval) = approval {
            context["approval"] = json!({
                "approvers": approval.approvers, "groups": [], "requester": principal.reference(),
                "target": resources[0], "grantedAt": approval.granted_at, "expiresAt": approval.expires_at,
            });
        }
        let uid = |kind: &str, id: &str| EntityUid::from_json(json!({"type": kind, "id": id})).unwrap();
        let action = uid("Action", action);
        let context = Context::from_json_value(context, Some((&self.schema, &action))).unwrap();
        let (principal, resource) = (uid(kind, &principal.id), uid("Pipeline", id));
        Asked {
            request: Request::new(principal, action, resource, context, Some(&self.schema)).unwrap(),
            entities: Entities::from_json_value(entities, Some(&self.schema)).unwrap(),
        }
    }

    pub(crate) fn decide(&self, asked: &Asked) -> Response {
        self.authorizer.is_authorized(&asked.request, &self.policies, &asked.entities)
    }
}

/// Whether both say the same, by the same policies.
pub(crate) fn agree(plain: &Response, answer: &Answer) -> bool {
    let mut determining: Vec<_> = plain.diagnostics().reason().map(ToString::to_string).collect();
    let mut reasons: Vec<_> = answer.reasons.iter().map(|reason| reason.policy.clone()).collect();
    determining.sort_unstable();
    reasons.sort_unstable();
    // Cedar names forbids and guards in one list, and of guards alone also where nothing permits it.
    let told = match answer.outcome {
        Outcome::Allow | Outcome::RequireApproval => reasons == determining,
        Outcome::Deny => reasons.iter().all(|id| determining.contains(id)),
    };
    let errors = plain.diagnostics().errors().count() == answer.errors.len();
    (plain.decision() == Decision::Allow) == (answer.outcome == Outcome::Allow) && told && errors
}
