//! The system browser: a real Chromium, and what `xdg-open` starts in this session. An address that the console or
//! the CLI opens becomes a tab that the test can turn to.

use std::{fs, ops::Deref, os::unix::fs::PermissionsExt, path::PathBuf};

use anyhow::{Context, Result};
use serde_json::json;

use crate::{desktop::Desktop, driver::Driver, page::Page, process::Process, wait::until};

const FLAGS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
    "--window-size=1100,900",
    "--password-store=basic",
    // Tests need no internet, and must not notice whether there is one.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A running browser. It is a [`Page`]: the page of the tab that was turned to last.
#[derive(Debug)]
pub struct SystemBrowser {
    page: Page,
    opened: PathBuf,
    _driver: Driver,
    _chromium: Process,
}

impl SystemBrowser {
    /// Starts Chromium in this session and makes it the default browser.
    pub async fn start(desktop: &Desktop) -> Result<Self> {
        let profile = desktop.folder("config").join("browser");
        let mut command = desktop.command("chromium");
        command.args(FLAGS).arg(format!("--user-data-dir={}", profile.display())).arg("about:blank");
        let mut chromium = Process::spawn(&mut command, &desktop.artifact("chromium.log"))?;
        let port = until("Chromium to tell its port", async || {
            chromium.must_run()?;
            let told = fs::read_to_string(profile.join("DevToolsActivePort")).unwrap_or_default();
            // The port is whole once the line after it has begun.
            Ok(told.split_once('\n').and_then(|(port, _)| port.parse::<u16>().ok()))
        })
        .await?;

        let addresses = desktop.folder("state").join("opened");
        let program = desktop.folder("state").join("open-in-chromium");
        fs::write(&addresses, "")?;
        fs::write(&program, hand_over(port, &addresses))?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700))?;
        desktop.set_default_browser(&program)?;

        let options = json!({ "debuggerAddress": format!("127.0.0.1:{port}") });
        let capabilities = json!({ "browserName": "chrome", "goog:chromeOptions": options });
        let log = desktop.artifact("chromedriver.log");
        let driver = Driver::start(desktop.command("chromedriver"), &log, capabilities)
            .await
            .context("Chromium cannot be driven")?;
        let page = Page::new(driver.client.clone(), desktop.artifact(""));
        Ok(Self { page, opened: addresses, _driver: driver, _chromium: chromium })
    }

    /// Every address that the session was asked to open, oldest first.
    pub fn opened(&self) -> Result<Vec<String>> {
        Ok(fs::read_to_string(&self.opened)?.lines().map(str::to_owned).collect())
    }
}

impl Deref for SystemBrowser {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

/// The program that stands as default browser: it notes the address and opens it as a tab of the running Chromium.
fn hand_over(port: u16, opened: &std::path::Path) -> String {
    format!(
        "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n\
         exec curl -fsS -o /dev/null -X PUT -G --data-urlencode \"=$1\" http://127.0.0.1:{port}/json/new\n",
        opened.display()
    )
}
