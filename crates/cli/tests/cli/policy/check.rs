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

#[tokio::test]
async fn policies_are_laid_out_with_every_comment_or_left_as_they_are() {
    let home = tempfile::tempdir().unwrap();
    let wild =
        "// Why.\n@id(\"a\")permit(principal,action,resource) // here\nwhen{principal.scopes.contains( \"x\" )};";
    write(home.path(), "policies", &shipped(None), None);
    let file = home.path().join("policies/policies.cedar");
    fs::write(&file, wild).unwrap();
    let wanted = finish(&mut alone(home.path(), &["format", "--check", "policies"])).await;
    wanted.refused(86, &["1 file is not laid out", "countersign policy format"]);
    assert_eq!((wanted.out.as_str(), fs::read_to_string(&file).unwrap().as_str()), ("policies/policies.cedar\n", wild));
    finish(&mut alone(home.path(), &["format", "policies"])).await.done();
    let laid = fs::read_to_string(&file).unwrap();
    assert!(laid.contains("// Why.") && laid.contains("// here") && laid != wild, "{laid}");
    let again = finish(&mut alone(home.path(), &["format", "--check", "policies"])).await;
    assert_eq!(again.done(), "everything is laid out\n");

    // One file that is broken leaves the other as it is.
    fs::write(&file, wild).unwrap();
    fs::write(home.path().join("policies/zz.cedar"), "permit (principal, action resource);").unwrap();
    finish(&mut alone(home.path(), &["format", "policies"]))
        .await
        .refused(64, &["policies/zz.cedar:1:27: ", "1 problem"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), wild);
}
