//! What would help when the control plane refuses, whatever was asked of it.

use contract::{Code, Problem};

use super::{Exit, of_code};

pub(super) fn of(problem: &Problem) -> Option<String> {
    match problem.code {
        Code::StepUp => None,
        Code::MissingScope => {
            let scope = problem.error.details.scope.as_ref()?;
            Some(format!(
                "use a token that has it: `countersign token create --scope {scope}`, \
                 or `countersign token rotate ID --scope {scope}`"
            ))
        }
        Code::NetworkForbidden | Code::WorkspaceForbidden => {
            Some("`countersign token show ID` lists the networks and workspaces that a token is for".to_owned())
        }
        Code::RateLimitedAddress | Code::RateLimitedIdentity => {
            let seconds = problem.error.details.retry_after?;
            Some(format!("wait {seconds} seconds, then come back with a credential that works"))
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
        of(&problem).unwrap_or_default()
    }

    #[test]
    fn what_would_help_names_the_scope_and_the_seconds() {
        assert!(
            hint(Code::MissingScope, Details { scope: Some("audit:read".into()), ..Details::default() })
                .contains("--scope audit:read")
        );
        assert!(
            hint(Code::RateLimitedAddress, Details { retry_after: Some(37), ..Details::default() })
                .contains("37 seconds")
        );
        assert!(hint(Code::TokenExpired, Details::default()).contains("COUNTERSIGN_TOKEN"));
        assert_eq!(hint(Code::StepUp, Details { max_age: Some(300), ..Details::default() }), "");
        assert_eq!(hint(Code::RateLimitedIdentity, Details::default()), "");
    }
}
