//! The embedded control plane: the ordinary server on SQLite in the console's data folder.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use server::{DatabaseUrl, Running, Settings};

use crate::ipc::Failure;

/// Starts it. The first time it takes a free port; later the same one, because its address is what clients are
/// configured with.
pub(crate) async fn start(folder: &Path, port: u16) -> Result<Running, Failure> {
    let folder = folder.join("control-plane");
    std::fs::create_dir_all(&folder).map_err(|error| Failure::new("data_folder", error))?;
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let settings = Settings::new(listen, DatabaseUrl::file(folder.join("countersign.db")), folder);
    server::start(settings).await.map_err(|error| Failure::new("control_plane", error))
}
