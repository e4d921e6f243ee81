//! Issuers as the operator writes them: `[[jwt.issuers]]` of the settings file. Secrets are never in it: a variable or
//! a file holds them, and the settings name it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::jwt::{Algorithm, BadIssuer, ClaimPaths, IssuerConfig, KeySource, Profile, SharedSecret};

/// The section `[jwt]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JwtSettings {
    /// The issuers whose tokens are taken.
    pub issuers: Vec<IssuerSettings>,
}

/// One `[[jwt.issuers]]`. `docs/JWT.md` explains each key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// What it is called here.
    pub name: String,
    /// Its `iss`, exactly.
    pub issuer: Option<String>,
    /// What `aud` must have one of.
    #[serde(default)]
    pub audiences: Vec<String>,
    /// What it signs with. Default: `HS256` with a secret, `RS256` with a key set.
    pub algorithms: Option<Vec<Algorithm>>,
    /// What its tokens look like.
    #[serde(default)]
    pub profile: Profile,
    /// The variable that holds the shared secret.
    pub secret_env: Option<String>,
    /// The file that holds the shared secret.
    pub secret_file: Option<PathBuf>,
    /// A key set as text.
    pub jwks: Option<String>,
    /// The file that holds a key set.
    pub jwks_file: Option<PathBuf>,
    /// Where the issuer publishes its key set.
    pub jwks_url: Option<String>,
    /// How long an answer is used at most, in seconds.
    #[serde(default = "default::cache")]
    pub jwks_cache_seconds: u32,
    /// How long an answer may take, in seconds.
    #[serde(default = "default::timeout")]
    pub jwks_timeout_seconds: f64,
    /// How far its clock may be off, in seconds.
    #[serde(default)]
    pub leeway_seconds: u32,
    /// The longest life of a token, in seconds.
    #[serde(default = "default::lifetime")]
    pub max_lifetime_seconds: u32,
    /// The most that its tokens may give.
    pub scopes: Option<Vec<String>>,
    /// The subjects that are taken.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// What its tokens give under a profile whose tokens do not say.
    #[serde(default)]
    pub default_scopes: Vec<String>,
    /// Further claims that hold scopes.
    #[serde(default)]
    pub scope_claims: Vec<String>,
    /// Further claims that hold workspaces.
    #[serde(default)]
    pub workspace_claims: Vec<String>,
}

/// The values of settings that are left out.
pub(crate) mod default {
    pub(crate) const fn cache() -> u32 {
        300
    }

    pub(crate) const fn timeout() -> f64 {
        5.0
    }

    pub(crate) const fn lifetime() -> u32 {
        24 * 3600
    }
}

impl IssuerSettings {
    /// Reads what the settings name. `variable` looks up the environment, `file` reads a file whole.
    pub fn into_config(
        self,
        variable: impl Fn(&str) -> Option<String>,
        file: impl Fn(&Path) -> std::io::Result<Vec<u8>>,
    ) -> Result<IssuerConfig, BadIssuer> {
        let bad = |key, problem: String| BadIssuer::new(&self.name, key, problem);
        let read = |key, path: &Path| file(path).map_err(|error| bad(key, format!("`{}`: {error}", path.display())));
        let mut sources = Vec::new();
        if let Some(name) = &self.secret_env {
            let text = variable(name)
                .ok_or_else(|| bad("secret_env", format!("there is no variable `{name}`; set it to the secret")))?;
            sources.push(KeySource::Secret(SharedSecret::from_text(text.into_bytes())));
        }
        if let Some(path) = &self.secret_file {
            sources.push(KeySource::Secret(SharedSecret::from_text(read("secret_file", path)?)));
        }
        if let Some(text) = &self.jwks {
            sources.push(KeySource::StaticJwks(text.clone()));
        }
        if let Some(path) = &self.jwks_file {
            let text = String::from_utf8(read("jwks_file", path)?)
                .map_err(|_| bad("jwks_file", format!("`{}` is not text", path.display())))?;
            sources.push(KeySource::StaticJwks(text));
        }
        if let Some(url) = &self.jwks_url {
            let timeout = Duration::try_from_secs_f64(self.jwks_timeout_seconds)
                .map_err(|_| bad("jwks_timeout_seconds", "more than 0, at most 30".to_owned()))?;
            sources.push(KeySource::JwksUrl { url: url.clone(), cache_seconds: self.jwks_cache_seconds, timeout });
        }
        let one_only = "give exactly one of `secret_env`, `secret_file`, `jwks`, `jwks_file`, `jwks_url`";
        let Some(keys) = sources.pop() else { return Err(bad("jwks_url", one_only.to_owned())) };
        if !sources.is_empty() {
            return Err(bad("jwks_url", format!("{one_only}; there are {}", sources.len() + 1)));
        }
        let algorithm = if matches!(keys, KeySource::Secret(_)) { Algorithm::HS256 } else { Algorithm::RS256 };
        Ok(IssuerConfig {
            name: self.name,
            issuer: self.issuer,
            audiences: self.audiences,
            algorithms: self.algorithms.unwrap_or_else(|| vec![algorithm]),
            keys,
            profile: self.profile,
            leeway_seconds: self.leeway_seconds,
            max_lifetime_seconds: self.max_lifetime_seconds,
            scopes: self.scopes,
            subjects: self.subjects,
            default_scopes: self.default_scopes,
            claims: ClaimPaths { scopes: self.scope_claims, workspaces: self.workspace_claims },
        })
    }
}
