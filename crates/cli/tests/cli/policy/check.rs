//! `policy check` and `policy format`: what is wrong, with its file, line and column.

use std::fs;

use super::{alone, count, shipped, write};
use crate::run::finish;

#[tokio::test]
async fn what_is_wrong_is_told_with_its_file_line_and_column() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(None), None);
    let good = finish(&mut alone(home.path(), &["check", "policies"])).await;
    let number = count();
    assert!(good.done().contains(&format!("{number} policies compile (sha256:")), "{good:?}");

    let second = "// One more.\n@id(\"more\") @title(\"More\")\npermit (principal, action, resource)\nwhen { resource.envv == Environment::\"prod\" };\n";
    fs::write(home.path().join("policies/zz-more.cedar"), second).unwrap();
    let bad = finish(&mut alone(home.path(), &["check", "policies"])).await;
    bad.refused(64, &["`policies` cannot be used: 1 problem"]);
    let lines: Vec<_> = bad.out.lines().collect();
    assert!(lines[0].starts_with("policies/zz-more.cedar:"), "{}", bad.out);
    assert!(bad.out.contains(" | when { resource.envv == ") || bad.out.contains(" | @id(\"more\")"), "{}", bad.out);
    assert!(bad.out.contains(" | ") && bad.out.contains('^'), "{}", bad.out);

    let json = finish(&mut alone(home.path(), &["check", "policies", "--json"])).await;
    assert_eq!(json.code, Some(64));
    let report: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["problems"][0]["path"], "policies/zz-more.cedar");
    assert_eq!(report["problems"][0]["file"], "policies");
    let line = report["problems"][0]["line"].as_u64().unwrap();
    assert!((1..=4).contains(&line), "{line}");

    let broken = "permit (principal, action resource);";
    fs::write(home.path().join("policies/zz-more.cedar"), broken).unwrap();
    let files = ["check", "policies/schema.cedarschema", "policies/zz-more.cedar"];
    let parsed = finish(&mut alone(home.path(), &files)).await;
    parsed.refused(64, &["1 problem"]);
    let lines: Vec<_> = parsed.out.lines().collect();
    assert!(lines[0].starts_with("policies/zz-more.cedar:1:27: "), "{}", parsed.out);
    assert_eq!(lines[1], format!("  1 | {broken}"));
    assert!(lines[2].starts_with(&format!("    | {}^", " ".repeat(26))), "{}", parsed.out);
}

#[tokio::test]
async fn a_folder_without_a_schema_says_where_one_comes_from() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(None), None);
    fs::remove_file(home.path().join("policies/schema.cedarschema")).unwrap();
    let ended = finish(&mut alone(home.path(), &["check", "policies"])).await;
    ended.refused(64, &["`policies` has no `schema.cedarschema`", "countersign policy pull DIR"]);
}
