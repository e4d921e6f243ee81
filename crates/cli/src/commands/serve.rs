//! `countersign serve`: a control plane in this process, until it is asked to end.

mod auth;
mod founding;
mod prompt;
mod telemetry;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use client::Address;
use nix::sys::signal::Signal;
use server::{Configuration, Environment, LogFormat, Running, Settings};

use crate::commands::serve::auth::Variables;
use crate::commands::serve::founding::FoundingArgs;
use crate::commands::serve::telemetry::Telemetry;
use crate::exit::{Exit, Failure};
use crate::folders;
use crate::output::Output;
use crate::signals::Signals;

/// The variable for an address that holds a password.
const DATABASE: &str = "COUNTERSIGN_DATABASE";
/// The file that is read if none is named.
const FILE: &str = "COUNTERSIGN_CONFIG";
/// The bootstrap token, as it came.
type Token = zeroize::Zeroizing<String>;
/// How long the ledger may take to end after requests have ended.
const GRACE: Duration = Duration::from_secs(5);

/// Run a control plane
///
/// Settings come from the file that `--config` names, then from `COUNTERSIGN_…` variables, then from the options here;
/// docs/CONFIGURATION.md has them all. It logs to stderr and ends in good order on SIGINT or SIGTERM; with a
/// certificate, SIGHUP reads that again. The first start founds it: give the first administrator's e-mail address and
/// name, and the password on the terminal, on standard input, or in `COUNTERSIGN_FOUNDER_PASSWORD`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign serve --config /etc/countersign.toml")]
pub(crate) struct Args {
    /// The settings, for example `countersign.toml` (or `COUNTERSIGN_CONFIG`)
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the settings that would be used, as TOML and without secrets, and end
    #[arg(long)]
    check_config: bool,
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`; an address with a password goes into `COUNTERSIGN_DATABASE`
    #[arg(long, value_name = "ADDRESS")]
    database: Option<String>,
    /// Where to listen; port 0 takes a free one (or `COUNTERSIGN_LISTEN`; otherwise 127.0.0.1:4711)
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder of the ledger's signing key, and of the SQLite database unless another is named (or
    /// `COUNTERSIGN_STATE_DIR`)
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// The address that clients are given, if it is another than the one that is listened on; it can never change (or
    /// `COUNTERSIGN_PUBLIC_URL`)
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The certificate with its chain, PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// How a line of the log looks
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json", "auto"])]
    log_format: Option<String>,
    /// Serve everyone who comes, if the mode of authentication is `disabled` as well: for development, on this computer
    #[arg(long)]
    insecure_no_auth: bool,
    #[command(flatten)]
    founding: FoundingArgs,
}

pub(crate) async fn run(mut args: Args) -> Result<(), Failure> {
    let founding = std::mem::take(&mut args.founding);
    let (check_only, insecure_no_auth) = (args.check_config, args.insecure_no_auth);
    let (configuration, token) = configuration(args)?;
    if check_only {
        return show(configuration, token.as_ref(), insecure_no_auth);
    }
    let settings = settings(configuration, token.as_ref(), insecure_no_auth)?;
    drop(token);
    let telemetry = Telemetry::begin(&settings)?;
    auth::warn(&settings);
    let mut signals = Signals::ending_only()?;
    let (state_dir, certified) = (settings.state_dir.clone(), settings.tls.cert_file.is_some());
    let listen = settings.listen;
    if !listen.ip().is_loopback() && !certified {
        tracing::warn!(%listen, "this is plain HTTP beyond this computer: give it a certificate with --tls-cert and --tls-key, or put TLS before it and name that address with --public-url");
    }
    let running = server::start(settings).await?;
    let founded = founding.found(&running, &state_dir, asked_to_end(&running, &mut signals)).await;
    if founded.is_ok() {
        let signal = asked_to_end(&running, &mut signals).await;
        tracing::info!(%signal, "ending; the same signal again ends at once");
    }
    stop(running, &mut signals).await;
    telemetry.end().await;
    founded
}

/// The next signal that asks to end. With a certificate, SIGHUP asks to read that again.
async fn asked_to_end(running: &Running, signals: &mut Signals) -> Signal {
    loop {
        let signal = signals.ending().await;
        if signal != Signal::SIGHUP || !running.reload_certificates().await {
            return signal;
        }
    }
}

/// File, variables, options: the later wins. And the bootstrap token, which is in none of them.
fn configuration(args: Args) -> Result<(Configuration, Option<Token>), Failure> {
    let database = args.database.map(without_password).transpose()?;
    let file = args.config.or_else(|| std::env::var_os(FILE).filter(|name| !name.is_empty()).map(PathBuf::from));
    let Variables { ours, bootstrap } = Variables::of(variables())?;
    let mut configuration = Configuration::load(file.as_deref(), ours)?;
    if let Some(database) = database {
        configuration.database_file = None;
        configuration.database = Some(database);
    }
    if let Some(url) = args.public_url {
        configuration.public_url = Some(check_public_url(url).map_err(Failure::usage)?);
    } else if let Some(url) = configuration.public_url.take() {
        let checked = check_public_url(url);
        configuration.public_url =
            Some(checked.map_err(|error| Failure::new(Exit::Config, format!("`public_url`: {error}")))?);
    }
    if let (Some(cert), Some(key)) = (args.tls_cert, args.tls_key) {
        configuration.tls.cert_file = Some(cert);
        configuration.tls.key_file = Some(key);
    }
    if let Some(format) = args.log_format {
        configuration.log.format = match format.as_str() {
            "json" => LogFormat::Json,
            "text" => LogFormat::Text,
            _ => LogFormat::Auto,
        };
    }
    configuration.listen = args.listen.unwrap_or(configuration.listen);
    configuration.state_dir = match args.state_dir.or(configuration.state_dir) {
        Some(folder) => Some(folder),
        None => Some(folders::data()?.join("server")),
    };
    Ok((configuration, bootstrap))
}

/// The variables of this process that are texts.
fn variables() -> impl Iterator<Item = (String, String)> {
    let named = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
    named.map(|(name, value)| (name, value.to_string_lossy().into_owned()))
}

fn settings(configuration: Configuration, token: Option<&Token>, insecure_no_auth: bool) -> Result<Settings, Failure> {
    let at_default = configuration.database.is_none() && configuration.database_file.is_none();
    let section = configuration.bootstrap.clone();
    let mut settings = configuration.settings(PathBuf::new)?;
    auth::complete(&mut settings, &section, token.map(|token| token.as_str()), insecure_no_auth)?;
    settings.environment = Environment::of(variables());
    if at_default {
        let folder = &settings.state_dir;
        std::fs::create_dir_all(folder).map_err(|error| {
            Failure::new(Exit::Storage, format!("cannot make the folder `{}`: {error}", folder.display()))
        })?;
    }
    Ok(settings)
}

/// Prints what would be used, and whether it could be.
fn show(configuration: Configuration, token: Option<&Token>, insecure_no_auth: bool) -> Result<(), Failure> {
    let (shown, section) = (configuration.to_toml()?, configuration.bootstrap.clone());
    let mut settings = configuration.settings(PathBuf::new)?;
    auth::complete(&mut settings, &section, token.map(|token| token.as_str()), insecure_no_auth)?;
    Output { json: false }.result(&(), |()| shown)
}

async fn stop(running: Running, signals: &mut Signals) {
    let grace = GRACE + running.stop_timeout();
    tokio::select! {
        stopped = tokio::time::timeout(grace, running.stop()) => {
            if stopped.is_err() {
                tracing::warn!("requests were still under way and were cut off");
            }
        }
        _ = signals.ending() => {}
    }
}

/// The address, if it may stand on a command line, which other programs can read. The driver itself says whether there is
/// a password in it; what the driver cannot read is not taken.
fn without_password(address: String) -> Result<String, Failure> {
    let url = address.parse::<server::DatabaseUrl>().map_err(|error| {
        Failure::usage(error).hint(format!("an address with a password goes into {DATABASE} instead of `--database`"))
    })?;
    if url.holds_password() {
        let failure = Failure::usage("the database address holds a password, which other programs here could read");
        return Err(failure.hint(format!("set it as {DATABASE} instead of `--database`")));
    }
    Ok(address)
}

fn check_public_url(text: String) -> Result<String, client::BadAddress> {
    text.parse::<Address>()?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_the_database_address_is_not_taken_from_the_command_line() {
        for address in [
            "postgres://ann:hunter2@db/x",
            "postgres://ann:hunter2/x@db/x",
            "postgres://ann:hunter2#x@db/x",
            "postgres://ann:hunter2?x@db/x",
            "postgres://ann:hunter2@a:5432,b:5432/x",
            "postgres://db/x?user=ann&password=hunter2",
            "postgres://ann:hunter2@db:port/x",
            "mysql://ann:hunter2@db/x",
            "ann:hunter2@db/x",
        ] {
            let refused = without_password(address.into()).unwrap_err();
            assert_eq!(refused.code(), 64, "{address}");
            let told = format!("{refused:?}");
            assert!(told.contains(DATABASE) && !told.contains("hunter2"), "{told}");
        }
        for address in ["postgres://ann@db/x", "postgres://ann@a:5432,b:5432/x", "sqlite:/var/lib/a:b@c"] {
            assert_eq!(without_password(address.into()).unwrap(), address);
        }
    }

    #[test]
    fn clients_are_given_an_address_that_they_would_take() {
        assert!(check_public_url("https://cs.example.com".into()).is_ok());
        for bad in ["http://cs.example.com", "cs.example.com", ""] {
            assert!(check_public_url(bad.into()).is_err(), "{bad}");
        }
    }
}
