//! The address of a control plane: `https`, or `http` on this very computer.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// An address that credentials may be sent to. Written without a trailing slash, it is the OAuth issuer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(Url);

/// A text that is no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not a URL.
    #[error("`{0}` is not an address; write it like `https://countersign.example.com`")]
    Form(String),
    /// Would send credentials in the clear.
    #[error("`{0}` would send credentials unencrypted; use `https`, or `http` with an address of this computer")]
    Unencrypted(String),
    /// Has parts that an issuer cannot have.
    #[error("`{0}` has a user, query or fragment; leave them out")]
    Extra(String),
}

impl Address {
    /// The full URL of a path that begins with `/`.
    #[must_use]
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_path(&format!("{}{path}", self.0.path().trim_end_matches('/')));
        url.set_query(query);
        url
    }

    /// The issuer: the address without a trailing slash.
    #[must_use]
    pub fn issuer(&self) -> String {
        self.0.as_str().trim_end_matches('/').to_owned()
    }

    /// Checks that a URL which came from elsewhere is one that may be opened or called: `https`, or `http` on loopback.
    pub fn check(url: &Url) -> Result<(), BadAddress> {
        let loopback = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadAddress::Extra(url.to_string()));
        }
        match url.scheme() {
            "https" if url.host().is_some() => Ok(()),
            "http" if loopback => Ok(()),
            "http" => Err(BadAddress::Unencrypted(url.to_string())),
            _ => Err(BadAddress::Form(url.to_string())),
        }
    }
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let shown = || text.chars().take(200).collect::<String>();
        let url: Url = text.trim().parse().map_err(|_| BadAddress::Form(shown()))?;
        Self::check(&url)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BadAddress::Extra(shown()));
        }
        Ok(Self(url))
    }
}

impl TryFrom<String> for Address {
    type Error = BadAddress;

    fn try_from(text: String) -> Result<Self, BadAddress> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.issuer()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.issuer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_sent_encrypted_or_not_at_all() {
        for good in ["https://cs.example.com", "http://127.0.0.1:4711", "http://[::1]:4711/", "https://x.example/base/"]
        {
            let address: Address = good.parse().unwrap();
            assert_eq!(address.issuer(), good.trim_end_matches('/'));
        }
        for bad in [
            "http://cs.example.com",
            "http://127.0.0.1.evil.example",
            "ftp://127.0.0.1",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://user:pw@cs.example.com",
            "https://cs.example.com?x=1",
            "cs.example.com",
            "",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_put_behind_the_address() {
        let address: Address = "https://x.example/base/".parse().unwrap();
        assert_eq!(address.at("/api/v1/x?y=1").as_str(), "https://x.example/base/api/v1/x?y=1");
    }
}
