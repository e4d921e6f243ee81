//! Ending a credential.

use client::CredentialName;
use contract::credentials::RevokeCredential;
use domain::credential::CredentialKind;

use crate::commands::credential::names;
use crate::commands::credential::refusal::explain;
use crate::connection::Connection;
use crate::exit::Failure;

/// What is to be ended.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Its name or id
    #[arg(value_name = "ID")]
    which: CredentialName,
    /// Why; it stays in the audit trail
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// End all that replaced each other with it: those before it and those after it
    #[arg(long)]
    family: bool,
}

pub(crate) async fn run(connection: &Connection, kind: CredentialKind, args: &Args) -> Result<(), Failure> {
    let request = RevokeCredential { reason: args.reason.clone(), family: args.family };
    let ended = connection.api.revoke_credential(kind, &args.which, &request).await;
    let ended = ended.map_err(|error| explain(kind, error))?;
    let (thing, which) = (names(kind).1, &args.which);
    connection.out.result(&ended, |ended| match ended.revoked.as_slice() {
        [] => format!("{thing} {which} had been revoked before; nothing changed"),
        [id] => format!("{thing} {which} is revoked ({id})"),
        ids => {
            let list = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n  ");
            format!("{} {thing}s of the family of {which} are revoked\n  {list}", ids.len())
        }
    })
}
