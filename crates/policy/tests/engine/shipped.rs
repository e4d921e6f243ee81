//! Each policy that ships: what it lets pass, and what it stops.

use std::collections::BTreeMap;

use countersign_policy::{Approval, Declared, ExecutionContext, ExecutionMode, KnownResource, Question};

use crate::fixtures::{approval, at, engine, person, question, shipped};

/// The outcome, and the policies that led to it.
fn said(edit: impl FnOnce(&mut Question)) -> String {
    let mut asked = question();
    edit(&mut asked);
    let answer = shipped().decide(&asked).unwrap();
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    let reasons: Vec<_> = answer.reasons.iter().map(|reason| reason.policy.as_str()).collect();
    format!("{} {}", answer.outcome.name(), reasons.join(" ")).trim_end().to_owned()
}

const ALLOW: &str = "allow scopes-permit";
const CONSENT: &str = "require_approval prod-needs-approval";
const EMERGENCY: &str = "require_approval break-glass";

fn know(asked: &mut Question, known: KnownResource) {
    asked.known = BTreeMap::from([(asked.resources[0].clone(), known)]);
}

fn listing(names: &[&str], owner: Option<&str>, trusted: &[&str]) -> KnownResource {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    KnownResource {
        allowed_accounts: Some(all(names)),
        owner: owner.map(str::to_owned),
        trusted: all(trusted),
        ..KnownResource::default()
    }
}

fn deploy(asked: &mut Question) {
    (asked.action, asked.resources) = ("deploy.app.update".to_owned(), vec!["app:billing/shop".to_owned()]);
}

fn by_a_person(asked: &mut Question) {
    let scopes = asked.principal.scopes.clone();
    asked.principal = countersign_policy::Principal { scopes, ..person("usr_ada") };
}

#[test]
fn what_is_in_no_list_and_not_in_production_is_a_matter_of_scopes_alone() {
    for env in ["dev", "test", "preview", "staging"] {
        let everything = |asked: &mut Question| {
            asked.env = env.to_owned();
            asked.context = Declared {
                execution_mode: Some(ExecutionMode::Local),
                execution_context: Some(ExecutionContext::Automated),
                ip: Some("192.0.2.1".to_owned()),
                known_network: Some(false),
                break_glass: Some("the database burns".to_owned()),
            };
        };
        assert_eq!(said(everything), ALLOW);
        assert_eq!(said(|asked| (everything(asked), deploy(asked), by_a_person(asked)).0), ALLOW);
    }
}

#[test]
fn a_list_lets_those_on_it_and_whom_a_listed_owner_trusts() {
    let run = |known: KnownResource| {
        said(|asked| {
            asked.env = "dev".to_owned();
            know(asked, known);
        })
    };
    let denied = "deny listed-accounts-run";
    assert_eq!(run(KnownResource::default()), ALLOW, "there is no list");
    assert_eq!(run(listing(&["billing-ci"], None, &[])), ALLOW);
    assert_eq!(run(listing(&[], None, &[])), denied, "the list is empty");
    assert_eq!(run(listing(&["web-deployer"], None, &[])), denied);
    assert_eq!(run(listing(&["web-deployer"], Some("web-deployer"), &["billing-ci"])), ALLOW);
    assert_eq!(run(listing(&["web-deployer"], Some("web-deployer"), &["reporting-agent"])), denied);
    assert_eq!(run(listing(&["web-deployer"], Some("cd"), &["billing-ci"])), denied, "the owner itself may not");
    assert_eq!(run(listing(&[], Some("billing-ci"), &[])), denied, "to own is not to be listed");
    let open = KnownResource { allowed_accounts: None, ..listing(&[], Some("web-deployer"), &[]) };
    assert_eq!(run(open), ALLOW, "an owner alone keeps nobody out");
}

#[test]
fn a_list_keeps_people_out_and_whoever_has_the_name_of_an_account() {
    let named_alike = |asked: &mut Question| {
        by_a_person(asked);
        asked.principal.id = "billing-ci".to_owned();
        know(asked, listing(&["billing-ci"], None, &[]));
    };
    assert_eq!(said(named_alike), "deny listed-accounts-run");
}

#[test]
fn a_list_is_about_running_and_not_about_stopping_or_reading() {
    for action in ["pipelines:stop", "logs:read"] {
        let other = |asked: &mut Question| {
            asked.principal.scopes.push("pipelines:stop".to_owned());
            asked.action = action.to_owned();
            know(asked, listing(&[], None, &[]));
        };
        assert_eq!(said(other), ALLOW, "{action}");
    }
}

#[test]
fn trust_gives_neither_scopes_nor_workspaces() {
    let trusted = listing(&["web-deployer"], Some("web-deployer"), &["billing-ci"]);
    let unscoped = |asked: &mut Question| {
        asked.principal.scopes.clear();
        know(asked, trusted.clone());
    };
    assert_eq!(said(unscoped), "deny");
    let elsewhere = |asked: &mut Question| {
        asked.principal.workspaces = vec!["shop".to_owned()];
        know(asked, trusted.clone());
    };
    assert_eq!(said(elsewhere), "deny stay-in-workspaces");
}

#[test]
fn a_pipeline_is_in_the_workspace_where_it_was_put() {
    let run = |own: &str, put: Option<&str>| {
        said(|asked| {
            asked.env = "dev".to_owned();
            asked.principal.workspaces = vec![own.to_owned()];
            know(asked, KnownResource { workspace: put.map(str::to_owned), ..KnownResource::default() });
        })
    };
    assert_eq!(run("billing", None), ALLOW);
    assert_eq!(run("shop", Some("shop")), ALLOW);
    assert_eq!(run("billing", Some("shop")), "deny stay-in-workspaces");
}

#[test]
fn an_account_in_production_keeps_to_the_networks_that_it_names() {
    let from = |known: Option<bool>, edit: fn(&mut Question)| {
        said(|asked| {
            asked.context.known_network = known;
            edit(asked);
        })
    };
    let denied = "deny accounts-keep-to-their-networks";
    assert_eq!(from(Some(false), |_| ()), denied);
    assert_eq!(from(Some(false), deploy), denied);
    assert_eq!(from(Some(true), |_| ()), CONSENT);
    assert_eq!(from(None, |_| ()), CONSENT, "it names no network");
    assert_eq!(from(Some(false), by_a_person), CONSENT);
    assert_eq!(from(Some(false), |asked| asked.action = "logs:read".to_owned()), ALLOW);
}

#[test]
fn automation_in_production_is_done_by_accounts() {
    let started = |by: ExecutionContext, edit: fn(&mut Question)| {
        said(|asked| {
            asked.context.execution_context = Some(by);
            edit(asked);
        })
    };
    assert_eq!(started(ExecutionContext::Automated, by_a_person), "deny automation-uses-accounts");
    assert_eq!(started(ExecutionContext::Automated, |_| ()), CONSENT);
    assert_eq!(started(ExecutionContext::Cli, by_a_person), CONSENT);
    assert_eq!(started(ExecutionContext::Remote, by_a_person), CONSENT);
}

#[test]
fn nothing_is_deployed_to_production_from_a_local_machine_but_in_an_emergency() {
    let deployed = |mode: Option<ExecutionMode>, break_glass: Option<&str>| {
        said(|asked| {
            deploy(asked);
            asked.context.execution_mode = mode;
            asked.context.break_glass = break_glass.map(str::to_owned);
        })
    };
    assert_eq!(deployed(Some(ExecutionMode::Local), None), "deny no-local-deploys");
    assert_eq!(deployed(Some(ExecutionMode::Local), Some("the shop is down")), EMERGENCY);
    assert_eq!(deployed(Some(ExecutionMode::Hybrid), None), CONSENT);
    assert_eq!(deployed(Some(ExecutionMode::Remote), None), CONSENT);
    assert_eq!(deployed(None, None), CONSENT);
    assert_eq!(said(|asked| asked.context.execution_mode = Some(ExecutionMode::Local)), CONSENT, "it is no deploy");
}

#[test]
fn an_emergency_takes_one_person_and_short_clocks_and_leaves_every_other_policy_in_force() {
    let emergency = |asked: &mut Question| asked.context.break_glass = Some("the database burns".to_owned());
    let mut asked = question();
    emergency(&mut asked);
    let requirement = shipped().decide(&asked).unwrap().requirement.unwrap();
    assert_eq!((requirement.quorum, requirement.step_up_seconds, requirement.approval_ttl_seconds), (1, 120, 900));
    assert_eq!((requirement.execution_ttl_seconds, requirement.max_duration_seconds), (300, Some(3600)));
    assert_eq!(requirement.standing, None, "an emergency is approved for one use");
    assert_eq!(said(emergency), EMERGENCY);
    let approved = |minutes: &str, approvers| {
        said(|asked| {
            emergency(asked);
            let expires_at = at(&format!("2026-11-22T05:{minutes}:00Z"));
            let granted_at = at("2026-11-22T05:06:00Z");
            asked.approval = Some(Approval { granted_at, expires_at, approvers, ..approval() });
        })
    };
    assert_eq!(approved("11", 1), ALLOW);
    assert_eq!(approved("11", 0), EMERGENCY);
    assert_eq!(approved("12", 1), EMERGENCY, "an approval for longer than five minutes is none");
    let unlisted = |asked: &mut Question| {
        emergency(asked);
        know(asked, listing(&[], None, &[]));
    };
    assert_eq!(said(unlisted), "deny listed-accounts-run");
}

#[test]
fn an_emergency_still_takes_one_person_where_production_takes_two() {
    let two =
        shipped().source().policies.replacen("context.approval.approvers >= 1", "context.approval.approvers >= 2", 1);
    let engine = engine(&two);
    let quorum = |asked: &Question| engine.decide(asked).unwrap().requirement.unwrap().quorum;
    assert_eq!(quorum(&question()), 2);
    let context = Declared { break_glass: Some("the database burns".to_owned()), ..Declared::default() };
    assert_eq!(quorum(&Question { context, ..question() }), 1);
}

fn publish(asked: &mut Question) {
    by_a_person(asked);
    asked.principal.scopes = vec!["policies:write".to_owned()];
    (asked.action, asked.resources) = ("policies:publish".to_owned(), vec![format!("policy_set:{}", "0f".repeat(32))]);
}

#[test]
fn publishing_takes_the_scope_no_workspace_and_somebody_else() {
    assert_eq!(said(publish), "require_approval publishing-needs-approval");
    let approved = |asked: &mut Question| {
        publish(asked);
        asked.approval = Some(approval());
    };
    assert_eq!(said(approved), ALLOW);
    let bound = |asked: &mut Question| {
        approved(asked);
        asked.principal.workspaces = vec!["billing".to_owned()];
    };
    assert_eq!(said(bound), "deny writers-publish");
    let unscoped = |asked: &mut Question| {
        approved(asked);
        asked.principal.scopes = vec!["policies:read".to_owned(), "policies:publish".to_owned()];
    };
    assert_eq!(said(unscoped), "deny writers-publish");
    let emergency = |asked: &mut Question| {
        publish(asked);
        asked.context.break_glass = Some("the policies burn".to_owned());
    };
    assert_eq!(said(emergency), "require_approval publishing-needs-approval", "no emergency changes the rules");
}

#[test]
fn no_broader_permit_lets_anybody_publish_without_the_scope() {
    let broader = r#"@id("all") permit (principal, action, resource);"#;
    let engine = engine(&[&shipped().source().policies, broader].concat());
    let mut asked = question();
    publish(&mut asked);
    asked.principal.scopes.clear();
    let answer = engine.decide(&asked).unwrap();
    assert_eq!(answer.reasons[0].policy, "writers-publish");
}

#[test]
fn the_policies_in_comments_are_good_policies() {
    let text = &shipped().source().policies;
    let commented: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("// ")).collect();
    let start = commented.iter().position(|line| line.starts_with("@id(")).unwrap();
    let examples: Vec<_> = commented[start..].iter().copied().filter(|line| !line.starts_with("----")).collect();
    let engine = engine(&[text.as_str(), &examples.join("\n")].concat());
    assert_eq!(engine.policies().len(), shipped().policies().len() + 2);
    let outcome = |edit: fn(&mut Question)| {
        let mut asked = question();
        edit(&mut asked);
        engine.decide(&asked).unwrap().reasons.remove(0).policy
    };
    assert_eq!(outcome(|_| ()), "accounts-name-networks");
    assert_eq!(outcome(|asked| asked.context.known_network = Some(true)), "prod-needs-approval");
    assert_eq!(outcome(by_a_person), "people-come-from-the-office");
    let office = |asked: &mut Question| {
        by_a_person(asked);
        asked.context.ip = Some("203.0.113.7".to_owned());
    };
    assert_eq!(outcome(office), "prod-needs-approval");
}
