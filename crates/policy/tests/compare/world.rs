//! A small world: questions that differ in everything that the sets of these tests look at.

use std::collections::BTreeMap;

use countersign_policy::{Approval, Declared, Principal, PrincipalKind, Question};
use domain::Instant;

fn principals() -> Vec<(PrincipalKind, Vec<&'static str>)> {
    vec![
        (PrincipalKind::User, vec![]),
        (PrincipalKind::User, vec!["sre"]),
        (PrincipalKind::ServiceAccount, vec!["billing"]),
    ]
}

fn approvals(now: Instant) -> Vec<Option<Approval>> {
    let approval = |approvers, groups: &[&str], lasts| {
        let groups = groups.iter().map(|group| (*group).to_owned()).collect();
        let granted_at = now.minus(60);
        Some(Approval { approvers, groups, granted_at, expires_at: granted_at.plus(lasts), ticket: None })
    };
    vec![None, approval(1, &[], 900), approval(1, &["sre"], 900), approval(2, &[], 900), approval(3, &["sre"], 86_400)]
}

/// Some hundred questions.
pub(crate) fn world() -> Vec<Question> {
    let now = Instant::from_seconds(1_767_268_800);
    let mut questions = vec![];
    for (kind, teams) in principals() {
        for (action, resources) in [
            ("pipelines:execute", ["pipeline:billing/nightly", "pipeline:shop"]),
            ("logs:read", ["pipeline:billing/nightly", "app:shop"]),
            ("deploy.app.update", ["app:billing/web", "app:shop"]),
        ] {
            for resource in resources {
                for (scoped, kept, env) in
                    [(true, false, "prod"), (true, false, "dev"), (false, false, "prod"), (true, true, "prod")]
                {
                    for (at, approval) in approvals(now).into_iter().enumerate() {
                        let context =
                            Declared { ip: (at % 2 == 0).then(|| "10.1.2.3".to_owned()), ..Declared::default() };
                        questions.push(Question {
                            principal: Principal {
                                kind,
                                id: "somebody".to_owned(),
                                name: "Somebody".to_owned(),
                                teams: teams.iter().map(|team| (*team).to_owned()).collect(),
                                scopes: if scoped { vec![action.to_owned()] } else { vec![] },
                                workspaces: if kept { vec!["billing".to_owned()] } else { vec![] },
                                owner: None,
                            },
                            action: action.to_owned(),
                            resources: vec![resource.to_owned()],
                            env: env.to_owned(),
                            context,
                            now,
                            approval,
                            known: BTreeMap::new(),
                        });
                    }
                }
            }
        }
    }
    questions
}
