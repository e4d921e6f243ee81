//! From claims to who it is. Texts stay as the issuer spelled them; what they allow is decided elsewhere.

use domain::Instant;
use serde_json::{Map, Value};

use crate::jwt::issuer::IssuerConfig;
use crate::jwt::profile::Profile;
use crate::jwt::{Refusal, checks, numeric_date};

type Claims = Map<String, Value>;

const SCOPE_CLAIMS: [&str; 4] = ["scope", "scopes", "scp", "/orcheo/scopes"];
const WORKSPACE_CLAIMS: [&str; 5] =
    ["workspace_ids", "workspaces", "workspace", "workspace_id", "/orcheo/workspace_ids"];
/// The most scopes or workspaces that one token lists.
const MOST_NAMES: usize = 100;
const MOST_TEXT_BYTES: usize = 255;

/// Who a verified token speaks for. Only [`Verifier`](super::Verifier) makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Verified {
    /// The name that the operator gave the issuer. A subject means something only together with it.
    pub issuer: String,
    /// Who, as the issuer calls them.
    pub subject: String,
    /// The token's own id, or the subject if it has none.
    pub token_id: String,
    /// What kind of caller.
    pub identity_type: IdentityType,
    /// What the token is for, as spelled, within what the issuer may give at all. Names that the catalogue lacks mean
    /// nothing and are still here.
    pub scopes: Vec<String>,
    /// The workspaces it is for, as spelled.
    pub workspaces: Vec<String>,
    /// The e-mail address, if the issuer says that it verified it.
    pub email: Option<String>,
    /// When the person last proved who they are (`auth_time`), if the issuer says.
    pub authenticated_at: Option<Instant>,
    /// How well they proved it (`acr`), in the issuer's words.
    pub acr: Option<String>,
    /// By what means (`amr`, RFC 8176).
    pub amr: Vec<String>,
    /// When the token is over, without leeway.
    pub expires_at: Instant,
    /// The client that asked for it.
    pub client_id: Option<String>,
}

/// What kind of caller a token speaks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityType {
    /// A person.
    User,
    /// A program with an account of its own.
    Service,
    /// An OAuth client that acts for itself.
    Client,
}

pub(crate) fn verified(config: &IssuerConfig, claims: &Claims, expires_at: Instant) -> Result<Verified, Refusal> {
    let rules = config.profile.rules();
    let first = |names: &[&str]| names.iter().find_map(|name| text(claims, name).transpose()).transpose();
    let token_id = first(rules.token_id)?;
    let subject = text(claims, "sub")?.or_else(|| token_id.clone()).ok_or(Refusal::Invalid)?;
    checks::subject(config, &subject)?;
    let client_id = first(rules.client)?;
    let mut scopes = if rules.says_scopes {
        names(claims, SCOPE_CLAIMS.into_iter().chain(config.claims.scopes.iter().map(String::as_str)))?
    } else {
        config.default_scopes.clone()
    };
    if let Some(most) = &config.scopes {
        scopes.retain(|scope| most.contains(scope));
    }
    let workspace_claims: Vec<_> =
        WORKSPACE_CLAIMS.into_iter().chain(config.claims.workspaces.iter().map(String::as_str)).collect();
    let workspaces = names(claims, workspace_claims.iter().copied())?;
    // Nothing said means everywhere. Said, or to be said, and empty means nowhere.
    let said = workspace_claims.iter().any(|path| at(claims, path).is_some());
    if workspaces.is_empty() && (said || !config.claims.workspaces.is_empty()) {
        return Err(Refusal::NoWorkspace);
    }
    let email_verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let authenticated_at = claims.get("auth_time").map(|claim| numeric_date(claim).ok_or(Refusal::Invalid));
    Ok(Verified {
        issuer: config.name.clone(),
        token_id: token_id.unwrap_or_else(|| subject.clone()),
        identity_type: identity_type(config.profile, claims, &subject, client_id.as_deref()),
        scopes,
        workspaces,
        email: if email_verified { text(claims, "email")? } else { None },
        authenticated_at: authenticated_at.transpose()?,
        acr: text(claims, "acr")?,
        amr: names(claims, ["amr"])?,
        expires_at,
        client_id,
        subject,
    })
}

/// A person unless something says otherwise: what a program may never do, a person's token must not be needed for.
fn identity_type(profile: Profile, claims: &Claims, subject: &str, client: Option<&str>) -> IdentityType {
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    let own_word = ["token_use", "type", "typ"].iter().find_map(|name| match said(name)? {
        "user" => Some(IdentityType::User),
        "service" => Some(IdentityType::Service),
        "client" => Some(IdentityType::Client),
        _ => None,
    });
    let acts_for_itself = client == Some(subject)
        || said("gty") == Some("client-credentials")
        || said("idtyp") == Some("app")
        || (profile == Profile::Auth0 && subject.ends_with("@clients"))
        || (profile == Profile::Keycloak
            && said("preferred_username").is_some_and(|n| n.starts_with("service-account-")))
        || (profile == Profile::Entra && !claims.contains_key("scp"));
    match profile {
        Profile::Kubernetes | Profile::GithubActions => IdentityType::Service,
        _ if acts_for_itself => IdentityType::Client,
        _ => own_word.unwrap_or(IdentityType::User),
    }
}

fn text(claims: &Claims, name: &str) -> Result<Option<String>, Refusal> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => clean(text).map(Some),
        Some(_) => Err(Refusal::Invalid),
    }
}

/// The union of lists, each a text or an array of texts; sorted, without repetition.
fn names<'a>(claims: &Claims, paths: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for value in paths.into_iter().filter_map(|path| at(claims, path)) {
        match value {
            Value::Null => {}
            Value::String(text) if text.trim_start().starts_with('[') => {
                found.extend(serde_json::from_str::<Vec<String>>(text).map_err(|_| Refusal::Invalid)?);
            }
            Value::String(text) => found.extend(split(text)),
            Value::Array(items) => {
                for item in items {
                    found.extend(split(item.as_str().ok_or(Refusal::Invalid)?));
                }
            }
            _ => return Err(Refusal::Invalid),
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.len() > MOST_NAMES {
        return Err(Refusal::Invalid);
    }
    found.iter().map(|name| clean(name)).collect()
}

fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|name| !name.is_empty()).map(str::to_owned)
}

/// A claim by its name, by names joined with dots, or by a JSON pointer (RFC 6901) where a name has a dot itself.
fn at<'a>(claims: &'a Claims, path: &str) -> Option<&'a Value> {
    if let Some(pointer) = path.strip_prefix('/') {
        let (first, rest) =
            pointer.split_once('/').map_or((pointer, ""), |(first, _)| (first, &pointer[first.len()..]));
        return claims.get(&first.replace("~1", "/").replace("~0", "~"))?.pointer(rest);
    }
    let mut parts = path.split('.');
    let first = claims.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}

fn clean(text: &str) -> Result<String, Refusal> {
    let fits = !text.is_empty() && text.len() <= MOST_TEXT_BYTES && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Refusal::Invalid) }
}
