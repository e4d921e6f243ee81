//! `countersign serve`: a control plane in this process, until it is asked to end.

mod founding;
mod prompt;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use client::Address;
use server::{DatabaseUrl, Running, Settings};
use tracing_subscriber::EnvFilter;
use url::Url;

use crate::commands::serve::founding::FoundingArgs;
use crate::exit::{Exit, Failure};
use crate::folders;
use crate::signals::Signals;

/// The variable for an address that holds a password.
const DATABASE: &str = "COUNTERSIGN_DATABASE";
/// How long requests that are under way may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// Run a control plane
///
/// It logs to stderr (`RUST_LOG` says how much) and ends in good order on SIGINT or SIGTERM. The first start founds it:
/// give the first administrator's e-mail address and name, and the password on the terminal, on standard input, or in
/// `COUNTERSIGN_FOUNDER_PASSWORD`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`; an address with a password goes into `COUNTERSIGN_DATABASE`
    #[arg(long, value_name = "ADDRESS")]
    database: Option<String>,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", env = "COUNTERSIGN_LISTEN", default_value = "127.0.0.1:4711")]
    listen: SocketAddr,
    /// The folder of the ledger's signing key, and of the SQLite database unless another is named
    #[arg(long, value_name = "DIR", env = "COUNTERSIGN_STATE_DIR")]
    state_dir: Option<PathBuf>,
    /// The address that clients are given, if it is another than the one that is listened on; it can never change
    #[arg(long, value_name = "URL", env = "COUNTERSIGN_PUBLIC_URL")]
    public_url: Option<String>,
    #[command(flatten)]
    founding: FoundingArgs,
}

pub(crate) async fn run(args: Args) -> Result<(), Failure> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    log.init();
    let Args { database, listen, state_dir, public_url, founding } = args;
    let mut signals = Signals::ending_only()?;
    let state_dir = match state_dir {
        Some(folder) => folder,
        None => folders::data()?.join("server"),
    };
    let mut settings = Settings::new(listen, address_of(database, &state_dir)?, state_dir.clone());
    settings.public_url = public_url.map(check_public_url).transpose()?;
    if !listen.ip().is_loopback() {
        tracing::warn!(%listen, "this is plain HTTP beyond this computer: put TLS before it, and name that address with --public-url");
    }
    let running = server::start(settings).await?;
    let founded = tokio::select! {
        founded = founding.found(&running, &state_dir) => founded,
        signal = signals.ending() => Err(Failure::Signalled(signal)),
    };
    if founded.is_ok() {
        let signal = signals.ending().await;
        tracing::info!(%signal, "ending; the same signal again ends at once");
    }
    stop(running, &mut signals).await;
    founded
}

async fn stop(running: Running, signals: &mut Signals) {
    tokio::select! {
        stopped = tokio::time::timeout(GRACE, running.stop()) => {
            if stopped.is_err() {
                tracing::warn!("requests were still under way and were cut off");
            }
        }
        _ = signals.ending() => {}
    }
}

/// The database that was named, on the command line or in the environment; or the file in the state folder.
fn address_of(named: Option<String>, state_dir: &std::path::Path) -> Result<DatabaseUrl, Failure> {
    if named.as_deref().is_some_and(holds_password) {
        let failure = Failure::usage("the database address holds a password, which other programs here could read");
        return Err(failure.hint(format!("set it as {DATABASE} instead of `--database`")));
    }
    let named = named.or_else(|| std::env::var(DATABASE).ok());
    if let Some(text) = named {
        return text.parse().map_err(Failure::usage);
    }
    std::fs::create_dir_all(state_dir).map_err(|error| {
        Failure::new(Exit::Storage, format!("cannot make the folder `{}`: {error}", state_dir.display()))
    })?;
    Ok(DatabaseUrl::file(state_dir.join("countersign.db")))
}

fn holds_password(address: &str) -> bool {
    let in_query = |url: &Url| url.query_pairs().any(|(name, _)| name == "password");
    address.parse::<Url>().is_ok_and(|url| url.password().is_some() || in_query(&url))
}

fn check_public_url(text: String) -> Result<String, Failure> {
    text.parse::<Address>().map_err(Failure::usage)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_database_address_is_not_taken_from_the_command_line() {
        for secret in ["postgres://ann:hunter2@db/x", "postgres://db/x?user=ann&password=hunter2"] {
            let refused = address_of(Some(secret.into()), std::path::Path::new("/nonexistent")).unwrap_err();
            assert!(!format!("{refused:?}").contains("hunter2"));
        }
        assert!(!holds_password("postgres://ann@db/x"));
        assert!(!holds_password("sqlite:/var/lib/a:b@c"));
    }

    #[test]
    fn clients_are_given_an_address_that_they_would_take() {
        assert!(check_public_url("https://cs.example.com".into()).is_ok());
        for bad in ["http://cs.example.com", "cs.example.com", ""] {
            assert_eq!(check_public_url(bad.into()).unwrap_err().code(), 64, "{bad}");
        }
    }
}
