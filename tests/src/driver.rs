//! `WebDriver` servers: one for the console's windows, one for the system browser.

use std::{net::TcpListener, process::Command};

use anyhow::{Context, Result, bail};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value};

use crate::{process::Process, wait::until};

/// A session with a WebDriver server, which ends with this value.
#[derive(Debug)]
pub struct Driver {
    /// The session.
    pub client: Client,
    /// The server, and what it started.
    pub server: Process,
}

impl Driver {
    /// Starts a server on a free port and asks it for a session with these capabilities.
    pub async fn start(mut command: Command, log: &std::path::Path, capabilities: Value) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Process::spawn(command.arg(format!("--port={port}")), log)?;
        let Value::Object(capabilities) = capabilities else { bail!("capabilities are a JSON object") };
        until("the WebDriver server to listen", async || {
            server.must_run()?;
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok())
        })
        .await?;
        let client = connect(port, capabilities)
            .await
            .with_context(|| format!("no WebDriver session; the server wrote: {}", server.output()))?;
        Ok(Self { client, server })
    }
}

async fn connect(port: u16, capabilities: Map<String, Value>) -> Result<Client> {
    let mut builder = ClientBuilder::new(HttpConnector::new());
    Ok(builder.capabilities(capabilities).connect(&format!("http://127.0.0.1:{port}")).await?)
}
