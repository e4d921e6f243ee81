//! Why a token was refused: as fine as a caller may know, and no finer. No message holds anything of the token.

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its time is over.
    #[error("the bearer token has expired; sign in again")]
    Expired,
    /// Its `alg` is not one that its issuer signs with, or none.
    #[error("the bearer token is signed with an algorithm that its issuer is not configured for")]
    UnsupportedAlgorithm,
    /// It was made for someone else.
    #[error("the bearer token has an invalid audience; ask the issuer for one that is made for this control plane")]
    InvalidAudience,
    /// Its issuer is not one of ours.
    #[error("the bearer token has an invalid issuer; the operator configures which issuers are trusted")]
    InvalidIssuer,
    /// It names a key that its issuer does not publish. The issuer answered; the token is at fault.
    #[error("the bearer token is signed by a key that its issuer does not publish")]
    UnknownKey,
    /// The issuer's keys cannot be had now. Asking again later may help (503).
    #[error("the signing keys of the bearer token's issuer cannot be had now; try again later")]
    KeyUnavailable,
    /// It says where its holder may act, and that is nowhere.
    #[error("the bearer token is for no workspace; ask its issuer for one that names some")]
    NoWorkspace,
    /// Anything else: its form, its signature, a claim that is missing or wrong, its kind.
    #[error("the bearer token is invalid")]
    Invalid,
}
