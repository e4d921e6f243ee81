//! On random sets and questions the engine answers as a naive reference does: each policy asked alone, by plain Cedar,
//! through JSON, and the rule of allow, deny and `require_approval` written down once more.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, Schema};
use countersign_policy::{Approval, Declared, Effect, ExecutionMode, Ground, PolicySource, Question};
use domain::outcome::Requirement;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::fixtures::{at, engine, question};

#[derive(Clone, Debug)]
struct RandomPolicy {
    effect: Effect,
    text: String,
    requirement: Requirement,
}

/// Cannot be evaluated after 1970.
const OVERFLOWS: &str = r#"context.now.offset(duration("9223372036854775807ms")) > context.now"#;

impl RandomPolicy {
    /// The policy, so that it alone decides: under a permit for everything, unless it is a permit.
    fn by_itself(&self) -> PolicySet {
        let everything = if self.effect == Effect::Permit { "" } else { "permit (principal, action, resource);" };
        PolicySet::from_str(&[&self.text, everything].concat()).unwrap()
    }
}

fn condition() -> impl Strategy<Value = String> {
    let simple = select(vec![
        r"principal.scopes.contains(context.scope)",
        r#"resource.env == Environment::"prod""#,
        r#"principal in Team::"sre""#,
        r#"context has ip && context.ip.isInRange(ip("10.0.0.0/8"))"#,
        r#"context has executionMode && context.executionMode == ExecutionMode::"remote""#,
        r#"resource has workspace && resource.workspace == "billing""#,
        r#"resource.ref like "*:shop*""#,
        OVERFLOWS,
    ]);
    let simple =
        (simple, any::<bool>()).prop_map(|(text, not)| if not { format!("!({text})") } else { format!("({text})") });
    let more = (simple.clone(), select(vec!["&&", "||"]), simple.clone());
    let broad = Just(r#"(context.scope != "")"#.to_owned());
    prop_oneof![2 => broad, 1 => Just(OVERFLOWS.to_owned()), 3 => simple, 1 => more.prop_map(|(one, op, other)| format!("({one} {op} {other})"))]
}

fn policy() -> impl Strategy<Value = RandomPolicy> {
    let effect = prop_oneof![2 => Just(Effect::Permit), 1 => Just(Effect::Forbid), 4 => Just(Effect::Guard)];
    let principal = select(vec!["principal", "principal is User", r#"principal in Team::"sre""#]);
    let action = select(vec![r#"in Action::"operate""#, r#"in Action::"execute""#, r#"== Action::"logs:read""#]);
    let approval =
        (1..4_u32, any::<bool>(), 60..1_000_u32, 60..1_000_u32, 60..1_000_u32, proptest::option::of(60..1_000_u32));
    (effect, principal, action, condition(), approval).prop_map(|(effect, principal, action, when, approval)| {
        let (quorum, sre, step_up, ttl, execution, duration) = approval;
        let scope = format!("({principal}, action {action}, resource) when {{ {when} }}");
        let groups = if sre { r#"&& context.approval.groups.contains(Team::"sre")"# } else { "" };
        let longest = duration.map(|seconds| format!("@max_duration(\"{seconds}s\")")).unwrap_or_default();
        let text = match effect {
            Effect::Permit => format!("permit {scope};"),
            Effect::Forbid => format!("forbid {scope};"),
            Effect::Guard => format!(
                r#"@require_approval("{quorum}") @step_up("{step_up}s") @approval_ttl("{ttl}s") @execution_ttl("{execution}s") {longest}
                forbid {scope} unless {{ context has approval && context.approval.approvers >= {quorum} {groups}
                && context.now < context.approval.expiresAt && context.approval.target == resource.ref }};"#
            ),
        };
        let requirement = Requirement {
            quorum,
            groups: if sre { vec!["sre".to_owned()] } else { vec![] },
            step_up_seconds: step_up,
            approval_ttl_seconds: ttl,
            execution_ttl_seconds: execution,
            max_duration_seconds: duration,
            standing: None,
        };
        RandomPolicy { effect, text, requirement }
    })
}

fn asked() -> impl Strategy<Value = Question> {
    let resources =
        proptest::collection::vec(select(vec!["pipeline:billing/nightly", "pipeline:shop", "pipeline:shop/a"]), 1..4);
    let approval = (0..4_u32, any::<bool>()).prop_map(|(approvers, sre)| Approval {
        approvers,
        groups: if sre { vec!["sre".to_owned(), "dev".to_owned()] } else { vec![] },
        granted_at: at("1960-01-01T00:00:00Z"),
        expires_at: at("2026-01-01T00:00:00Z"),
        ticket: None,
    });
    let now = select(vec!["1965-01-01T00:00:00Z", "2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]);
    let facts =
        (any::<bool>(), any::<bool>(), select(vec!["pipelines:execute", "logs:read"]), select(vec!["prod", "dev"]));
    let context = (proptest::option::of(select(vec!["10.0.0.1", "192.0.2.1"])), any::<bool>());
    (facts, resources, proptest::option::of(approval), now, context).prop_map(
        |(facts, resources, approval, now, context)| {
            let (is_sre, has_scope, action, env) = facts;
            let mut question = question();
            question.principal.teams = if is_sre { vec!["sre".to_owned()] } else { vec!["billing".to_owned()] };
            question.principal.scopes = if has_scope { vec![action.to_owned()] } else { vec![] };
            let execution_mode = context.1.then_some(ExecutionMode::Remote);
            Question {
                action: action.to_owned(),
                resources: resources.into_iter().map(str::to_owned).collect(),
                env: env.to_owned(),
                context: Declared { ip: context.0.map(str::to_owned), execution_mode, ..Declared::default() },
                now: at(now),
                approval,
                ..question
            }
        },
    )
}

#[derive(Clone, Copy, PartialEq)]
enum Alone {
    Applies,
    Fails,
    Not,
}

/// A question about one resource, by way of JSON.
fn request(question: &Question, resource: &str, schema: &Schema) -> (Request, Entities) {
    let Question { principal, action, env, context: declared, now, approval, .. } = question;
    let name = format!("service_account:{}", principal.id);
    let teams: Vec<_> = principal.teams.iter().map(|team| json!({"type": "Team", "id": team})).collect();
    let id = resource.strip_prefix("pipeline:").unwrap();
    let mut attributes = json!({"ref": resource, "env": {"type": "Environment", "id": env}});
    if id.contains('/') {
        attributes["workspace"] = id.split('/').next().into();
    }
    let entities = json!([
        {"uid": {"type": "ServiceAccount", "id": principal.id}, "parents": teams,
         "attrs": {"ref": name, "scopes": principal.scopes, "workspaces": []}},
        {"uid": {"type": "Pipeline", "id": id}, "parents": [], "attrs": attributes},
    ]);
    let mut context = json!({"now": now, "scope": action});
    if let Some(approval) = approval {
        let groups: Vec<_> = approval.groups.iter().map(|group| json!({"type": "Team", "id": group})).collect();
        context["approval"] = json!({
            "approvers": approval.approvers, "groups": groups, "requester": name, "target": resource,
            "grantedAt": approval.granted_at, "expiresAt": approval.expires_at,
        });
    }
    if let Some(ip) = &declared.ip {
        context["ip"] = json!(ip);
    }
    if declared.execution_mode.is_some() {
        context["executionMode"] = json!({"type": "ExecutionMode", "id": "remote"});
    }
    let uid = |kind: &str, id: &str| EntityUid::from_json(json!({"type": kind, "id": id})).unwrap();
    let action = uid("Action", action);
    let context = Context::from_json_value(context, Some((schema, &action))).unwrap();
    let uids = (uid("ServiceAccount", &principal.id), uid("Pipeline", id));
    let request = Request::new(uids.0, action, uids.1, context, Some(schema)).unwrap();
    (request, Entities::from_json_value(entities, Some(schema)).unwrap())
}

/// One policy by itself, by plain Cedar.
fn alone(effect: Effect, set: &PolicySet, request: &Request, entities: &Entities) -> Alone {
    let response = Authorizer::new().is_authorized(request, set, entities);
    let applying = if effect == Effect::Permit { Decision::Allow } else { Decision::Deny };
    if response.diagnostics().errors().next().is_some() {
        Alone::Fails
    } else if response.decision() == applying {
        Alone::Applies
    } else {
        Alone::Not
    }
}

#[derive(Debug, PartialEq)]
struct Expected {
    ground: Ground,
    reasons: BTreeSet<usize>,
    errors: BTreeSet<usize>,
    requirement: Option<Requirement>,
}

fn expected(policies: &[RandomPolicy], sets: &[PolicySet], question: &Question, schema: &Schema) -> Expected {
    let mut answers = vec![];
    let mut errors = BTreeSet::new();
    for resource in &question.resources {
        let (request, entities) = request(question, resource, schema);
        let alone: Vec<_> =
            policies.iter().zip(sets).map(|(policy, set)| alone(policy.effect, set, &request, &entities)).collect();
        let those = |effect, found: &[Alone]| {
            let those = (0..policies.len()).filter(|at| policies[*at].effect == effect && found.contains(&alone[*at]));
            those.collect::<BTreeSet<_>>()
        };
        errors.extend((0..policies.len()).filter(|at| alone[*at] == Alone::Fails));
        let forbids = those(Effect::Forbid, &[Alone::Applies]);
        let failed = those(Effect::Forbid, &[Alone::Fails]);
        let permits = those(Effect::Permit, &[Alone::Applies]);
        let guards = those(Effect::Guard, &[Alone::Applies, Alone::Fails]);
        answers.push(if !forbids.is_empty() {
            (Ground::Forbidden, forbids)
        } else if !failed.is_empty() {
            (Ground::ForbidFailed, failed)
        } else if permits.is_empty() {
            (Ground::NotPermitted, permits)
        } else if guards.is_empty() {
            (Ground::Permitted, permits)
        } else {
            (Ground::ApprovalNeeded, guards)
        });
    }
    let ground = answers.iter().map(|(ground, _)| *ground).max().unwrap();
    let agreeing = answers.into_iter().filter(|(other, _)| other.outcome() == ground.outcome());
    let reasons: BTreeSet<_> = agreeing.flat_map(|(_, policies)| policies).collect();
    let guards: Vec<_> = reasons.iter().map(|at| &policies[*at].requirement).collect();
    let requirement = (ground == Ground::ApprovalNeeded).then(|| Requirement {
        quorum: guards.iter().map(|guard| guard.quorum).max().unwrap(),
        groups: guards.iter().flat_map(|guard| guard.groups.clone()).collect::<BTreeSet<_>>().into_iter().collect(),
        step_up_seconds: guards.iter().map(|guard| guard.step_up_seconds).min().unwrap(),
        approval_ttl_seconds: guards.iter().map(|guard| guard.approval_ttl_seconds).min().unwrap(),
        execution_ttl_seconds: guards.iter().map(|guard| guard.execution_ttl_seconds).min().unwrap(),
        max_duration_seconds: guards.iter().filter_map(|guard| guard.max_duration_seconds).min(),
        standing: None,
    });
    Expected { ground, reasons, errors, requirement }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_answers_as_the_reference_does(
        policies in proptest::collection::vec(policy(), 0..8),
        open in prop::bool::weighted(0.8),
        questions in proptest::collection::vec(asked(), 8),
    ) {
        let schema = Schema::from_str(&PolicySource::shipped().schema).unwrap();
        let mut policies = policies;
        if open && let Some(first) = policies.first_mut() {
            first.effect = Effect::Permit;
            first.text = r#"permit (principal, action in Action::"operate", resource);"#.to_owned();
        }
        let text: String = policies.iter().enumerate().map(|(at, policy)| format!("@id(\"{at}\") {}\n", policy.text)).collect();
        let engine = engine(&text);
        let sets: Vec<_> = policies.iter().map(RandomPolicy::by_itself).collect();
        for question in &questions {
            let answer = engine.decide(question).unwrap();
            let place = |id: &str| id.parse::<usize>().unwrap();
            let answered = Expected {
                ground: answer.ground,
                reasons: answer.reasons.iter().map(|reason| place(&reason.policy)).collect(),
                errors: answer.errors.iter().map(|error| place(&error.policy)).collect(),
                requirement: answer.requirement.clone(),
            };
            prop_assert_eq!(answered, expected(&policies, &sets, question, &schema), "{:#?}", question);
            prop_assert_eq!(answer.outcome, answer.ground.outcome());
            prop_assert!(answer.reasons.is_sorted_by_key(|reason| place(&reason.policy)));
        }
    }
}
