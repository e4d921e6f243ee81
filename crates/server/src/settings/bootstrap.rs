//! `[bootstrap]`: the token that the first credentials are made with.
//!
//! The token itself is never in this section: it comes by the variable `COUNTERSIGN_BOOTSTRAP_TOKEN` or from a file. What
//! cannot be read keeps the control plane from starting.

use std::path::PathBuf;

use control::Bootstrap;
use serde::{Deserialize, Serialize};

use crate::settings::ConfigError;

/// `[bootstrap]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BootstrapToken {
    /// A file with the token.
    pub token_file: Option<PathBuf>,
    /// What it may do: names parted by commas or spaces, or a JSON list.
    pub token_scopes: Option<String>,
    /// When it ends: RFC 3339, or seconds since 1970.
    pub token_expires_at: Option<String>,
}

impl BootstrapToken {
    /// The token that came in a variable.
    ///
    /// # Errors
    /// If a file is named as well, or something about it cannot be read.
    pub fn of(&self, token: &str) -> Result<Bootstrap, ConfigError> {
        if self.token_file.is_some() {
            let problem = "`COUNTERSIGN_BOOTSTRAP_TOKEN` is set as well; leave one of them";
            return Err(ConfigError::value("`bootstrap.token_file`", problem));
        }
        self.parse(token)
    }

    /// The token of the file, if one is named.
    pub(crate) fn read_file(&self) -> Result<Option<Bootstrap>, ConfigError> {
        let Some(file) = &self.token_file else { return Ok(None) };
        let unreadable = |source| ConfigError::Unreadable { file: file.display().to_string(), source };
        std::fs::read_to_string(file).map_err(unreadable).and_then(|token| self.parse(&token)).map(Some)
    }

    fn parse(&self, token: &str) -> Result<Bootstrap, ConfigError> {
        Bootstrap::parse(token, self.token_scopes.as_deref(), self.token_expires_at.as_deref())
            .map_err(|error| ConfigError::value("`bootstrap`", error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "VGhpc0lzQW5FeGFtcGxlU2VjcmV0VG9rZW5TdHJpbmc";

    #[test]
    fn the_token_comes_from_the_variable_or_from_the_file_and_not_from_both() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, format!("{TOKEN}\n")).unwrap();
        let named = BootstrapToken { token_file: Some(file.path().into()), ..BootstrapToken::default() };
        assert!(named.read_file().unwrap().is_some());
        assert!(named.of(TOKEN).is_err());
        assert!(BootstrapToken::default().read_file().unwrap().is_none());
        assert!(BootstrapToken::default().of(TOKEN).is_ok());
    }

    #[test]
    fn t_19_what_cannot_be_read_is_refused_and_the_token_is_not_repeated() {
        let late = BootstrapToken { token_expires_at: Some("tomorrow".into()), ..BootstrapToken::default() };
        let told = late.of(TOKEN).unwrap_err().to_string();
        assert!(told.contains("`tomorrow`") && !told.contains(TOKEN), "{told}");
        let missing = BootstrapToken { token_file: Some("/nonexistent".into()), ..BootstrapToken::default() };
        assert!(missing.read_file().is_err());
    }
}
