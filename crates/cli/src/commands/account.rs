//! `countersign account`: service accounts, by hand and from manifests.

mod apply;
mod export;
mod key;
mod usage;

use client::ClientError;
use contract::access::ServiceAccount;
use domain::Clock as _;
use domain::account::AccountName;
use domain::ambient::SystemClock;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose, table};

/// See and change service accounts, and apply manifests
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign account list")]
pub(crate) enum Command {
    Apply(apply::Args),
    /// List the service accounts
    #[command(after_help = "Example:\n  countersign account list")]
    List,
    /// Show a service account with its credentials
    #[command(after_help = "Example:\n  countersign account show billing-ci")]
    Show {
        /// The account
        name: AccountName,
    },
    Usage(usage::Args),
    /// Print a service account as a manifest, without its key
    #[command(after_help = "Example:\n  countersign account export billing-ci")]
    Export {
        /// The account
        name: AccountName,
    },
    /// Seal a key for a manifest: it is read from standard input, and `apiKey` is printed
    #[command(after_help = "Example:\n  countersign account encrypt-key billing-ci")]
    EncryptKey {
        /// The account whose manifest it is for; it opens in no other
        name: AccountName,
    },
    /// End what the account's credentials may do, at their next use
    #[command(after_help = "Example:\n  countersign account disable billing-ci --reason \"The pipeline moved\"")]
    Disable {
        /// The account
        name: AccountName,
        /// Why; it stays in the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Let the account's credentials be used again
    #[command(after_help = "Example:\n  countersign account enable billing-ci")]
    Enable {
        /// The account
        name: AccountName,
        /// Why; it stays in the audit trail
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Let another account act on what belongs to this one
    #[command(after_help = "Example:\n  countersign account trust billing-ci release-manager")]
    Trust {
        /// The account that trusts
        name: AccountName,
        /// The account that is trusted
        other: AccountName,
    },
    /// Take that back
    #[command(after_help = "Example:\n  countersign account untrust billing-ci release-manager")]
    Untrust {
        /// The account that trusts
        name: AccountName,
        /// The account that is trusted no longer
        other: AccountName,
    },
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    if let Command::EncryptKey { name } = command {
        return key::seal(global, name);
    }
    let connection = Connection::open(global)?;
    let api = &connection.api;
    let account = match command {
        Command::Apply(args) => return apply::run(&connection, args).await,
        Command::Usage(args) => return usage::run(&connection, args).await,
        Command::List => return list(&connection, &api.accounts().await?),
        Command::Export { name } => return export::run(&connection, &found(name, api.account(name).await)?.value),
        Command::EncryptKey { .. } => return Ok(()),
        Command::Show { name } => found(name, api.account(name).await)?.value,
        Command::Disable { name, reason } => found(name, api.set_account_active(name, false, reason.clone()).await)?,
        Command::Enable { name, reason } => found(name, api.set_account_active(name, true, reason.clone()).await)?,
        Command::Trust { name, other } => found(name, api.set_trust(name, other, true).await)?,
        Command::Untrust { name, other } => found(name, api.set_trust(name, other, false).await)?,
    };
    connection.out.result(&account, text)
}

/// A refusal that nothing is there, with what would help.
fn found<T>(name: &AccountName, answer: Result<T, ClientError>) -> Result<T, Failure> {
    answer.map_err(|error| match error.code() {
        Some(contract::Code::NotFound) => Failure::from(error)
            .hint(format!("`countersign account list` names those that there are; `{name}` is not one")),
        _ => error.into(),
    })
}

fn list(connection: &Connection, accounts: &Vec<ServiceAccount>) -> Result<(), Failure> {
    connection.out.result(accounts, |accounts| {
        let row = |account: &ServiceAccount| {
            let expires = account.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string());
            [
                account.name.to_string(),
                state(account).to_owned(),
                prose(&account.team),
                expires,
                account.scopes.to_string(),
            ]
        };
        let rows: Vec<_> = accounts.iter().map(row).collect();
        table(["NAME", "STATE", "TEAM", "EXPIRES", "SCOPES"], &rows, "no service accounts")
    })
}

fn state(account: &ServiceAccount) -> &'static str {
    let over = account.expires_at.is_some_and(|end| !SystemClock.now().is_before(end));
    match (account.active, over) {
        (false, _) => "disabled",
        (true, true) => "expired",
        (true, false) => "active",
    }
}

fn text(account: &ServiceAccount) -> String {
    let anywhere = |names: String, otherwise: &str| if names.is_empty() { otherwise.to_owned() } else { names };
    let list = |names: &[AccountName]| names.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let networks: Vec<_> = account.networks.iter().map(ToString::to_string).collect();
    let head = fields(&[
        ("name", account.name.to_string()),
        ("state", state(account).to_owned()),
        ("title", prose(&account.title)),
        ("description", prose(&account.description)),
        ("team", prose(&account.team)),
        ("scopes", account.scopes.iter().collect::<Vec<_>>().join("\n")),
        ("workspaces", anywhere(account.workspaces.join(", "), "all")),
        ("networks", anywhere(networks.join(", "), "any")),
        ("trusts", anywhere(list(&account.trusts), "nobody")),
        ("expires", account.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())),
    ]);
    let row = |held: &contract::credentials::Credential| {
        let kind = serde_json::to_value(held.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned));
        let state = serde_json::to_value(held.state).ok().and_then(|state| state.as_str().map(str::to_owned));
        let identifier = held.identifier.clone();
        [identifier, kind.unwrap_or_default(), state.unwrap_or_default(), held.expires_at.to_string()]
    };
    let rows: Vec<_> = account.credentials.iter().map(row).collect();
    format!("{head}\n\n{}", table(["CREDENTIAL", "KIND", "STATE", "EXPIRES"], &rows, "no credentials"))
}
