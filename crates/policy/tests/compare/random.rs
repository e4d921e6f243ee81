//! Random sets: what is proved never to be, is in no question of the small world.

use countersign_policy::compare;
use proptest::prelude::*;
use proptest::sample::subsequence;

use crate::edits::{check, outcomes};
use crate::fixtures::{few_actions, on, patient, with_schema};
use crate::world::world;

const POOL: [&str; 9] = [
    r#"permit (principal, action in Action::"operate", resource) when { principal.scopes.contains(context.scope) }"#,
    r#"permit (principal in Team::"sre", action, resource)"#,
    r#"permit (principal is User, action in Action::"execute", resource) when { resource.env == Environment::"prod" }"#,
    r#"forbid (principal, action in Action::"execute", resource) when { resource.ref == "pipeline:shop" }"#,
    "forbid (principal, action, resource) unless { principal.workspaces.isEmpty() }",
    r#"forbid (principal is ServiceAccount, action in Action::"read", resource) when { context has ip }"#,
    r#"@require_approval forbid (principal, action in Action::"execute", resource)
       unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt }"#,
    r#"@require_approval forbid (principal, action in Action::"execute", resource) when { resource.env == Environment::"prod" }
       unless { context has approval && context.approval.approvers >= 2 && context.now < context.approval.expiresAt }"#,
    r#"@require_approval forbid (principal is User, action in Action::"execute", resource)
       unless { context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt &&
                context.approval.groups.contains(Team::"sre") }"#,
];

fn text(policies: &[&str]) -> String {
    policies.iter().enumerate().map(|(at, policy)| format!("@id(\"{at}\") {policy};\n")).collect::<Vec<_>>().concat()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_proved_of_random_sets_is_so_in_a_small_world(
        one in subsequence(POOL.to_vec(), 0..=POOL.len()),
        other in subsequence(POOL.to_vec(), 0..=POOL.len()),
    ) {
        let (draft, live) = (text(&one), text(&other));
        let (draft, live) = (with_schema(&few_actions(), &draft), with_schema(&few_actions(), &live));
        let questions = world();
        let comparison = compare(&draft, &live, &patient(), &on);
        let told = [outcomes(&draft, &questions), outcomes(&live, &questions)];
        check("random", &comparison, &draft, &live, &questions, [&told[0], &told[1]]);
    }
}
