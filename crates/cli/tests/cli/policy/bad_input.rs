//! What cannot be used: each refusal names the file and what would help, quickly.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{CASES, alone, shipped, write};
use crate::plane::script;
use crate::run::finish;

#[tokio::test]
async fn a_folder_that_is_none_or_holds_no_policies() {
    let home = tempfile::tempdir().unwrap();
    let refused = async |arguments: &[&str], code, words: &[&str]| {
        finish(&mut alone(home.path(), arguments)).await.refused(code, words);
    };
    refused(&["check", "nowhere"], 66, &["`nowhere` cannot be read", "countersign policy pull DIR"]).await;
    fs::create_dir(home.path().join("empty")).unwrap();
    refused(&["check", "empty"], 64, &["`empty` has no policies", "`.cedar`"]).await;
    refused(&["test", "empty"], 64, &["`empty` has no policies"]).await;
    fs::write(home.path().join("empty/policies.txt"), "permit").unwrap();
    refused(&["check", "empty/policies.txt"], 64, &["`empty/policies.txt` is no part of a policy set"]).await;
    write(home.path(), "policies", &shipped(None), None);
    refused(&["test", "policies"], 64, &["`policies` has no cases"]).await;
    fs::write(home.path().join("policies/other.cedarschema"), "").unwrap();
    refused(&["check", "policies"], 64, &["other.cedarschema` is not read"]).await;
    fs::remove_file(home.path().join("policies/other.cedarschema")).unwrap();
    fs::write(home.path().join("policies/zz.cedar"), [b'\n', b'/', b'/', 0xff]).unwrap();
    refused(&["check", "policies"], 64, &["`policies/zz.cedar:2` has a byte that is not UTF-8"]).await;
    fs::remove_file(home.path().join("policies/zz.cedar")).unwrap();
    nix::unistd::mkfifo(&home.path().join("policies/zz.cedar"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    refused(&["check", "policies"], 74, &["`policies/zz.cedar` cannot be read: it is not a file"]).await;
}

#[tokio::test]
async fn ten_megabytes_of_policy_are_refused_before_they_are_read() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "policies", &shipped(None), None);
    let rule = "@id(\"x\") permit (principal, action, resource);\n";
    fs::write(home.path().join("policies/zz.cedar"), rule.repeat((10 << 20) / rule.len())).unwrap();
    let ended = finish(&mut alone(home.path(), &["check", "policies"])).await;
    ended.refused(64, &["`policies/zz.cedar` is too much: a policy set has 1 MiB of text at most"]);
    assert_eq!(ended.out, "");
}

#[tokio::test]
async fn a_file_of_cases_that_cannot_be_read_names_line_case_and_field() {
    let home = tempfile::tempdir().unwrap();
    let bomb = (1..30).map(|n| format!("- &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<String>();
    for (cases, words) in [
        (
            CASES.replace("  env: prod\n  approval", "  evn: prod\n  approval"),
            "policies/tests/prod.yaml:11:3: `evn` is not a key here; did you mean `env`? (in the case `Two are enough`)",
        ),
        (format!("- &a0 [x, x]\n{bomb}"), "anchors and aliases are not taken"),
        ("- {".to_owned(), "policies/tests/prod.yaml"),
        ("#".repeat(2 << 20), "a folder of cases has 1 MiB of text at most"),
    ] {
        write(home.path(), "policies", &shipped(None), Some(&cases));
        let ended = finish(&mut alone(home.path(), &["test", "policies"])).await;
        ended.refused(64, &[words]);
        assert!(ended.err.len() < 1_000, "{}", ended.err);
    }
    let unknown = CASES.replace("pipelines:execute", "pipelines:exekute");
    write(home.path(), "policies", &shipped(None), Some(&unknown));
    let ended = finish(&mut alone(home.path(), &["test", "policies"])).await;
    ended.refused(86, &["2 cases fail"]);
    assert!(
        ended.out.contains("the question cannot be asked: ") && ended.out.contains("pipelines:exekute"),
        "{}",
        ended.out
    );
}

#[tokio::test]
async fn a_solver_that_is_not_there_hangs_or_dies_leaves_nothing_proved() {
    let home = tempfile::tempdir().unwrap();
    write(home.path(), "old", &shipped(None), None);
    write(home.path(), "new", &shipped(Some(super::TWO)), None);
    let compare = async |solver: &str, more: &[&str]| {
        let mut command =
            alone(home.path(), &["compare", "--dir", "new", "--against", "old", "--within", "2s", "--solver", solver]);
        finish(command.args(more)).await
    };
    let missing = compare("/nowhere/cvc5", &["--fail-on", "widening"]).await;
    missing.refused(88, &["not known, which is not the same as safe", "there is no solver at `/nowhere/cvc5`"]);
    for asked in ["does it allow without approval what live does not?", "does it take fewer approvers?"] {
        let row = missing.out.lines().find(|line| line.starts_with(asked)).unwrap();
        assert!(row.contains("not known"), "{}", missing.out);
    }
    let tells = "if [ \"$1\" = --version ]; then echo This is cvc5 version 9.9; exit; fi";
    let hanging = script(&home.path().join("hanging"), &format!("{tells}\nexec tail -f /dev/null"));
    let dying = script(&home.path().join("dying"), &format!("{tells}\nexit 3"));
    for solver in [&hanging, &dying] {
        let ended = compare(solver.to_str().unwrap(), &["--fail-on", "widening"]).await;
        ended.refused(88, &["not known"]);
        assert!(ended.out.contains("cvc5 9.9"), "{}", ended.out);
        assert_eq!(compare(solver.to_str().unwrap(), &[]).await.code, Some(0), "nobody asked it to fail");
    }
    fs::set_permissions(&dying, fs::Permissions::from_mode(0o644)).unwrap();
    compare(dying.to_str().unwrap(), &["--fail-on", "any"]).await.refused(88, &["not known"]);
}
