//! The first run: an embedded control plane with a founding administrator, samples, and how to try them.

use domain::roster::Chain;
use server::Password;

use crate::console::{Console, lock};
use crate::ipc::{Failure, Founder, GettingStarted};

impl Console {
    /// Starts the embedded control plane, founds it, and installs the samples.
    pub(crate) async fn try_it_here(&self, founder: Founder) -> Result<(), Failure> {
        let Founder { name, email, password } = founder;
        let (founder, password) = (server::Founder { name, email }, Password::new(password));
        let (issuer, control) = {
            let mut running = self.0.embedded.lock().await;
            if running.is_none() {
                *running = Some(crate::embedded::start(&self.0.folder, 0).await?);
            }
            let running = running.as_ref().ok_or_else(Failure::not_connected)?;
            (running.issuer.clone(), running.control.clone())
        };
        let made = blocking(move || {
            if !control.is_founded()? {
                control.found(&founder, &password, true)?;
            }
            control.sample_token()
        });
        let (token, _) = made.await?;
        *lock(&self.0.sample_token) = Some(token);
        self.keep_embedded(&issuer).await
    }

    /// What to type in a terminal. The sample token is in it while this run still knows it.
    pub(crate) async fn getting_started(&self) -> Result<Option<GettingStarted>, Failure> {
        let link = self.link()?;
        if !link.connection.embedded {
            return Ok(None);
        }
        let versions = link.api.roster().await?.versions;
        if versions.is_empty() {
            return Ok(None);
        }
        let chain = Chain::verify(&versions).map_err(|error| Failure::new("roster_not_trusted", error))?;
        let pin = chain.pin();
        let (token, token_gone) = match lock(&self.0.sample_token).as_ref() {
            Some(token) => (token.reveal().to_owned(), false),
            None => ("(shown once; make a new one below)".to_owned(), true),
        };
        let lines = [
            format!("export COUNTERSIGN_URL={}", link.connection.url),
            format!("export COUNTERSIGN_TOKEN='{token}'"),
            format!("export COUNTERSIGN_ROSTER_PIN={}:{}", pin.version, pin.digest),
        ];
        let command = "countersign exec --env prod --action pipelines:execute \
                       --resource pipeline:billing/nightly -- echo deployed";
        Ok(Some(GettingStarted { setup: lines.join("\n"), command: command.to_owned(), token_gone }))
    }

    /// Makes the sample account a new token and ends its last one.
    pub(crate) async fn new_sample_token(&self) -> Result<(), Failure> {
        let control = {
            let running = self.0.embedded.lock().await;
            running.as_ref().ok_or_else(Failure::not_connected)?.control.clone()
        };
        let (token, _) = blocking(move || control.sample_token()).await?;
        *lock(&self.0.sample_token) = Some(token);
        Ok(())
    }
}

/// Runs a use case of the embedded control plane where it may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, server::ControlError> + Send + 'static,
) -> Result<T, Failure> {
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| Failure::new("control_plane", error))?;
    done.map_err(|error| Failure::new("control_plane", error))
}
