//! What is odd about single policies.

use countersign_policy::findings;
use domain::policy::FindingKind;

use crate::fixtures::{engine, on, patient, shipped};

fn found(policies: &str, only: Option<&[String]>) -> Vec<(String, FindingKind, bool)> {
    let found = findings(&engine(policies), only, &patient(), &on);
    assert_eq!((found.unknown, found.why_unknown), (0, None));
    found.findings.into_iter().map(|finding| (finding.policy, finding.kind, finding.grave)).collect()
}

#[test]
fn what_is_odd_about_a_policy_is_proved() {
    let permit =
        r#"@id("permit") permit (principal, action, resource) when { principal.scopes.contains(context.scope) };"#;
    let logs = r#"(principal, action == Action::"logs:read", resource)"#;
    let overflow = r#"context.now.offset(duration("9223372036854775807ms")) < context.now"#;
    let lifted = "context has approval && context.approval.approvers >= 1 && context.now < context.approval.expiresAt";
    let cases = [
        (format!("permit {logs} when {{ resource.ref like \"user:*\" }};"), Some((FindingKind::NeverMatches, false))),
        (format!("permit {logs} when {{ context.scope like \"*:read\" }};"), Some((FindingKind::AlwaysMatches, false))),
        (format!("forbid {logs} when {{ {overflow} }};"), Some((FindingKind::CanFail, true))),
        (
            format!(
                "permit {logs} when {{ context.scope == \"logs:read\" && principal.scopes.contains(\"logs:read\") }};"
            ),
            Some((FindingKind::Redundant, false)),
        ),
        (
            format!(
                "@require_approval forbid {logs} unless {{ {lifted} && context.approval.expiresAt < context.approval.grantedAt }};"
            ),
            Some((FindingKind::NotLifted, true)),
        ),
        (format!("@require_approval forbid {logs} unless {{ {lifted} }};"), None),
        (format!("forbid {logs} when {{ context has ip && context.ip.isLoopback() }};"), None),
    ];
    for (text, expected) in cases {
        let policies = format!("{permit}\n@id(\"odd\") {text}");
        let expected: Vec<_> = expected.into_iter().map(|(kind, grave)| ("odd".to_owned(), kind, grave)).collect();
        assert_eq!(found(&policies, Some(&["odd".to_owned()])), expected, "{text}");
    }
}

#[test]
fn nothing_is_odd_about_the_shipped_guards() {
    let guards = ["prod-needs-approval", "break-glass"].map(str::to_owned);
    assert_eq!(found(&shipped(), Some(&guards)), []);
}
