//! The control plane that a command talks to, with the caller's token and what this device trusts of it.

use std::path::Path;

use client::trust::TrustStore;
use client::{Address, Api};
use domain::secret::{Secret, SecretKind};

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
}

impl Connection {
    /// With the caller's token, which must be there and undamaged.
    pub(crate) fn open(global: &Global) -> Result<Self, Failure> {
        let mut connection = Self::without_token(global)?;
        let token = token(global)?;
        connection.api = connection.api.with_service_token(token.reveal().to_owned());
        Ok(connection)
    }

    /// Without a token, for what anyone may ask.
    pub(crate) fn without_token(global: &Global) -> Result<Self, Failure> {
        let url = global.url.as_deref().filter(|url| !url.is_empty());
        let url = url.ok_or_else(|| {
            Failure::usage("no control plane is named").hint("give its address with `--url`, or set COUNTERSIGN_URL")
        })?;
        let address: Address = url.parse().map_err(Failure::usage)?;
        Ok(Self { api: Api::new(address)?, trust: trust(global)?, out: Output { json: global.json } })
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

fn token(global: &Global) -> Result<Secret, Failure> {
    let text = match &global.token_file {
        Some(file) => from_file(file)?,
        None => std::env::var(TOKEN).unwrap_or_default(),
    };
    let refuse = |sentence: String| Failure::new(Exit::NotAuthenticated, sentence);
    let hint = "set COUNTERSIGN_TOKEN, or name a file that holds the token with `--token-file`";
    if text.trim().is_empty() {
        return Err(refuse("there is no token".into()).hint(hint));
    }
    let secret = Secret::parse(text.trim()).map_err(|error| refuse(error.to_string()).hint(hint))?;
    match secret.kind() {
        SecretKind::ServiceToken | SecretKind::ApiKey | SecretKind::AccessToken => Ok(secret),
        _ => Err(refuse("this credential is not one to call with".into()).hint("use a service token: `cs_svt_…`")),
    }
}

fn from_file(file: &Path) -> Result<String, Failure> {
    let wrong = |why: String| Failure::new(Exit::Storage, format!("`{}` cannot be used: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    if text.len() > LONGEST_TOKEN { Err(wrong("it is larger than a token".into())) } else { Ok(text) }
}
