//! A secret that an issuer and this control plane share, for HS256. Wiped when dropped; never printed.

use std::fmt;

use zeroize::Zeroizing;

/// The fewest bytes that such a secret has (RFC 7518 §3.2).
pub(crate) const FEWEST_BYTES: usize = 32;

/// A shared secret of any length; the issuer's configuration refuses one that is too short.
pub struct SharedSecret(Zeroizing<Vec<u8>>);

impl SharedSecret {
    /// From the bytes, exactly as they are.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// From the text of a file or a variable; one line break at its end is not part of it.
    #[must_use]
    pub fn from_text(mut bytes: Vec<u8>) -> Self {
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
            if bytes.last() == Some(&b'\r') {
                bytes.pop();
            }
        }
        Self::new(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret")
    }
}
