//! The control plane that the console is attached to, kept between two runs.

use std::path::Path;
use std::sync::Arc;

use client::{Address, Api, Credentials, Session};
use domain::ambient::SystemClock;
use serde::{Deserialize, Serialize};

use crate::console::{Console, lock};
use crate::ipc::{Connection, Failure};

/// An attached control plane.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) connection: Connection,
    pub(crate) address: Address,
    pub(crate) session: Arc<Session>,
    pub(crate) api: Api,
}

/// What is kept of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) address: Address,
    pub(super) embedded: bool,
}

const FILE: &str = "connection.json";

impl Kept {
    pub(super) fn load(folder: &Path) -> Result<Option<Self>, Failure> {
        let wrong = |error: &dyn std::fmt::Display| Failure::new("data_folder", format!("`{FILE}`: {error}"));
        match std::fs::read(folder.join(FILE)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| wrong(&error)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(wrong(&error)),
        }
    }

    fn save(&self, folder: &Path) -> Result<(), Failure> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| Failure::new("data_folder", error))?;
        let fresh = folder.join(format!("{FILE}.new"));
        let written = std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, folder.join(FILE)));
        written.map_err(|error| Failure::new("data_folder", format!("`{FILE}` cannot be written: {error}")))
    }
}

impl Console {
    /// Attaches to a control plane that is reachable, and keeps it for the next start.
    pub(crate) async fn connect(&self, url: &str) -> Result<(), Failure> {
        let address: Address = url.parse()?;
        let info = Api::new(address.clone())?.system_info().await?;
        if info.name != "countersign" {
            return Err(Failure::new("unexpected_answer", format!("{address} is no Countersign control plane")));
        }
        let kept = Kept { address, embedded: false };
        kept.save(&self.0.folder)?;
        self.attach(kept).await
    }

    pub(super) async fn keep_embedded(&self, issuer: &str) -> Result<(), Failure> {
        let kept = Kept { address: issuer.parse()?, embedded: true };
        kept.save(&self.0.folder)?;
        self.attach(kept).await
    }

    /// Makes it the console's control plane; starts it first if it is embedded and does not run.
    pub(super) async fn attach(&self, kept: Kept) -> Result<(), Failure> {
        let Kept { address, embedded } = kept;
        if embedded {
            let mut running = self.0.embedded.lock().await;
            if running.is_none() {
                let port = address.at("/").port().unwrap_or(0);
                *running = Some(crate::embedded::start(&self.0.folder, port).await?);
            }
        }
        let vault = self.vault().await.clone();
        let session = Arc::new(Session::new(address.clone(), vault, Arc::new(SystemClock))?);
        let api = Api::new(address.clone())?.with(Credentials::Session(Arc::clone(&session)));
        let name = if embedded { "This computer".to_owned() } else { address.to_string() };
        let connection = Connection { name, url: address.issuer(), embedded };
        *lock(&self.0.link) = Some(Link { connection, address, session, api });
        self.0.followed.forget();
        self.state_changed();
        Ok(())
    }
}
