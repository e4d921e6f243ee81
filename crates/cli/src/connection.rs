//! The control plane that a command talks to, with the caller's token and what this device trusts of it.

use std::path::Path;

use client::trust::TrustStore;
use client::{Address, Api, Roots};
use domain::secret::{BadSecret, Secret, SecretKind};
use zeroize::Zeroizing;

use crate::cli::Global;
use crate::exit::{Exit, Failure};
use crate::folders;
use crate::output::Output;

/// The variable that holds the token. Commands that `exec` starts do not get it.
pub(crate) const TOKEN: &str = "COUNTERSIGN_TOKEN";
/// More than any token has.
const LONGEST_TOKEN: usize = 4096;

/// A control plane as one command uses it.
pub(crate) struct Connection {
    pub(crate) api: Api,
    pub(crate) trust: TrustStore,
    pub(crate) out: Output,
    /// What the token looks like.
    pub(crate) token: TokenKind,
}

/// What a token looks like. What it proves, the control plane says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// There is none.
    None,
    ServiceToken,
    ApiKey,
    AccessToken,
    /// Not one that a control plane made.
    Other,
}

impl Connection {
    /// With the caller's token, which must be there and undamaged.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let mut connection = Self::without_token(global)?;
        let (kind, token) = token(global)?;
        connection.token = kind;
        connection.api = connection.api.with_service_token(token.to_string());
        Ok(connection)
    }

    /// Without a token, for what anyone may ask.
    pub(crate) fn without_token(global: &Global) -> Result<Self, Failure> {
        let url = global.url.as_deref().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| {
            Failure::usage("no control plane is named").hint("give its address with `--url`, or set COUNTERSIGN_URL")
        })?;
        let address: Address = url.parse().map_err(Failure::usage)?;
        let api = match &global.ca_cert {
            None => Api::new(address)?,
            Some(file) => Api::trusting(address, &roots(file)?)?,
        };
        Ok(Self { api, trust: trust(global)?, out: Output { json: global.json }, token: TokenKind::None })
    }

    /// The name under which things are trusted.
    pub(crate) fn issuer(&self) -> String {
        self.api.address().issuer()
    }
}

/// What this device trusts.
pub(crate) fn trust(global: &Global) -> Result<TrustStore, Failure> {
    let folder = global.config_dir.clone().map_or_else(folders::config, Ok)?;
    Ok(TrustStore::at(&folder))
}

fn roots(file: &Path) -> Result<Roots, Failure> {
    let wrong = |exit, why: String| {
        let sentence = format!("`{}` cannot be used: {why}", file.display());
        Failure::new(exit, sentence).hint("`--ca-cert` (or COUNTERSIGN_CA_CERT) names a file of certificates in PEM")
    };
    let pem = std::fs::read(file).map_err(|error| wrong(Exit::Storage, error.to_string()))?;
    Roots::from_pem(&pem).map_err(|error| wrong(Exit::Config, error.to_string()))
}

fn token(global: &Global) -> Result<(TokenKind, Zeroizing<String>), Failure> {
    let text = match &global.token_file {
        Some(file) => from_file(file)?,
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let refuse = |sentence: String| Failure::new(Exit::NotAuthenticated, sentence);
    let hint = "set COUNTERSIGN_TOKEN, or name a file that holds the token with `--token-file`";
    if text.trim().is_empty() {
        return Err(refuse("there is no token".into()).hint(hint));
    }
    let text = Zeroizing::new(text.trim().to_owned());
    match Secret::parse(&text) {
        // A bootstrap token, or one of an issuer that the control plane trusts.
        Err(BadSecret::NotOurs) if is_foreign(&text) => Ok((TokenKind::Other, text)),
        Err(error) => Err(refuse(error.to_string()).hint(hint)),
        Ok(secret) => match secret.kind() {
            SecretKind::ServiceToken => Ok((TokenKind::ServiceToken, text)),
            SecretKind::ApiKey => Ok((TokenKind::ApiKey, text)),
            SecretKind::AccessToken => Ok((TokenKind::AccessToken, text)),
            _ => Err(refuse("this credential is not one to call with".into()).hint("use a service token: `cs_svt_…`")),
        },
    }
}

/// Whether it may be a token that no control plane made: those have 128 random bits at least.
fn is_foreign(text: &str) -> bool {
    text.len() >= 22 && !text.starts_with("cs_") && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn from_file(file: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::new(Exit::Storage, format!("`{}` cannot be used: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    if text.len() > LONGEST_TOKEN { Err(wrong("it is larger than a token".into())) } else { Ok(text) }
}
