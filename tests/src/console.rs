//! The console: the real program, its windows driven by its own WebDriver server.

use std::{fs, ops::Deref};

use anyhow::{Context, Result};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::json;

use crate::{
    desktop::Desktop,
    driver::Driver,
    page::Page,
    process::{Process, program},
    wait::until,
};

/// A running console. It is a [`Page`]: the page of the window that was turned to last.
#[derive(Debug)]
pub struct Console {
    page: Page,
    driver: Driver,
}

impl Console {
    /// Starts the console in this session with these arguments, and waits for its main window to have a page.
    pub async fn start(desktop: &Desktop, arguments: &[&str]) -> Result<Self> {
        let mut command = desktop.command("WebKitWebDriver");
        command.arg("--host=127.0.0.1").envs([("TAURI_AUTOMATION", "true"), ("TAURI_WEBVIEW_AUTOMATION", "true")]);
        let options = json!({ "binary": program("countersign-desktop")?, "args": arguments });
        let capabilities = json!({ "webkitgtk:browserOptions": options });
        let log = desktop.artifact(&format!("console{}.log", arguments.concat().replace('/', "_")));
        let driver = Driver::start(command, &log, capabilities).await?;
        let page = Page::new(driver.client.clone(), desktop.artifact(""));
        until("the main window to load", async || {
            let state = page.client().execute("return document.readyState", vec![]).await?;
            Ok((state == "complete").then_some(()))
        })
        .await?;
        Ok(Self { page, driver })
    }

    /// The `WebDriver` server, whose output holds the console's.
    #[must_use]
    pub fn process(&self) -> &Process {
        &self.driver.server
    }

    /// The process of the console itself, for signals.
    pub fn pid(&self) -> Result<Pid> {
        let server = self.driver.server.id();
        let children = fs::read_to_string(format!("/proc/{server}/task/{server}/children"))?;
        let first = children.split_whitespace().next().context("the console has ended")?;
        Ok(Pid::from_raw(first.parse()?))
    }

    /// Ends the console in good order, as the end of a desktop session does, and waits until it has ended.
    pub async fn quit(self) -> Result<()> {
        kill(self.pid()?, Signal::SIGTERM)?;
        until("the console to end", async || Ok(self.pid().is_err().then_some(()))).await
    }
}

impl Deref for Console {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}
