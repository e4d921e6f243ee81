//! The first administrator of a control plane, made by whoever starts it. Later ones are added by people.

use std::io::Write as _;
use std::path::Path;

use nix::sys::signal::Signal;
use server::{Control, Founder, Password, Running};

use crate::commands::serve::prompt;
use crate::exit::{Exit, Failure};

/// The variable with the founding administrator's password.
const PASSWORD: &str = "COUNTERSIGN_FOUNDER_PASSWORD";

/// Who founds it.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Founding")]
pub(crate) struct FoundingArgs {
    /// What the founding administrator signs in with
    #[arg(long, value_name = "EMAIL", env = "COUNTERSIGN_FOUNDER_EMAIL", requires = "found_name")]
    found_email: Option<String>,
    /// How the founding administrator is called
    #[arg(long, value_name = "NAME", env = "COUNTERSIGN_FOUNDER_NAME", requires = "found_email")]
    found_name: Option<String>,
    /// Add sample service accounts, and put a token for one of them into the file `sample-token` of the state folder
    #[arg(long, requires = "found_email")]
    samples: bool,
}

impl FoundingArgs {
    /// Founds it, if nobody has and somebody is named. A signal breaks off only the question for a password.
    pub(crate) async fn found(
        self,
        running: &Running,
        state_dir: &Path,
        signalled: impl Future<Output = Signal>,
    ) -> Result<(), Failure> {
        let Self { found_email, found_name, samples } = self;
        let founded =
            blocking(&running.control, |control| control.is_founded().map_err(|error| internal(&error))).await?;
        let (Some(email), Some(name)) = (found_email, found_name) else {
            if !founded {
                tracing::warn!("nobody has founded this control plane; start it with --found-email and --found-name");
            }
            return Ok(());
        };
        if founded {
            tracing::info!(
                "this control plane is founded already; the founding administrator's settings change nothing"
            );
            return Ok(());
        }
        let question = format!("Password for {email}: ");
        let password = if let Ok(password) = std::env::var(PASSWORD) {
            Password::new(password)
        } else {
            tokio::select! {
                password = prompt::password(&question) => password?,
                signal = signalled => return Err(Failure::Signalled(signal)),
            }
        };
        let person = Founder { name, email };
        blocking(&running.control, move |control| {
            control.found(&person, &password, samples).map(drop).map_err(Failure::usage)
        })
        .await?;
        tracing::info!(issuer = running.issuer, "founded; sign in with the console");
        if samples { hand_out(&running.control, state_dir).await } else { Ok(()) }
    }
}

/// Puts a sample account's token where only this user can read it.
async fn hand_out(control: &Control, state_dir: &Path) -> Result<(), Failure> {
    let file = state_dir.join("sample-token");
    blocking(control, move |control| {
        let (secret, _) = control.sample_token().map_err(|error| internal(&error))?;
        let wrong = |error| Failure::new(Exit::Storage, format!("cannot write `{}`: {error}", file.display()));
        private(&file).and_then(|mut file| writeln!(file, "{}", secret.reveal())).map_err(wrong)?;
        tracing::info!(file = %file.display(), "the sample account billing-ci has a token; use it with --token-file");
        Ok(())
    })
    .await
}

fn private(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Runs a use case where it may block.
async fn blocking<T: Send + 'static>(
    control: &Control,
    work: impl FnOnce(&Control) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let control = control.clone();
    tokio::task::spawn_blocking(move || work(&control)).await.map_err(|error| internal(&error))?
}

fn internal(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Internal, error)
}
