//! `policy test`: cases in files, put to the policies beside them.

use std::fs;

use super::{CASES, TWO, alone, count, shipped, write};
use crate::run::finish;

#[tokio::test]
async fn a_case_that_fails_is_told_with_what_was_expected_and_where_it_stands() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(Some(TWO)), Some(CASES));
    let good = finish(&mut alone(home.path(), &["test", "policies"])).await;
    let untouched = count() - 2;
    let words = format!("2 of 2 cases passed; {untouched} policies are touched by none\n");
    assert!(good.done().ends_with(&words), "{good:?}");
    assert!(good.out.contains("no case touches `break-glass`"), "{}", good.out);

    write(home.path(), "policies", &shipped(None), Some(CASES));
    let bad = finish(&mut alone(home.path(), &["test", "policies"])).await;
    bad.refused(86, &["1 case fails", "hint: "]);
    assert!(bad.out.starts_with("FAIL  policies/tests/prod.yaml:1: Production needs two\n"), "{}", bad.out);
    assert!(bad.out.contains("expected 2 approvers, but it asks for 1"), "{}", bad.out);

    let json = finish(&mut alone(home.path(), &["test", "policies", "--json"])).await;
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &report["failed"], &report["passed"]), (Some(86), &1.into(), &1.into()));
}

#[tokio::test]
async fn coverage_can_be_demanded() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(Some(TWO)), Some(CASES));
    let ended = finish(&mut alone(home.path(), &["test", "policies", "--coverage"])).await;
    ended.refused(86, &[&format!("{} policies are touched by no case", count() - 2)]);
    let place = ended.out.lines().find(|line| line.contains("`break-glass`")).unwrap();
    let text = fs::read_to_string(home.path().join("policies/policies.cedar")).unwrap();
    let line = text.lines().position(|line| line.starts_with("@id(\"break-glass\")")).unwrap() + 1;
    assert!(place.contains(&format!("policies/policies.cedar:{line}: ")), "{place}");

    let one = "@id(\"only\") permit (principal, action, resource);\n";
    fs::write(home.path().join("policies/policies.cedar"), one).unwrap();
    let case = "- { name: a, principal: \"user:usr_a\", action: \"pipelines:execute\", resources: [\"pipeline:a/b\"], env: dev, \
                expect: { outcome: allow } }\n";
    fs::write(home.path().join("policies/tests/prod.yaml"), case).unwrap();
    let whole = finish(&mut alone(home.path(), &["test", "policies", "--coverage"])).await;
    assert_eq!(whole.done(), "1 of 1 case passed; every policy is touched\n");
}
