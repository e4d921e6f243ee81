//! Evaluating only the policies that the index leaves gives what plain Cedar gives on the whole set: the answer, the
//! policies that determined it, and the errors. On random sets of many policies, whose scopes and conditions name principals,
//! teams, actions, resources, environments and workspaces in every way that the index reads, before and after conditions
//! that cannot be evaluated.

use std::collections::BTreeSet;
use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicyId, PolicySet, Request, Schema};
use countersign_policy::{Answer, Effect, Ground, PolicySource, Principal, PrincipalKind, Question};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Value, json};

use crate::fixtures::{account, approval, at, engine, question};

/// Cannot be evaluated after 1970.
const OVERFLOWS: &str = r#"context.now.offset(duration("9223372036854775807ms")) > context.now"#;
/// Can be evaluated, but the index must not know.
const COULD_OVERFLOW: &str = r#"context.now.offset(duration("1h")) > context.now"#;

#[derive(Clone, Debug)]
struct Written {
    effect: Effect,
    text: String,
}

fn name() -> impl Strategy<Value = String> + Clone {
    (0..3).prop_map(|n| format!("n{n}"))
}

fn resource_name() -> impl Strategy<Value = String> + Clone {
    prop_oneof![name(), (name(), name()).prop_map(|(workspace, name)| format!("{workspace}/{name}"))]
}

/// The scope's part about the principal, and which type it leaves.
fn principal() -> impl Strategy<Value = (String, Option<&'static str>)> {
    (select(vec!["User", "ServiceAccount"]), name(), 0..6).prop_map(|(kind, name, form)| match form {
        0 | 1 => ("principal".to_owned(), None),
        2 => (format!("principal in Team::\"{name}\""), None),
        3 => (format!("principal == {kind}::\"{name}\""), Some(kind)),
        4 => (format!("principal is {kind} in Team::\"{name}\""), Some(kind)),
        _ => (format!("principal is {kind}"), Some(kind)),
    })
}

/// The scope's parts about action and resource, and which types of resource they leave.
fn target() -> impl Strategy<Value = (String, Vec<&'static str>)> {
    let actions = select(vec![
        (r#"action in Action::"operate""#, vec!["Pipeline", "App", "Artifact"]),
        (r#"action in [Action::"execute", Action::"deploy"]"#, vec!["Pipeline", "App"]),
        (r#"action == Action::"logs:read""#, vec!["Pipeline", "App"]),
        (r#"action in Action::"execute""#, vec!["Pipeline"]),
        (r#"action == Action::"deploy.app.update""#, vec!["App"]),
    ]);
    (actions, resource_name(), 0..5).prop_map(|((action, kinds), name, form)| {
        let kind = kinds[name.len() % kinds.len()];
        match form {
            0 => (format!("{action}, resource == {kind}::\"{name}\""), vec![kind]),
            1 => (format!("{action}, resource is {kind}"), vec![kind]),
            _ => (format!("{action}, resource"), kinds),
        }
    })
}

/// A comparison that the index may read, valid for these types.
fn narrowing(principal: Option<&'static str>, resources: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let resource = (resources.len() == 1).then(|| resources[0]);
    (name(), name(), resource_name(), 0..14).prop_map(move |(one, other, target, form)| {
        match (form, principal, resource) {
            (0, ..) => format!("principal in Team::\"{one}\""),
            (1, ..) => format!("principal in [Team::\"{one}\", Team::\"{other}\"]"),
            (2, ..) => format!("principal.ref == \"service_account:{one}\""),
            (3, ..) => format!("[\"user:{one}\", \"service_account:{other}\"].contains(principal.ref)"),
            (4, ..) => "principal.scopes.contains(context.scope)".to_owned(),
            (5, ..) => "Environment::\"prod\" == resource.env".to_owned(),
            (6, ..) => "[Environment::\"prod\", Environment::\"test\"].contains(resource.env)".to_owned(),
            (7, ..) => format!("resource has workspace && resource.workspace == \"{one}\""),
            (8, ..) => format!("resource.ref == \"pipeline:{target}\""),
            (9, ..) => format!("(principal in Team::\"{one}\" || principal.ref == \"user:{other}\")"),
            (10, Some(kind), _) => format!("principal == {kind}::\"{one}\""),
            (11, _, Some(kind)) => format!("resource in {kind}::\"{target}\""),
            (12, None, _) => format!("(principal is User || principal in Team::\"{one}\")"),
            _ => "[\"pipelines:execute\", \"logs:read\"].contains(context.scope)".to_owned(),
        }
    })
}

/// A comparison that it does not read, or only in part.
fn other() -> impl Strategy<Value = String> {
    select(vec![
        r#"(resource.env == Environment::"dev" || principal in Team::"n0")"#,
        r#"!(resource.env == Environment::"prod")"#,
        r#"context has ip && context.ip.isInRange(ip("10.0.0.0/8"))"#,
        r#"resource.ref like "*n1*""#,
        r#"resource.env != Environment::"test""#,
        OVERFLOWS,
        OVERFLOWS,
        COULD_OVERFLOW,
    ])
    .prop_map(str::to_owned)
}

fn policy() -> impl Strategy<Value = Written> {
    let effect = prop_oneof![4 => Just(Effect::Permit), 2 => Just(Effect::Forbid), 3 => Just(Effect::Guard)];
    (effect, principal(), target()).prop_flat_map(|(effect, (principal, kind), (target, kinds))| {
        let conjunct = prop_oneof![3 => narrowing(kind, &kinds), 1 => other()];
        let clause = (any::<bool>(), proptest::collection::vec(conjunct, 1..4));
        (proptest::collection::vec(clause, 0..3), 1..3_u32).prop_map(move |(clauses, approvers)| {
            let clause = |(when, conjuncts): &(bool, Vec<String>)| {
                format!(" {} {{ {} }}", if *when { "when" } else { "unless" }, conjuncts.join(" && "))
            };
            let clauses: String = clauses.iter().map(clause).collect();
            let scope = format!("({principal}, {target}){clauses}");
            let text = match effect {
                Effect::Permit => format!("permit {scope};"),
                Effect::Forbid => format!("forbid {scope};"),
                Effect::Guard => format!(
                    "@require_approval forbid {scope} unless {{ context has approval && \
                    context.approval.approvers >= {approvers} && context.now < context.approval.expiresAt }};"
                ),
            };
            Written { effect, text }
        })
    })
}

fn asked() -> impl Strategy<Value = Question> {
    let teams = subsequence(vec!["n0", "n1", "n2"], 0..3);
    let target = select(vec![
        ("pipelines:execute", "pipeline"),
        ("pipelines:stop", "pipeline"),
        ("deploy.app.update", "app"),
        ("logs:read", "pipeline"),
        ("logs:read", "app"),
        ("artifacts:write", "artifact"),
    ]);
    let resources = proptest::collection::vec(resource_name(), 1..3);
    let facts = (select(vec!["prod", "test", "dev"]), any::<bool>(), any::<bool>(), any::<bool>());
    let now = select(vec!["1965-01-01T00:00:00Z", "2026-11-22T05:10:00Z"]);
    (name(), teams, target, resources, facts, now).prop_map(|(id, teams, target, resources, facts, now)| {
        let ((action, kind), (env, person, scoped, approved)) = (target, facts);
        let principal = Principal {
            kind: if person { PrincipalKind::User } else { PrincipalKind::ServiceAccount },
            id,
            teams: teams.into_iter().map(str::to_owned).collect(),
            scopes: if scoped { vec![action.to_owned()] } else { vec![] },
            ..account()
        };
        Question {
            principal,
            action: action.to_owned(),
            resources: resources.into_iter().map(|name| format!("{kind}:{name}")).collect(),
            env: env.to_owned(),
            now: at(now),
            approval: approved.then(approval),
            ..question()
        }
    })
}

const TYPES: [(&str, &str); 5] = [
    ("user", "User"),
    ("service_account", "ServiceAccount"),
    ("pipeline", "Pipeline"),
    ("app", "App"),
    ("artifact", "Artifact"),
];

fn uid(reference: &str) -> Value {
    let (kind, id) = reference.split_once(':').unwrap();
    let (_, kind) = TYPES.iter().find(|(known, _)| *known == kind).unwrap();
    json!({"type": kind, "id": id})
}

/// All that a question is about, and a request for each of its resources, by way of JSON.
fn requests(question: &Question, schema: &Schema) -> (Entities, Vec<Request>) {
    let Question { principal, action, env, now, approval, .. } = question;
    let teams: Vec<_> = principal.teams.iter().map(|team| json!({"type": "Team", "id": team})).collect();
    let attributes = json!({"ref": principal.reference(), "scopes": principal.scopes, "workspaces": []});
    let mut entities = vec![json!({"uid": uid(&principal.reference()), "parents": teams, "attrs": attributes})];
    let mut requests = vec![];
    for resource in BTreeSet::from_iter(&question.resources) {
        let mut attributes = json!({"ref": resource, "env": {"type": "Environment", "id": env}});
        if let Some((workspace, _)) = resource.split_once(':').unwrap().1.split_once('/') {
            attributes["workspace"] = workspace.into();
        }
        entities.push(json!({"uid": uid(resource), "parents": [], "attrs": attributes}));
        let mut context = json!({"now": now, "scope": action});
        if let Some(approval) = approval {
            context["approval"] = json!({
                "approvers": approval.approvers, "groups": [], "requester": principal.reference(), "target": resource,
                "grantedAt": approval.granted_at, "expiresAt": approval.expires_at,
            });
        }
        let of = |uid| EntityUid::from_json(uid).unwrap();
        let action = of(json!({"type": "Action", "id": action}));
        let context = Context::from_json_value(context, Some((schema, &action))).unwrap();
        let request = Request::new(of(uid(&principal.reference())), action, of(uid(resource)), context, Some(schema));
        requests.push(request.unwrap());
    }
    (Entities::from_json_value(entities.into(), Some(schema)).unwrap(), requests)
}

/// Plain Cedar on the whole set, and on the whole set without its guards.
struct Plain {
    policies: Vec<Written>,
    full: PolicySet,
    ceiling: PolicySet,
    schema: Schema,
}

type Told = (Ground, BTreeSet<usize>, BTreeSet<usize>);

impl Plain {
    fn new(policies: Vec<Written>) -> Self {
        let mut sets = [PolicySet::new(), PolicySet::new()];
        for (at, policy) in policies.iter().enumerate() {
            let parsed = cedar_policy::Policy::parse(Some(PolicyId::new(at.to_string())), &policy.text).unwrap();
            let of = if policy.effect == Effect::Guard { &mut sets[..1] } else { &mut sets[..] };
            for set in of.iter_mut() {
                set.add(parsed.clone()).unwrap();
            }
        }
        let [full, ceiling] = sets;
        Self { policies, full, ceiling, schema: Schema::from_str(&PolicySource::shipped().schema).unwrap() }
    }

    fn decide(&self, question: &Question) -> Told {
        let (entities, requests) = requests(question, &self.schema);
        let told: Vec<_> = requests.iter().map(|request| self.answer(request, &entities)).collect();
        let ground = told.iter().map(|(ground, ..)| *ground).max().unwrap();
        let agreeing = told.iter().filter(|(other, ..)| other.outcome() == ground.outcome());
        let reasons = agreeing.flat_map(|(_, policies, _)| policies.clone()).collect();
        (ground, reasons, told.iter().flat_map(|(.., errors)| errors.clone()).collect())
    }

    fn answer(&self, request: &Request, entities: &Entities) -> Told {
        let asked = |set| Authorizer::new().is_authorized(request, set, entities);
        let place = |id: &PolicyId| id.to_string().parse::<usize>().unwrap();
        let full = asked(&self.full);
        let determining: BTreeSet<_> = full.diagnostics().reason().map(place).collect();
        let failed = full.diagnostics().errors().map(|error| {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            place(error.policy_id())
        });
        let failed: BTreeSet<_> = failed.collect();
        let those = |effect, all: &BTreeSet<usize>| {
            all.iter().copied().filter(|at| self.policies[*at].effect == effect).collect::<BTreeSet<_>>()
        };
        let (forbids, failing) = (those(Effect::Forbid, &determining), those(Effect::Forbid, &failed));
        let guards = &those(Effect::Guard, &determining) | &those(Effect::Guard, &failed);
        let (ground, reasons) = if !forbids.is_empty() {
            (Ground::Forbidden, forbids)
        } else if !failing.is_empty() {
            (Ground::ForbidFailed, failing)
        } else if asked(&self.ceiling).decision() == Decision::Deny {
            (Ground::NotPermitted, BTreeSet::new())
        } else if guards.is_empty() {
            (Ground::Permitted, determining)
        } else {
            (Ground::ApprovalNeeded, guards)
        };
        (ground, reasons, failed)
    }
}

fn told(answer: &Answer) -> Told {
    let place = |id: &str| id.parse::<usize>().unwrap();
    let reasons = answer.reasons.iter().map(|reason| place(&reason.policy)).collect();
    (answer.ground, reasons, answer.errors.iter().map(|error| place(&error.policy)).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_slice_answers_as_the_whole_set_does(
        policies in proptest::collection::vec(policy(), 1..100),
        questions in proptest::collection::vec(asked(), 32),
    ) {
        let text: String = policies.iter().enumerate().map(|(at, policy)| format!("@id(\"{at}\") {}\n", policy.text)).collect();
        let engine = engine(&text);
        let plain = Plain::new(policies);
        for question in &questions {
            let answer = engine.decide(question).unwrap();
            prop_assert_eq!(told(&answer), plain.decide(question), "{:#?}\n{}", question, text);
        }
    }
}
