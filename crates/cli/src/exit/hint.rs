//! What would help when a call does not succeed, whatever was asked for.

use client::ClientError;
use contract::{Code, Problem};

use super::{Exit, of_code};

pub(super) fn of(error: &ClientError) -> Option<String> {
    match error {
        ClientError::Refused(problem) => of_problem(problem),
        ClientError::SignedOut(_) | ClientError::Failed(_) => None,
        ClientError::Unreachable { why, .. } if why.contains("certificate") => Some(
            "a certificate that this computer does not trust is named with `--ca-cert` (or COUNTERSIGN_CA_CERT)".into(),
        ),
        ClientError::Unreachable { .. } | ClientError::Unexpected { .. } => {
            let wait = error.retry_after().map(|seconds| format!("wait {seconds} seconds; "));
            let check = "check `--url` (or COUNTERSIGN_URL), and that the control plane runs";
            Some(format!("{}{check}", wait.unwrap_or_default()))
        }
    }
}

fn of_problem(problem: &Problem) -> Option<String> {
    let details = &problem.error.details;
    match problem.code {
        Code::StepUp => None,
        Code::Internal => problem.request_id.as_ref().map(|id| format!("the control plane's logs have it as {id}")),
        Code::MissingScope => {
            let scope = details.scope.as_ref()?;
            Some(format!(
                "use a token that has it: `countersign token create --scope {scope}`, \
                 or `countersign token rotate ID --scope {scope}`"
            ))
        }
        Code::NetworkForbidden | Code::WorkspaceForbidden => {
            Some("`countersign token show ID` lists the networks and workspaces that a token is for".to_owned())
        }
        Code::RateLimitedAddress | Code::RateLimitedIdentity => {
            let seconds = details.retry_after?;
            Some(format!("wait {seconds} seconds, then come back with a credential that works"))
        }
        Code::Unavailable | Code::KeyUnavailable => {
            let seconds = details.retry_after?;
            Some(format!("wait {seconds} seconds, then try again"))
        }
        code if of_code(code) == Exit::NotAuthenticated => {
            Some("set COUNTERSIGN_TOKEN, or name a file that holds the token with `--token-file`".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use contract::Details;

    use super::*;

    fn hint(code: Code, details: Details) -> String {
        let mut problem = Problem::new(code, "x");
        problem.error.details = details;
        of(&ClientError::Refused(Box::new(problem))).unwrap_or_default()
    }

    #[test]
    fn what_would_help_names_the_scope_and_the_seconds() {
        assert!(
            hint(Code::MissingScope, Details { scope: Some("audit:read".into()), ..Details::default() })
                .contains("--scope audit:read")
        );
        for code in [Code::RateLimitedAddress, Code::Unavailable] {
            let told = hint(code, Details { retry_after: Some(37), ..Details::default() });
            assert!(told.contains("wait 37 seconds"), "{told}");
        }
        assert!(hint(Code::TokenExpired, Details::default()).contains("COUNTERSIGN_TOKEN"));
        assert_eq!(hint(Code::StepUp, Details { max_age: Some(300), ..Details::default() }), "");
        assert_eq!(hint(Code::RateLimitedIdentity, Details::default()), "");
    }

    #[test]
    fn a_proxy_that_says_how_long_to_wait_and_a_certificate_are_told() {
        let (address, why) = (|| "https://cs.example.com".to_owned(), || "503 Service Unavailable".to_owned());
        let busy =
            |retry_after| ClientError::Unexpected { address: address(), status: Some(503), why: why(), retry_after };
        assert!(of(&busy(Some(7))).unwrap().starts_with("wait 7 seconds; check `--url`"));
        assert!(of(&busy(None)).unwrap().starts_with("check `--url`"));
        let why = "invalid peer certificate: UnknownIssuer".to_owned();
        assert!(of(&ClientError::Unreachable { address: address(), why }).unwrap().contains("--ca-cert"));
    }
}
