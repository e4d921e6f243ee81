//! What would help when the control plane refuses something about a credential, in the words of the command line.

use client::ClientError;
use contract::Code;
use domain::credential::CredentialKind;

use crate::commands::credential::names;
use crate::exit::Failure;
use crate::once;

/// Which option a field of the request comes from.
const OPTIONS: &[(&str, &str)] = &[
    ("account", "--account"),
    ("expires_in_seconds", "--expires-in"),
    ("identifier", "--id"),
    ("label", "--label"),
    ("networks", "--network"),
    ("overlap_seconds", "--overlap"),
    ("reason", "--reason"),
    ("scopes", "--scope"),
    ("workspaces", "--workspace"),
];

pub(super) fn explain(kind: CredentialKind, error: ClientError) -> Failure {
    let noun = names(kind).0;
    let hint = match &error {
        ClientError::Refused(problem) => match problem.code {
            Code::NotFound => Some(format!("`countersign {noun} list --all` shows those that you may see")),
            Code::Conflict => Some("choose another name with `--id`, or leave it out to have one drawn".to_owned()),
            Code::NotRotatable => Some(format!("`countersign {noun} show ID` says how it stands and what replaced it")),
            Code::NotEligible => Some("name a service account with `--account`, or sign in as a person".to_owned()),
            Code::Unprocessable => problem.error.details.field.as_deref().and_then(about),
            _ => None,
        },
        _ => None,
    };
    Failure::from(error).hint_if(hint)
}

/// The same for a request that makes a secret: whatever was made is named, so that no secret is left that nobody has.
pub(super) fn explain_once(kind: CredentialKind, error: ClientError, key: &str) -> Failure {
    let (noun, lost) = (names(kind).0, once::is_lost(&error));
    let remedy = once::made_before(&error).map(|id| {
        format!(
            "if its secret never arrived, `countersign {noun} rotate {id}` makes another one and \
             `countersign {noun} revoke {id}` ends it"
        )
    });
    let failure = explain(kind, error);
    match remedy {
        Some(remedy) => failure.hint(remedy),
        None => once::unless_known(failure, lost, key),
    }
}

fn about(field: &str) -> Option<String> {
    let (_, option) = OPTIONS.iter().find(|(name, _)| *name == field)?;
    Some(match *option {
        "--scope" => "look at `--scope`; `countersign scope list` shows every scope that there is".to_owned(),
        option => format!("look at `{option}`"),
    })
}
