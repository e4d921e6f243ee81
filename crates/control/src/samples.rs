//! Sample service accounts, so that one person can try the whole chain.
//!
//! They belong to a sample team and to no person, and their token is made by the installer and not by the founding
//! administrator: nobody countersigns what they asked for themselves, and that rule has no exception for samples.

use domain::account::{AccountName, ServiceAccount};
use domain::credential::{Credential, CredentialKind};
use domain::event::{Event, Kind};
use domain::id::CredentialId;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::secret::{Secret, SecretKind};
use serde_json::json;
use store::Transaction;
use store::credentials::Filter;

use crate::{Control, Error};

/// The account whose token the first run hands out.
pub const BILLING: &str = "billing-ci";

const SAMPLES: &[(&str, &str, &[&str])] = &[
    (BILLING, "Runs the nightly billing pipelines", &["decisions:request", "pipelines:execute", "logs:read"]),
    ("web-deployer", "Rolls out the web shop", &["decisions:request", "deploy.app.update", "artifacts:read"]),
    (
        "reporting-agent",
        "An AI agent that reads logs and artifacts",
        &["decisions:request", "artifacts:read", "logs:read"],
    ),
];

const TOKEN_TTL: u32 = 30 * 24 * 3600;

/// Makes the sample accounts; the entries are for the caller to commit.
pub(crate) fn install(control: &Control, tx: &mut Transaction<'_>) -> Result<Vec<Event>, Error> {
    SAMPLES
        .iter()
        .map(|(name, description, scopes)| {
            let account = ServiceAccount {
                name: sample_name(name)?,
                title: String::new(),
                description: (*description).to_owned(),
                team: "samples".into(),
                owner: None,
                scopes: Scopes::parse(*scopes).map_err(|error| Error::Internal(error.to_string()))?,
                workspaces: Vec::new(),
                networks: Vec::new(),
                trusts: Vec::new(),
                expires_at: None,
                active: true,
                sample: true,
                created_at: control.now(),
            };
            store::accounts::insert(tx, &account)?;
            let data = json!({ "team": account.team, "scopes": account.scopes, "sample": true });
            Ok(Event::new(control.now(), Kind::AccountCreated).about(&account.name).with(data))
        })
        .collect()
}

impl Control {
    /// Makes a new token for the sample account and ends the samples' earlier ones. Only where samples were installed.
    pub fn sample_token(&self) -> Result<(Secret, Credential), Error> {
        let name = sample_name(BILLING)?;
        let secret = Secret::generate(SecretKind::ServiceToken, self.entropy());
        let digest = secret.digest();
        let credential = self.write(move |control, mut tx| {
            let account = store::accounts::get(&mut tx, &name)?
                .filter(|account| account.sample)
                .ok_or_else(|| Error::not_found("sample account"))?;
            let now = control.now();
            let mut events = Vec::new();
            let holder = Principal::ServiceAccount(account.name);
            let held = Filter { holder: Some(holder.clone()), ..Filter::default() };
            for old in store::credentials::list(&mut tx, &held)? {
                if old.created_by.is_none() && old.revoked_at.is_none() {
                    store::credentials::update(&mut tx, &old.revoke(None, now))?;
                    events.push(Event::new(now, Kind::CredentialRevoked).about(old.id));
                }
            }
            let id = CredentialId::new(control.ids());
            let end = now.plus(TOKEN_TTL);
            let credential = Credential {
                label: "sample".into(),
                ..Credential::new(id, CredentialKind::ServiceToken, holder, account.scopes, now, end)
            };
            store::credentials::insert(&mut tx, &credential, &digest)?;
            events.push(crate::credentials::created(&credential));
            tx.commit_all(events)?;
            Ok(credential)
        })?;
        Ok((secret, credential))
    }
}

fn sample_name(name: &str) -> Result<AccountName, Error> {
    name.parse().map_err(|error| Error::Internal(format!("{error}")))
}
