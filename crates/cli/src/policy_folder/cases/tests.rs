use std::collections::BTreeMap;

use domain::outcome::Outcome;
use domain::policy::{CaseApproval, CaseTicket, Declared, Expectation, KnownResource};

use super::*;
use crate::exit::Failure;

const CASES: &str = "\
# What nobody should be able to change unseen.
- name: Production needs two
  principal: service_account:billing-ci
  action: pipelines:execute
  resources: [pipeline:billing/nightly]
  env: prod
  expect: { outcome: require_approval, approvers: 2 }

- name: Development needs nobody
  principal: service_account:billing-ci
  action: pipelines:execute
  resources:
    - pipeline:billing/nightly
  env: dev
  expect:
    outcome: allow
";

fn told(failure: &Failure) -> String {
    let Failure::Told { sentence, .. } = failure else { panic!() };
    sentence.clone()
}

fn refused(text: &str) -> String {
    told(&of_yaml(Path::new("tests/a.yaml"), text).unwrap_err())
}

#[test]
fn a_list_of_cases_is_read_with_the_line_of_each() {
    let cases = of_yaml(Path::new("a.yaml"), CASES).unwrap();
    let places: Vec<_> = cases.iter().map(|(place, _)| place.to_string()).collect();
    assert_eq!(places, ["a.yaml:2", "a.yaml:9"]);
    assert_eq!(cases[0].1.expect.approvers, Some(2));
    let json = serde_json::to_string(&cases.into_iter().map(|(_, case)| case).collect::<Vec<_>>()).unwrap();
    assert_eq!(of_json(Path::new("a.json"), &json).unwrap().len(), 2);
}

#[test]
fn a_mistake_names_file_line_case_and_field() {
    for (from, to, words) in [
        (
            "    outcome: allow",
            "    outcom: allow",
            "tests/a.yaml:16:5: `outcom` is not a key here; did you mean `outcome`? (in the case `Development needs nobody`)",
        ),
        (
            "  env: prod\n",
            "  evn: prod\n",
            "tests/a.yaml:6:3: `evn` is not a key here; did you mean `env`? (in the case `Production needs two`)",
        ),
        ("  env: dev\n", "", "`env` is missing (in the case `Development needs nobody`)"),
        ("outcome: require_approval", "outcome: perhaps", "(in the case `Production needs two`)"),
        ("approvers: 2", "approvers: two", "tests/a.yaml:7:51: "),
        ("- name: Production needs two\n ", "-", "`name` is missing (in the case `number 1`)"),
        ("  env: dev\n", "  env: dev\n  env: prod\n", "`env` stands twice"),
    ] {
        assert!(CASES.contains(from));
        let error = refused(&CASES.replace(from, to));
        assert!(error.contains(words), "{to}: {error}");
    }
    let json = told(&of_json(Path::new("a.json"), "[{\"name\": 1}]").unwrap_err());
    assert!(json.contains("a.json") && json.contains("line 1"), "{json}");
    let twice = told(&of_json(Path::new("a.json"), "[{\"name\": \"a\", \"name\": \"b\"}]").unwrap_err());
    assert!(twice.contains("name"), "{twice}");
}

#[test]
fn floods_are_refused() {
    let bomb = (1..30).map(|n| format!("- &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<Vec<_>>().concat();
    assert!(refused(&format!("- &a0 [x, x]\n{bomb}")).contains("anchors and aliases"));
    let many = refused(&CASES.replace("[pipeline:billing/nightly]", &format!("[{}x]", "x,".repeat(110_000))));
    assert!(many.contains("larger or deeper than any list of cases") && many.len() < 300, "{many}");
    let deep = refused(&format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    assert!(deep.contains("recursion limit") && deep.len() < 300, "{deep}");
    assert!(refused(&"- x\n".repeat(200_000)).len() < 300);
    assert!(refused("name: not a list").len() < 300);
    assert!(of_yaml(Path::new("a.yaml"), "# none yet\n").unwrap().is_empty());
}

#[test]
fn what_is_printed_is_read_again() {
    let case = Case {
        name: "odd: \"names\" # with\n\u{2028}\u{85}\u{7f}\u{202e} ‘marks’ !".into(),
        principal: "user:usr_01HZY3V5W2M4Q6S8T0XABCDEFG".into(),
        teams: vec!["sre".into()],
        scopes: Some(vec![]),
        workspaces: vec!["billing".into()],
        owner: Some("user:usr_ada".into()),
        action: "pipelines:execute".into(),
        resources: vec!["pipeline:billing/nightly".into(), "pipeline:*".into()],
        env: "prod".into(),
        context: Declared { ip: Some("::1".into()), ..Declared::default() },
        known: BTreeMap::from([("pipeline:billing/nightly".into(), KnownResource::default())]),
        ticket: Some(CaseTicket {
            requester: "service_account:billing-ci".into(),
            on_behalf_of: vec!["user:usr_ada".into()],
            action: "pipelines:execute".into(),
            resources: vec!["pipeline:billing/nightly".into()],
        }),
        now: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        approval: Some(CaseApproval {
            approvers: 2,
            groups: vec!["sre".into()],
            granted_seconds_ago: 5,
            granted_at: None,
            expires_at: None,
        }),
        expect: Expectation { outcome: Outcome::Deny, because: vec!["x".into()], approvers: None, groups: None },
    };
    let fields = serde_json::to_value(&case).unwrap();
    let missing: Vec<_> = fields.as_object().unwrap().keys().filter(|key| !ORDER.contains(&key.as_str())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let printed = super::yaml(&[case.clone(), case.clone()]).unwrap();
    let read = of_yaml(Path::new("a.yaml"), &printed).unwrap();
    assert_eq!(read.iter().map(|(_, case)| case).collect::<Vec<_>>(), [&case, &case]);
}
