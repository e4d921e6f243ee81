//! The section `[outbound]` of the operator's settings: what the server may call besides the public internet.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::outbound::{BadPolicy, OutboundPolicy};

/// The section `[outbound]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutboundSettings {
    /// Ranges that are called although they are not of the public internet, for example `10.20.0.0/16`.
    pub allowed_ranges: Vec<String>,
    /// Whether those may be called without TLS.
    pub plain_http: bool,
    /// A PEM file of certificate authorities besides the system's.
    pub ca_file: Option<PathBuf>,
}

impl OutboundSettings {
    /// Reads what the settings name. `file` reads a file whole.
    pub fn into_policy(self, file: impl Fn(&Path) -> std::io::Result<Vec<u8>>) -> Result<OutboundPolicy, BadPolicy> {
        let mut allowed_ranges = Vec::new();
        for text in &self.allowed_ranges {
            allowed_ranges.push(text.parse().map_err(|_| BadPolicy {
                key: "allowed_ranges",
                problem: format!("`{text}` is not a range; write it like `10.20.0.0/16`"),
            })?);
        }
        let read = |path: PathBuf| {
            let unread = |error| BadPolicy { key: "ca_file", problem: format!("`{}`: {error}", path.display()) };
            file(&path).map_err(unread)
        };
        let extra_ca_pem = self.ca_file.map(read).transpose()?;
        Ok(OutboundPolicy { allowed_ranges, plain_http: self.plain_http, extra_ca_pem })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> OutboundSettings {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn h_07_nothing_private_is_open_unless_the_settings_say_so() {
        let policy = settings("{}").into_policy(|_| Ok(vec![])).unwrap();
        assert!(policy.allowed_ranges.is_empty() && !policy.plain_http && policy.extra_ca_pem.is_none());
        let open = settings(r#"{"allowed_ranges":["10.20.0.0/16","fd00::/8"],"plain_http":true,"ca_file":"/ca.pem"}"#);
        let policy = open.into_policy(|_| Ok(vec![1])).unwrap();
        assert_eq!((policy.allowed_ranges.len(), policy.extra_ca_pem), (2, Some(vec![1])));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_key() {
        for range in ["10.0.0.1", "10.0.0.0/33", "private", ""] {
            let settings = OutboundSettings { allowed_ranges: vec![range.to_owned()], ..OutboundSettings::default() };
            assert_eq!(settings.into_policy(|_| Ok(vec![])).unwrap_err().key, "allowed_ranges", "{range}");
        }
        let unread = settings(r#"{"ca_file":"/nowhere"}"#).into_policy(|_| Err(std::io::ErrorKind::NotFound.into()));
        assert_eq!(unread.unwrap_err().key, "ca_file");
        assert!(serde_json::from_str::<OutboundSettings>(r#"{"allow":[]}"#).is_err());
    }
}
