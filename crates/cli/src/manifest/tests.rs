use super::*;

const ACCOUNT: &str = "\
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
  expiration: 2025-01-01T00:00:00Z
";
const PIPELINE: &str = "\
# pipeline.yml
auth:
  allowedAccounts:
    - team-alpha-ci
    - release-manager
  maxDuration: 1h # Runtime limit
";

fn refused(text: &str) -> String {
    parse(text, None).unwrap_err().to_string()
}

#[test]
fn the_documented_examples_are_read_word_for_word() {
    let Manifest::Account(account) = parse(ACCOUNT, None).unwrap() else { panic!() };
    assert_eq!(
        (account.name.as_str(), account.spec.scopes.to_string().as_str()),
        ("ci-bot-account", "artifacts:read pipelines:execute")
    );
    assert_eq!(account.spec.expiration.unwrap().to_string(), "2025-01-01T00:00:00.000Z");
    let Manifest::Pipeline(pipeline) = parse(PIPELINE, Some("billing/nightly")).unwrap() else { panic!() };
    assert_eq!(pipeline.auth.seconds().unwrap(), Some(3600));
    assert_eq!(pipeline.auth.allowed_accounts.unwrap().len(), 2);
    assert!(refused(PIPELINE).contains("--pipeline NAME"));
    let whole = format!("apiVersion: aether/v1\nkind: Pipeline\nmetadata: {{ name: nightly }}\n{PIPELINE}");
    assert!(matches!(parse(&whole, None).unwrap(), Manifest::Pipeline(_)));
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_was_meant() {
    for (from, to, words) in [
        ("expiration", "expirations", "line 11, column 3: `expirations` is not a key here; did you mean `expiration`?"),
        ("apiKey", "apikey", "line 7, column 3: `apikey` is not a key here; did you mean `apiKey`?"),
        ("  scopes:", "  xyzzy:", "`xyzzy` is not a key here; there are"),
        ("aether/v1", "aether/v2", "`apiVersion` must be `aether/v1`"),
        ("ServiceAccount", "Deployment", "`kind` must be"),
        ("ci-bot-account", "CI Bot", "`metadata.name`"),
        ("2025-01-01T00:00:00Z", "tomorrow", "line 11"),
        ("  scopes:", "  scopes: []\n  scopes:", "`scopes` stands twice"),
        ("- artifacts:read", "- artifacts:*", "wildcard"),
    ] {
        let error = refused(&ACCOUNT.replace(from, to));
        assert!(error.contains(words), "{to}: {error}");
    }
    let ended = ACCOUNT.split("  scopes:").next().unwrap();
    assert!(refused(ended).contains("`scopes` is missing"), "{}", refused(ended));
    assert!(refused("").contains("missing") || !refused("").is_empty());
    assert!(refused("auth:\n  maxDuration: soon\n").contains("--pipeline"));
    assert!(
        parse("auth:\n  maxDuration: soon\n", Some("x")).unwrap_err().to_string().contains("`soon` is not a length")
    );
}

#[test]
fn x_04_one_document_without_anchors_aliases_tags_or_floods() {
    assert!(
        refused(&format!("{ACCOUNT}---\n{ACCOUNT}")).contains("second document"),
        "{}",
        refused(&format!("{ACCOUNT}---\n{ACCOUNT}"))
    );
    let bomb = (1..9).map(|n| format!("a{n}: &a{n} [*a{}, *a{}]\n", n - 1, n - 1)).collect::<Vec<_>>().concat();
    for bad in [
        format!("a0: &a0 [x, x]\n{bomb}"),
        ACCOUNT.replace("ci-bot-account", "&n ci-bot-account"),
        ACCOUNT.replace("- artifacts:read", "- *scope"),
        ACCOUNT.replace("spec:", "spec:\n  <<: { title: x }"),
        ACCOUNT.replace("ci-bot-account", "!!str ci-bot-account"),
        ACCOUNT.replace("ci-bot-account", "!secret ci-bot-account"),
        ACCOUNT.replace("  scopes:", "  ? !!str scopes\n  :"),
        format!("{ACCOUNT}{}", "#".repeat(257 << 10)),
        format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
        ACCOUNT.replace("    - artifacts:read\n", &"    - x\n".repeat(10_001)),
        "\u{0}".into(),
        "{".into(),
    ] {
        let error = parse(&bad, None).unwrap_err().to_string();
        assert!(error.len() < 300, "{error}");
    }
    assert!(refused(&ACCOUNT.replace("ci-bot-account", "&n ci-bot-account")).contains("anchors and aliases"));
    assert!(refused(&ACCOUNT.replace("ci-bot-account", "!!str ci-bot-account")).contains("tags are not taken"));
    let loud = ACCOUNT.replace("spec:", "spec:\n  description: it runs! nightly !");
    assert!(parse(&loud, None).is_ok());
}

#[test]
fn a_key_in_plain_text_is_refused_and_not_repeated() {
    for plain in ["hunter2", "cs_key_0123456789", "\"\"", "'aes256gcm:v2:AAAA'", "\" $AES\""] {
        let error = refused(&ACCOUNT.replace("$AES_ENCRYPTED_KEY", plain));
        assert!(error.contains("`apiKey` is neither sealed nor a placeholder"), "{error}");
        assert!(!error.contains("hunter2") && !error.contains("cs_key_"), "{error}");
    }
    for taken in ["$ANY", "aes256gcm:v1:AAAA", "\"aes256gcm:v1:AAAA\"", "null"] {
        assert!(parse(&ACCOUNT.replace("$AES_ENCRYPTED_KEY", taken), None).is_ok(), "{taken}");
    }
}

#[test]
fn what_export_prints_of_a_text_with_a_mark_in_it_is_read() {
    for text in ["careful: !prod", "!", "\"!\" or '!'", "- !x, ? !y"] {
        let printed = format!("spec:\n  description: {}", serde_json::json!(text));
        let Manifest::Account(account) = parse(&ACCOUNT.replace("spec:", &printed), None).unwrap() else { panic!() };
        assert_eq!(account.spec.description.as_deref(), Some(text));
    }
}
