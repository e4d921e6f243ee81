//! `countersign roster`: who can approve, and which version of that this device trusts.

use client::trust::TrustError;
use domain::digest::Digest;
use domain::roster::{Chain, Pin, SignedRoster};
use serde::Serialize;
use serde_json::json;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose, table};

/// See the approvers' keys, and pin the version that this device trusts
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "Example:\n  countersign roster show")]
pub(crate) enum Command {
    /// Show the roster, its signatures checked, and whether it is the pinned one
    #[command(after_help = "Example:\n  countersign roster show")]
    Show,
    /// Trust a roster version after its digest was compared with an approver's console
    #[command(after_help = "Example:\n  countersign roster pin --first-sight")]
    #[command(group = clap::ArgGroup::new("how").required(true).args(["version", "first_sight"]))]
    Pin {
        /// Which version
        #[arg(long, value_name = "N", requires = "digest", value_parser = clap::value_parser!(u32).range(1..))]
        version: Option<u32>,
        /// Its digest, from an approver's console
        #[arg(long, value_name = "DIGEST", requires = "version")]
        digest: Option<Digest>,
        /// Trust whatever this control plane offers now, compared with nothing
        #[arg(long, conflicts_with = "digest")]
        first_sight: bool,
    },
}

#[derive(Serialize)]
struct Shown {
    version: u32,
    digest: Digest,
    pinned: Option<Pin>,
    keys: Vec<serde_json::Value>,
}

pub(crate) async fn run(global: &Global, command: &Command) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    let offered = connection.api.roster().await?.versions;
    match command {
        Command::Show => show(&connection, &offered),
        Command::Pin { version: Some(version), digest: Some(digest), .. } => {
            pin(&connection, &offered, Pin { version: *version, digest: *digest })
        }
        Command::Pin { .. } => first_sight(&connection, &offered),
    }
}

fn show(connection: &Connection, offered: &[SignedRoster]) -> Result<(), Failure> {
    let pinned = connection.trust.get(&connection.issuer())?.roster;
    let chain = Chain::verify(offered)?;
    let Pin { version, digest } = chain.pin();
    let keys = &chain.latest().keys;
    let key = |key: &domain::roster::RosterKey| {
        let (id, owner) = (key.key.id(), key.owner);
        json!({ "key": id, "owner": owner, "name": key.name, "device": key.device, "groups": key.groups })
    };
    let shown = Shown { version, digest, pinned, keys: keys.iter().map(key).collect() };
    connection.out.result(&shown, |shown| {
        let row = |key: &domain::roster::RosterKey| {
            [prose(&key.name), prose(&key.device), prose(&key.groups.join(", ")), key.key.id().to_string()]
        };
        let rows: Vec<_> = keys.iter().map(row).collect();
        let pinned = shown.pinned.map_or_else(|| "nothing yet".to_owned(), text);
        let head = fields(&[("offered", text(chain.pin())), ("pinned here", pinned)]);
        format!("{head}\n\n{}", table(["PERSON", "DEVICE", "GROUPS", "KEY"], &rows, "no keys"))
    })?;
    // Shown first, so that both can be compared.
    pinned.map_or(Ok(()), |pin| chain.check_pin(pin)).map_err(Failure::from)
}

fn pin(connection: &Connection, offered: &[SignedRoster], wanted: Pin) -> Result<(), Failure> {
    Chain::verify(offered)?.check_pin(wanted)?;
    keep(connection, offered)
}

fn first_sight(connection: &Connection, offered: &[SignedRoster]) -> Result<(), Failure> {
    if connection.trust.get(&connection.issuer())?.roster.is_none() {
        connection
            .out
            .note("trusting this roster on first sight: if the control plane lies today, it is believed for ever");
        connection.out.note("compare the digest with an approver's console");
    }
    keep(connection, offered)
}

/// Trusts the newest version. What was trusted before must be among its predecessors.
fn keep(connection: &Connection, offered: &[SignedRoster]) -> Result<(), Failure> {
    let issuer = connection.issuer();
    let kept = connection.trust.accept_roster(&issuer, offered, true);
    let pin = match kept {
        Ok(chain) => chain.pin(),
        Err(error @ TrustError::Roster(_)) => {
            let hint = format!("another roster of {issuer} was pinned here before; nothing was changed");
            return Err(Failure::from(error).hint(hint));
        }
        Err(error) => return Err(error.into()),
    };
    connection.out.result(&pin, |pin| format!("pinned for {issuer}: {}", text(*pin)))
}

fn text(pin: Pin) -> String {
    format!("version {}, {}", pin.version, pin.digest)
}
