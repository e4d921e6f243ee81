//! Keys of manifests: sealed into them when they are made, and tried when they are there.

use std::io::Read as _;

use client::{Api, ClientError};
use contract::Code;
use contract::context::AuthContext;
use domain::account::AccountName;
use domain::ambient::OsEntropy;
use domain::principal::Principal;
use domain::secret::Secret;
use serde_json::json;
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::{self, Exit, Failure};
use crate::manifest::sealed::{ManifestKey, credential};
use crate::output::Output;

/// More than any credential has.
const LONGEST: u64 = 4096;

/// Reads a credential from standard input and prints it sealed.
pub(super) fn seal(global: &Global, name: &AccountName) -> Result<(), Failure> {
    let key = ManifestKey::required()?;
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Failure::new(Exit::Storage, format!("standard input cannot be read: {error}")))?;
    let secret = credential(&text).map_err(|_| {
        Failure::usage("standard input has no credential of ours").hint("pipe in an API key: `cs_key_…`")
    })?;
    let sealed = key.seal(name, &secret, &OsEntropy).map_err(Failure::usage)?;
    Output { json: global.json }.result(&json!({ "apiKey": sealed }), |_| format!("apiKey: \"{sealed}\""))
}

/// Opens the key of a manifest and asks the control plane whose it is.
pub(super) async fn check(connection: &Connection, name: &AccountName, sealed: &str) -> Result<(), Failure> {
    if sealed.starts_with('$') {
        connection.out.note("`apiKey` is a placeholder; `--write-keys` makes a key and puts it there, sealed");
        return Ok(());
    }
    let Some(key) = ManifestKey::from_environment()? else {
        connection.out.note("`apiKey` was not checked: COUNTERSIGN_MANIFEST_KEY is not set");
        return Ok(());
    };
    let secret = key.open(name, sealed).map_err(Failure::usage)?;
    belongs(&connection.api, name, &secret).await
}

/// Refuses unless the credential is the account's and is accepted from here.
pub(super) async fn belongs(api: &Api, name: &AccountName, secret: &Secret) -> Result<(), Failure> {
    let own = api.clone().with_service_token(secret.reveal().to_owned());
    judge(name, own.auth_context().await)
}

/// What the control plane's answer says of the key. That it cannot say anything now says nothing of the key.
fn judge(name: &AccountName, answer: Result<AuthContext, ClientError>) -> Result<(), Failure> {
    let hint = "make another one with `--write-keys`, after taking `apiKey` out of the manifest";
    match answer {
        Ok(context) if context.subject == Principal::ServiceAccount(name.clone()) => Ok(()),
        Ok(context) => {
            let sentence = format!("`apiKey` is a key of {}, not of `{name}`", context.subject);
            Err(Failure::new(Exit::Conflict, sentence).hint(hint))
        }
        // It is known, and only not taken from this computer.
        Err(ClientError::Refused(problem)) if problem.code == Code::NetworkForbidden => Ok(()),
        Err(ClientError::Refused(problem)) if exit::of_code(problem.code) == Exit::NotAuthenticated => {
            let sentence = format!("`apiKey` is not accepted: {}", problem.detail);
            Err(Failure::new(Exit::Conflict, sentence).hint(hint))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use contract::Problem;

    use super::*;

    #[test]
    fn only_a_refusal_of_the_key_itself_is_told_as_one() {
        let name: AccountName = "ci".parse().unwrap();
        let refused = |code| Err(ClientError::Refused(Box::new(Problem::new(code, "x"))));
        for code in [Code::InvalidToken, Code::TokenExpired, Code::TokenRevoked] {
            let failure = judge(&name, refused(code)).unwrap_err();
            assert!(format!("{failure:?}").contains("`apiKey` is not accepted"), "{failure:?}");
            assert_eq!(failure.code(), 83, "{code:?}");
        }
        for (code, exit) in [
            (Code::Unavailable, 69),
            (Code::RateLimitedAddress, 69),
            (Code::OutcomeUnknown, 69),
            (Code::Internal, 70),
            (Code::MissingScope, 80),
        ] {
            let failure = judge(&name, refused(code)).unwrap_err();
            assert!(!format!("{failure:?}").contains("apiKey"), "{failure:?}");
            assert_eq!(failure.code(), exit, "{code:?}");
        }
        assert!(judge(&name, refused(Code::NetworkForbidden)).is_ok());
    }
}
