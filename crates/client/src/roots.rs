//! Certificates that are trusted beside this computer's own, for a control plane with a private authority.
//!
//! Invariant: what is one of these can be used; whoever has them learns of a broken file before anything is sent.
//! Deliberately absent: trusting less than the computer does, and not checking at all.

use reqwest::Certificate;

use crate::transport;

/// Certificates that may vouch for a control plane.
#[derive(Clone, Debug)]
pub struct Roots(Vec<Certificate>);

/// Why a file gives no such certificates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRoots {
    /// There is none in it.
    #[error("it holds no certificate in PEM; one begins with `-----BEGIN CERTIFICATE-----`")]
    Nothing,
    /// One of them cannot be read.
    #[error("a certificate in it cannot be used: {0}")]
    Certificate(String),
}

impl Roots {
    /// Reads every certificate of a PEM file; what else is in it is passed over.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BadRoots> {
        let wrong = |error: reqwest::Error| BadRoots::Certificate(transport::innermost(&error));
        let certificates = Certificate::from_pem_bundle(pem).map_err(wrong)?;
        if certificates.is_empty() {
            return Err(BadRoots::Nothing);
        }
        let roots = Self(certificates);
        // What is inside of a certificate is looked at only when a client is made.
        transport::build(Some(&roots)).map_err(wrong)?;
        Ok(roots)
    }

    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_usable_certificate_is_told() {
        for nothing in ["", "hello", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert_eq!(Roots::from_pem(nothing.as_bytes()).unwrap_err(), BadRoots::Nothing, "{nothing}");
        }
        for broken in ["AAAA", "?"] {
            let pem = format!("-----BEGIN CERTIFICATE-----\n{broken}\n-----END CERTIFICATE-----\n");
            assert!(matches!(Roots::from_pem(pem.as_bytes()), Err(BadRoots::Certificate(_))), "{broken}");
        }
    }
}
