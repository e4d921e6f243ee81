//! `account`: by hand, and from manifests.

mod usage;

use std::fs;
use std::path::PathBuf;

use tokio::process::Command;

use crate::plane::Plane;
use crate::run::{finish, start};

/// 32 bytes, and 32 others.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const OTHER: &str = "//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=";

/// The documented example, but for its time, which is over.
const MANIFEST: &str = "\
# Example service account configuration
apiVersion: aether/v1
kind: ServiceAccount
metadata:
  name: ci-bot-account
spec:
  apiKey: $AES_ENCRYPTED_KEY
  scopes:
    - pipelines:execute
    - artifacts:read
  expiration: 2099-01-01T00:00:00Z
";

fn manifest(plane: &Plane, text: &str) -> PathBuf {
    let file = plane.home().join("account.yml");
    fs::write(&file, text).unwrap();
    file
}

fn apply(plane: &Plane, options: &[&str]) -> Command {
    let mut command = plane.admin();
    command.env("COUNTERSIGN_MANIFEST_KEY", KEY).args(["account", "apply", "-f", "account.yml"]).args(options);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_shown_made_true_and_then_changes_nothing() {
    let plane = Plane::start().await;
    manifest(&plane, MANIFEST);
    let shown = finish(&mut apply(&plane, &["--dry-run"])).await;
    assert_eq!(
        shown.done(),
        "service account ci-bot-account: would be created\n  \
         + scopes: [\"artifacts:read\",\"pipelines:execute\"]\n  \
         + expiration: \"2099-01-01T00:00:00.000Z\"\n"
    );
    finish(plane.admin().args(["account", "show", "ci-bot-account"]))
        .await
        .refused(66, &["ci-bot-account", "account list"]);
    let made = finish(&mut apply(&plane, &[])).await;
    assert!(made.done().starts_with("service account ci-bot-account: created\n"), "{}", made.out);
    let again = finish(&mut apply(&plane, &[])).await;
    assert_eq!(again.done(), "service account ci-bot-account: unchanged\n");
    assert!(again.err.contains("`apiKey` is a placeholder"), "{}", again.err);

    manifest(&plane, &MANIFEST.replace("    - artifacts:read\n", ""));
    let changed = finish(&mut apply(&plane, &["--dry-run"])).await;
    assert_eq!(
        changed.done(),
        "service account ci-bot-account: would be changed\n  \
         - scopes: [\"artifacts:read\",\"pipelines:execute\"]\n  \
         + scopes: [\"pipelines:execute\"]\n"
    );
    assert_eq!(finish(apply(&plane, &[]).arg("--json")).await.json()["action"], "change");

    let mut piped = plane.admin();
    let mut piped = start(piped.args(["account", "apply", "-f", "-"]));
    piped.write(MANIFEST).await;
    assert!(piped.ended().await.done().contains("changed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_written_sealed_into_the_manifest_and_checked_from_then_on() {
    let plane = Plane::start().await;
    let file = manifest(&plane, MANIFEST);
    let mut keyless = apply(&plane, &["--write-keys"]);
    finish(keyless.env_remove("COUNTERSIGN_MANIFEST_KEY")).await.refused(64, &["there is no manifest key", "hint:"]);
    let made = finish(&mut apply(&plane, &["--write-keys"])).await;
    assert!(made.done().contains("created") && made.err.contains("has the new key crd_"), "{made:?}");
    let written = fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("# Example service account configuration\n"), "{written}");
    assert!(written.contains("\n  apiKey: \"aes256gcm:v1:") && !written.contains("cs_key_"), "{written}");

    let again = finish(&mut apply(&plane, &["--write-keys"])).await;
    assert_eq!((again.done(), again.err.as_str()), ("service account ci-bot-account: unchanged\n", ""));
    assert_eq!(fs::read_to_string(&file).unwrap(), written);
    finish(apply(&plane, &[]).env("COUNTERSIGN_MANIFEST_KEY", OTHER)).await.refused(64, &["`apiKey` does not open"]);
    finish(apply(&plane, &[]).env("COUNTERSIGN_MANIFEST_KEY", "short")).await.refused(64, &["not 32 bytes in base64"]);

    manifest(&plane, &written.replace("ci-bot-account", "another-account"));
    finish(&mut apply(&plane, &[])).await.done();
    finish(&mut apply(&plane, &[])).await.refused(64, &["`apiKey` does not open", "another account"]);

    manifest(&plane, &written);
    finish(plane.admin().args(["account", "disable", "ci-bot-account", "--reason", "retired"])).await.done();
    finish(&mut apply(&plane, &[])).await.refused(83, &["`apiKey` is not accepted", "disabled"]);
}

/// The credentials of the manifest's account.
async fn credentials(plane: &Plane) -> Vec<serde_json::Value> {
    let shown = finish(plane.admin().args(["account", "show", "ci-bot-account", "--json"])).await.json();
    shown["credentials"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_only_once_the_account_is_as_the_manifest_says() {
    let plane = Plane::start().await;
    let file = manifest(&plane, &MANIFEST.replace("  scopes:", "  trusts: [nobody-there]\n  scopes:"));
    let refused = finish(&mut apply(&plane, &["--write-keys"])).await;
    refused.refused(64, &["nobody-there"]);
    assert!(credentials(&plane).await.is_empty(), "a key is left that nobody has");

    manifest(&plane, MANIFEST);
    finish(&mut apply(&plane, &["--write-keys"])).await.done();
    assert_eq!(credentials(&plane).await.len(), 1);
    assert!(fs::read_to_string(&file).unwrap().contains("aes256gcm:v1:"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_for_the_workspaces_that_the_account_has_after_the_change() {
    let plane = Plane::start().await;
    let in_workspace = |name: &str| MANIFEST.replace("  scopes:", &format!("  workspaces: [{name}]\n  scopes:"));
    manifest(&plane, &in_workspace("ws-old"));
    finish(&mut apply(&plane, &[])).await.done();
    manifest(&plane, &in_workspace("ws-new"));
    finish(&mut apply(&plane, &["--write-keys"])).await.done();
    let held = credentials(&plane).await;
    assert_eq!((held.len(), &held[0]["workspaces"]), (1, &serde_json::json!(["ws-new"])));
    finish(&mut apply(&plane, &[])).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_key_is_sealed_by_hand_and_nothing_else_is() {
    let plane = Plane::start().await;
    let seal = |text: String| {
        let mut command = plane.unpinned();
        command.env("COUNTERSIGN_MANIFEST_KEY", KEY).args(["account", "encrypt-key", "ci-bot-account"]);
        let mut run = start(&mut command);
        async move {
            run.write(&text).await;
            run.ended().await
        }
    };
    let sealed = seal(format!("{}\n", plane.token)).await;
    assert!(sealed.done().starts_with("apiKey: \"aes256gcm:v1:"), "{}", sealed.out);
    let refused = seal("hunter2".into()).await;
    refused.refused(64, &["no credential of ours"]);
    assert!(!refused.err.contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_listed_shown_exported_trusted_and_ended() {
    let plane = Plane::start().await;
    let list = finish(plane.admin().args(["account", "list"])).await;
    assert!(list.done().starts_with("NAME             STATE   TEAM     EXPIRES  SCOPES\nbilling-ci "), "{}", list.out);
    let trust = finish(plane.admin().args(["account", "trust", "billing-ci", "web-deployer", "--json"])).await.json();
    assert_eq!(trust["trusts"], serde_json::json!(["web-deployer"]));
    let show = finish(plane.admin().args(["account", "show", "billing-ci"])).await;
    assert!(
        show.done().contains("\ntrusts       web-deployer\n") && show.out.contains("service_token"),
        "{}",
        show.out
    );

    let described = "apiVersion: aether/v1\nkind: ServiceAccount\nmetadata: { name: careful }\n\
                     spec: { scopes: [logs:read], description: 'careful: !prod' }\n";
    manifest(&plane, described);
    finish(&mut apply(&plane, &[])).await.done();
    let export = finish(plane.admin().args(["account", "export", "careful"])).await;
    manifest(&plane, export.done());
    assert_eq!(finish(&mut apply(&plane, &[])).await.done(), "service account careful: unchanged\n");

    let export = finish(plane.admin().args(["account", "export", "billing-ci"])).await;
    assert!(!export.done().contains("apiKey") && !export.out.contains("cs_"), "{}", export.out);
    manifest(&plane, &export.out);
    assert_eq!(finish(&mut apply(&plane, &[])).await.done(), "service account billing-ci: unchanged\n");

    let untrust =
        finish(plane.admin().args(["account", "untrust", "billing-ci", "web-deployer", "--json"])).await.json();
    assert_eq!(untrust["trusts"], serde_json::json!([]));
    finish(plane.runner().args(["account", "list"])).await.refused(80, &["accounts:read"]);
    finish(plane.admin().args(["account", "disable", "billing-ci"])).await.done();
    finish(plane.runner().arg("whoami")).await.refused(77, &["the account is disabled"]);
    finish(plane.admin().args(["account", "enable", "billing-ci"])).await.done();
    finish(plane.runner().arg("whoami")).await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_is_restricted_by_its_own_file() {
    let plane = Plane::start().await;
    manifest(&plane, "auth:\n  allowedAccounts:\n    - billing-ci\n  maxDuration: 1h # Runtime limit\n");
    finish(&mut apply(&plane, &[])).await.refused(64, &["--pipeline NAME"]);
    let made = finish(&mut apply(&plane, &["--pipeline", "billing/nightly"])).await;
    assert_eq!(
        made.done(),
        "pipeline billing/nightly: created\n  + allowedAccounts: [\"billing-ci\"]\n  + maxDuration: 3600\n"
    );
    let again = finish(&mut apply(&plane, &["--pipeline", "billing/nightly"])).await;
    assert_eq!(again.done(), "pipeline billing/nightly: unchanged\n");
    manifest(&plane, "auth: { allowedAccounts: [nobody] }\n");
    let refused = finish(&mut apply(&plane, &["--pipeline", "billing/nightly"])).await;
    refused.refused(64, &["there is no service account `nobody`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn x_04_what_is_wrong_with_a_manifest_is_told_before_anything_is_asked() {
    let plane = Plane::start().await;
    for (text, words) in [
        (
            MANIFEST.replace("apiKey", "api_key"),
            "`account.yml`: line 7, column 3: `api_key` is not a key here; did you mean `apiKey`?",
        ),
        (format!("{MANIFEST}---\n{MANIFEST}"), "one file has one"),
        (MANIFEST.replace("spec:", "spec: &s"), "anchors and aliases are not taken"),
        ("x".repeat(300 << 10), "larger than 256 KiB"),
        (MANIFEST.replace("$AES_ENCRYPTED_KEY", "cs_key_hunter2"), "`apiKey` is neither sealed nor a placeholder"),
    ] {
        manifest(&plane, &text);
        for options in [&[][..], &["--dry-run"], &["--write-keys"]] {
            let refused = finish(&mut apply(&plane, options)).await;
            refused.refused(64, &[words]);
            assert!(!refused.err.contains("hunter2"), "{}", refused.err);
        }
    }
    finish(plane.admin().args(["account", "apply", "-f", "nothing.yml"])).await.refused(74, &["`nothing.yml`"]);
}
