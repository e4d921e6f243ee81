//! On random sets, edits and histories a replay reports exactly what asking one by one does.

use countersign_policy::replay::{Narrower, RecordedDecision};
use countersign_policy::{Approval, Declared, Engine, ExecutionMode, PrincipalKind, Question};
use domain::policy::replay::ReplayReport;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::fixtures::{at, decided, engine, question, replayed};
use crate::naive::{Expected, ExpectedGroup, expected};

fn condition() -> impl Strategy<Value = String> {
    let simple = select(vec![
        r"principal.scopes.contains(context.scope)",
        r#"resource.env == Environment::"prod""#,
        r#"principal in Team::"sre""#,
        r#"context has ip && context.ip.isInRange(ip("10.0.0.0/8"))"#,
        r#"context has executionMode && context.executionMode == ExecutionMode::"remote""#,
        r"resource has workspace && principal.workspaces.contains(resource.workspace)",
        r#"resource.ref like "*:shop*""#,
        // The clock: compared, compared by the hour, as it is, and where it overflows.
        r#"context.now < datetime("2026-01-01T12:00:00Z")"#,
        r"context.now.toTime().toHours() >= 18",
        r#"context.now.durationSince(datetime("2025-12-31")) > duration("1d")"#,
        r#"[datetime("2026-01-01"), datetime("2026-01-01T18:00:00Z")].contains(context.now)"#,
        r#"context.now.offset(duration("9223370271000000000ms")) > context.now"#,
    ]);
    let simple =
        (simple, any::<bool>()).prop_map(|(text, not)| if not { format!("!({text})") } else { format!("({text})") });
    let more = (simple.clone(), select(vec!["&&", "||"]), simple.clone());
    let broad = Just(r#"(context.scope != "")"#.to_owned());
    prop_oneof![2 => broad, 4 => simple, 1 => more.prop_map(|(one, op, other)| format!("({one} {op} {other})"))]
}

/// A policy without its `@id`.
fn policy() -> impl Strategy<Value = String> {
    let effect = prop_oneof![2 => Just("permit"), 1 => Just("forbid"), 3 => Just("guard")];
    let principal = select(vec![
        "principal",
        "principal is User",
        r#"principal in Team::"sre""#,
        r#"principal is ServiceAccount in Team::"billing""#,
        r#"principal == ServiceAccount::"ci""#,
        r#"principal == User::"ci""#,
    ]);
    let action = select(vec![
        r#"action in Action::"operate""#,
        r#"action in [Action::"execute", Action::"deploy"]"#,
        r#"action == Action::"logs:read""#,
    ]);
    let resource = select(vec!["resource", "resource", "resource is Pipeline", r#"resource == Pipeline::"shop/a""#]);
    let lifted = select(vec![
        "true",
        r#"context.approval.groups.contains(Team::"sre")"#,
        r#"context.approval.expiresAt <= context.approval.grantedAt.offset(duration("15m"))"#,
        r#"context.approval.grantedAt.offset(duration("9223372036854775807ms")) > context.now"#,
        "context.approval == context.approval",
        "context.approval.grantedAt != context.now",
    ]);
    let approval = (1..4_u32, 60..62_u32, lifted);
    (effect, principal, action, resource, condition(), approval).prop_map(
        |(effect, principal, action, resource, when, (quorum, step_up, lifted))| {
            let scope = format!("({principal}, {action}, {resource}) when {{ {when} }}");
            if effect != "guard" {
                return format!("{effect} {scope};");
            }
            let has = r"context has approval && context.now < context.approval.expiresAt";
            format!(
                r#"@require_approval @step_up("{step_up}s") forbid {scope}
                unless {{ {has} && context.approval.approvers >= {quorum} && {lifted} }};"#
            )
        },
    )
}

/// What becomes of a policy of the set in force.
#[derive(Clone, Debug)]
enum Edit {
    Kept,
    Removed,
    Replaced(String),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![6 => Just(Edit::Kept), 1 => Just(Edit::Removed), 1 => policy().prop_map(Edit::Replaced)]
}

fn asked() -> impl Strategy<Value = Question> {
    let resource = select(vec!["pipeline:billing/nightly", "pipeline:shop", "pipeline:shop/a", "pipeline"]);
    let resources = prop_oneof![
        8 => resource.clone().prop_filter("a name", |name| name.contains(':')).prop_map(|one| vec![one]),
        1 => proptest::collection::vec(resource, 0..3)
    ];
    let approval = (0..4_u32, any::<bool>(), select(vec![0, 1, 899, 900, 5_000]), 0..1_000_i64);
    let approval = approval.prop_map(|(approvers, sre, ago, lasts)| (approvers, sre, ago, lasts));
    let hours = select(vec!["1965-01-01T19:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T18:00:00Z"]);
    let now = prop_oneof![
        2 => hours.prop_map(at),
        3 => (0..172_800_000_i64).prop_map(|millis| domain::Instant::from_millis(1_767_200_000_000 + millis)),
    ];
    let who = (any::<bool>(), any::<bool>(), select(vec!["ci", "ci", "other"]), any::<bool>(), any::<bool>());
    let action = select(vec!["pipelines:execute", "pipelines:execute", "logs:read", "pipelines:stop", "gone"]);
    let env = select(vec!["prod", "prod", "dev", "moon"]);
    let ip = proptest::option::of(select(vec!["10.0.0.1", "192.0.2.1", "nonsense", "192.0.2.2"]));
    let facts = (action, env, ip, any::<bool>());
    (who, facts, resources, proptest::option::of(approval), now).prop_map(|(who, facts, resources, approval, now)| {
        let (is_user, is_sre, id, has_scope, somewhere) = who;
        let (action, env, ip, remote) = facts;
        let mut asked = question();
        id.clone_into(&mut asked.principal.id);
        if is_user {
            asked.principal.kind = PrincipalKind::User;
        }
        asked.principal.teams = vec![if is_sre { "sre" } else { "billing" }.to_owned()];
        asked.principal.scopes = if has_scope { vec![action.to_owned(), "logs:read".to_owned()] } else { vec![] };
        asked.principal.workspaces = if somewhere { vec!["shop".to_owned()] } else { vec![] };
        let approval = approval.map(|(approvers, sre, ago, lasts)| Approval {
            approvers,
            groups: if sre { vec!["sre".to_owned()] } else { vec![] },
            granted_at: now.minus(ago),
            expires_at: domain::Instant::from_millis(now.minus(ago).millis() + 899_500 + lasts),
            ticket: sre.then(|| format!("tkt_{ago}")),
        });
        Question {
            action: action.to_owned(),
            resources: resources.into_iter().map(str::to_owned).collect(),
            env: env.to_owned(),
            context: Declared {
                ip: ip.map(str::to_owned),
                execution_mode: remote.then_some(ExecutionMode::Remote),
                ..Declared::default()
            },
            now,
            approval,
            ..asked
        }
    })
}

fn text(policies: &[(usize, String)]) -> String {
    policies.iter().map(|(id, policy)| format!("@id(\"{id}\") {policy}\n")).collect()
}

/// A report as the naive one is written.
fn told(report: &ReplayReport) -> Expected {
    let groups = report.flips.iter().map(|group| ExpectedGroup {
        flip: group.flip,
        widens: group.widens,
        count: group.count,
        first: group.first,
        last: group.last,
        samples: group
            .samples
            .iter()
            .cloned()
            .map(|sample| {
                let approvers = (sample.approvers_before, sample.approvers_after);
                let (decision, index, alike, question) = (sample.decision, sample.index, sample.alike, sample.question);
                (decision, index, alike, question, sample.before, sample.after, approvers.0, approvers.1)
            })
            .collect(),
    });
    let lists = [&report.principals, &report.actions, &report.resources, &report.environments];
    let sum = |of: fn(&domain::policy::Tally) -> u32| report.timeline.iter().map(of).sum();
    Expected {
        recorded: report.coverage.recorded,
        replayed: report.coverage.replayed,
        same: report.same,
        skipped: report.coverage.skipped.iter().map(|skipped| (skipped.reason, skipped.count)).collect(),
        flips: groups.collect(),
        shares: lists.map(|list| {
            list.iter().map(|share| (share.name.clone(), share.flips, share.widening, share.decisions)).collect()
        }),
        drift: report.drift.clone(),
        total: (sum(|tally| tally.decisions), sum(|tally| tally.flips), sum(|tally| tally.widening)),
    }
}

/// Most are recorded as one of the sets answers them, some otherwise.
fn recorded(questions: &[(Question, u8)], live: &Engine, draft: &Engine) -> Vec<RecordedDecision> {
    let one = |(number, (question, how)): (usize, &(Question, u8))| {
        let mut decision = decided(number, question, if *how < 6 { live } else { draft });
        if *how == 0 {
            decision.answer.because.push("somebody".to_owned());
        }
        decision
    };
    questions.iter().enumerate().map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_replay_reports_what_asking_one_by_one_does(
        policies in proptest::collection::vec((policy(), edit()), 1..10),
        added in proptest::option::of(policy()),
        open in prop::bool::weighted(0.8),
        distinct in proptest::collection::vec(asked(), 1..25),
        rows in proptest::collection::vec((any::<Index>(), 0..8_u8, 0..100_000_000_i64, any::<bool>()), 1..80),
        narrower in proptest::option::of((select(vec!["service_account:ci", "user:ci"]), any::<bool>(), any::<bool>())),
    ) {
        let mut live: Vec<_> = policies.iter().enumerate().map(|(id, (text, _))| (id, text.clone())).collect();
        let edited = policies.into_iter().enumerate().filter_map(|(id, (text, edit))| match edit {
            Edit::Kept => Some((id, text)),
            Edit::Removed => None,
            Edit::Replaced(other) => Some((id, other)),
        });
        let mut draft: Vec<_> = edited.collect();
        draft.extend(added.map(|text| (live.len(), text)));
        if open {
            let permit = r#"permit (principal, action in Action::"operate", resource);"#;
            live.push((100, permit.to_owned()));
            draft.push((100, permit.to_owned()));
        }
        let (live, draft) = (engine(&text(&live)), engine(&text(&draft)));
        let questions: Vec<_> = rows.iter().map(|(which, how, later, moved)| {
            let mut question = which.get(&distinct).clone();
            if *moved {
                question.now = domain::Instant::from_millis(question.now.millis() + later);
            }
            (question, *how)
        }).collect();
        let narrower = narrower.map(|(principal, reads, shop)| Narrower {
            principal: principal.to_owned(),
            scopes: if reads { vec!["logs:read".to_owned()] } else { vec!["pipelines:execute".to_owned()] },
            workspaces: Some(vec![if shop { "shop" } else { "billing" }.to_owned()]),
        });
        let decisions = recorded(&questions, &live, &draft);
        let report = replayed(&decisions, &live, &draft, narrower.as_ref());
        prop_assert_eq!(told(&report), expected(&decisions, &live, &draft, narrower.as_ref()));
        prop_assert!(report.timeline.len() <= 60);
    }
}
