//! What an issuer's access tokens look like where they differ from RFC 9068. A profile is named for each issuer; none
//! but `rfc9068` applies unasked. A profile only says which marks an access token of that product bears and where it
//! puts a fact; what is refused for everyone stands in `checks` and no profile lifts it.

use serde::{Deserialize, Serialize};

/// The look of an issuer's access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// RFC 9068, to the letter.
    #[default]
    Rfc9068,
    /// Orcheo: tokens of one's own making.
    Orcheo,
    /// Auth0, with its own token dialect.
    Auth0,
    /// Okta, custom authorization servers.
    Okta,
    /// Keycloak.
    Keycloak,
    /// Microsoft Entra ID.
    Entra,
    /// Kubernetes service accounts.
    Kubernetes,
    /// GitHub Actions.
    GithubActions,
}

/// Every profile: its name, what it changes, and why the product needs that. `docs/JWT.md` shows the same.
pub const PROFILES: &[(&str, Profile, &str)] = &[
    ("rfc9068", Profile::Rfc9068, "nothing: `typ` is `at+jwt`; `sub`, `client_id`, `iat`, `jti` are required"),
    ("orcheo", Profile::Orcheo, "its tokens are made by hand: no `typ`, `client_id`, `iat` or `jti` is promised"),
    ("auth0", Profile::Auth0, "its default dialect has `typ: JWT`, `azp` for the client and no `jti`"),
    ("okta", Profile::Okta, "no `typ` or one of its own, `cid` for the client, `scp` for scopes"),
    ("keycloak", Profile::Keycloak, "`typ: JWT` in the header and `Bearer` in the claim `typ`; `azp` for the client"),
    ("entra", Profile::Entra, "`typ: JWT`, `uti` for `jti`; only access tokens have `azp` or `appid`"),
    ("kubernetes", Profile::Kubernetes, "no `typ`, no client, no scopes: the operator says which accounts get which"),
    ("github-actions", Profile::GithubActions, "no client, no scopes, and any repository can ask for any audience"),
];

/// A profile's rules as data.
pub(crate) struct Rules {
    /// Other types than `at+jwt` that are taken; the empty one is a header without `typ`.
    pub(crate) types: &'static [&'static str],
    /// Claims that must be there besides `exp`, and `iss` and `aud` as far as they are configured.
    pub(crate) required: &'static [&'static str],
    /// Of each of these lists one must be there: only an access token has them.
    pub(crate) marks: &'static [&'static [&'static str]],
    /// Where the client's id is.
    pub(crate) client: &'static [&'static str],
    /// Where the token's own id is.
    pub(crate) token_id: &'static [&'static str],
    /// Whether the token itself says what it may do. If not, the operator does, for listed subjects.
    pub(crate) says_scopes: bool,
}

impl Profile {
    pub(crate) const fn rules(self) -> Rules {
        const PLAIN: Rules = Rules {
            types: &["jwt"],
            required: &["sub", "iat"],
            marks: &[],
            client: &["client_id", "azp"],
            token_id: &["jti"],
            says_scopes: true,
        };
        match self {
            Self::Rfc9068 => {
                Rules { types: &[], required: &["sub", "client_id", "iat", "jti"], client: &["client_id"], ..PLAIN }
            }
            Self::Orcheo => Rules { types: &["", "jwt"], required: &[], marks: &[&["sub", "jti"]], ..PLAIN },
            Self::Auth0 => Rules { marks: &[&["azp", "client_id"]], ..PLAIN },
            Self::Okta => Rules {
                types: &["", "jwt", "okta-internal-at+jwt"],
                required: &["sub", "iat", "jti", "cid"],
                client: &["cid"],
                ..PLAIN
            },
            Self::Keycloak => Rules { required: &["sub", "iat", "jti"], ..PLAIN },
            Self::Entra => Rules {
                marks: &[&["azp", "appid"], &["scp", "roles"]],
                client: &["azp", "appid"],
                token_id: &["uti", "jti"],
                ..PLAIN
            },
            Self::Kubernetes => Rules {
                types: &["", "jwt"],
                required: &["sub", "iat", "kubernetes.io"],
                client: &[],
                says_scopes: false,
                ..PLAIN
            },
            Self::GithubActions => Rules {
                required: &["sub", "iat", "jti", "repository", "run_id"],
                client: &[],
                says_scopes: false,
                ..PLAIN
            },
        }
    }
}
