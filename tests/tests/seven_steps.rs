//! The main job in the real window: one production command, asked for, seen, signed, verified, run, recorded. Real
//! Chromium as the system browser, GNOME Keyring as the Secret Service, the CLI as a process.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use countersign_tests::{Console, Desktop, Page, SystemBrowser, program, until};
use fantoccini::Locator;

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";
const MAIN: &str = "Countersign";
const SIGNING: &str = "Countersign: sign";

#[tokio::test]
async fn a_person_on_a_fresh_machine_gets_one_production_command_through() -> Result<()> {
    let desktop = Desktop::start("seven-steps").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let console = Console::start(&desktop, &[]).await?;

    // 1. Try it here: an embedded control plane with a founding administrator and samples.
    console.press("Try it here").await?;
    console.fill("Name", "Ada Lovelace").await?;
    console.fill("E-mail", EMAIL).await?;
    console.fill("Password", PASSWORD).await?;
    console.fill("Password again", PASSWORD).await?;
    console.screenshot("1-try-it-here").await?;
    console.press("Set up").await?;

    // 2. Sign in by the system browser.
    console.press("Sign in with your browser").await?;
    sign_in(&browser).await?;
    console.see("Nobody can approve yet").await?;
    console.screenshot("2-signed-in").await?;

    // 3. This device's key founds the roster.
    console.press("Found the roster").await?;
    console.press("Continue").await?;
    confirm(&console, "3-found-the-roster", "Confirm and sign: Found the roster").await?;

    // 4. A terminal asks to run something in production, and waits.
    console.see("Try it from a terminal").await?;
    let read = "return document.querySelector('.first-steps pre').textContent";
    let setup = exports(console.client().execute(read, vec![]).await?.as_str().context("the setup is text")?)?;
    let folder = desktop.folder("home").join("work");
    fs::create_dir_all(&folder)?;
    script(&folder.join("deploy.sh"), "echo deployed to \"$REGION\" with \"$@\"; cat; exit 7")?;
    let mut runner = Command::new(program("countersign")?);
    runner.current_dir(&folder).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", desktop.folder("home"));
    runner.envs(setup.iter().map(|(name, value)| (name, value))).env("REGION", "eu-1");
    runner.args(["exec", "--env", "prod", "--action", "pipelines:execute", "--resource", "pipeline:billing/nightly"]);
    runner.args(["--bind-env", "REGION", "--title", "Nightly billing", "--", "./deploy.sh", "--flag"]);
    runner.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running = runner.spawn()?;
    std::io::Write::write_all(&mut running.stdin.take().context("stdin")?, b"from stdin\n")?;

    // 5. The ticket appears without reloading; its page shows the exact action; approving opens the signing window.
    //    By keyboard: J moves to it, Enter opens it, A approves it.
    until("the ticket in the inbox", async || {
        let rows = console.client().find_all(Locator::Css("a[href*='tkt_']")).await?;
        Ok(rows.into_iter().next())
    })
    .await?;
    console.screenshot("4-inbox").await?;
    strike(&console, "j").await?;
    strike(&console, "\u{E007}").await?;
    console.see("billing-ci asks to run pipelines:execute on pipeline:billing/nightly in prod").await?;
    console.see("./deploy.sh").await?;
    console.screenshot("5-ticket").await?;
    desktop.screenshot("5-display")?;
    strike(&console, "a").await?;
    confirm(&console, "5-signing", "Confirm and sign: Approve").await?;

    // 6. The CLI verifies, consumes and runs; streams and exit code are the command's own.
    let done = tokio::task::spawn_blocking(move || running.wait_with_output()).await??;
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    fs::write(desktop.artifact("6-terminal.txt"), format!("{err}--\n{out}"))?;
    ensure!(done.status.code() == Some(7), "{:?}: {err}", done.status);
    ensure!(out == "deployed to eu-1 with --flag\nfrom stdin\n", "{out}");
    console.see("the command ended with exit code 7").await?;
    console.screenshot("6-done").await?;

    // 7. Every step is in the audit room, under a verified checkpoint.
    console.press("Audit").await?;
    for kind in
        ["decision.made", "ticket.opened", "ticket.reviewed", "ticket.consumed", "task.started", "task.finished"]
    {
        console.see(kind).await?;
    }
    console.see("Verified to checkpoint #").await?;
    console.screenshot("7-audit").await?;
    desktop.screenshot("7-display")?;

    // The next start is signed in without a browser.
    let opened = browser.opened()?.len();
    console.quit().await?;
    let again = Console::start(&desktop, &[]).await?;
    again.see("Ada Lovelace").await?;
    ensure!(browser.opened()?.len() == opened, "the browser was opened again");
    again.screenshot("8-next-start").await?;
    again.quit().await
}

/// Strikes a key wherever the focus is.
async fn strike(page: &Page, key: &str) -> Result<()> {
    Ok(page.client().active_element().await?.send_keys(key).await?)
}

async fn sign_in(browser: &SystemBrowser) -> Result<()> {
    browser.turn_to_address("http://127.0.0.1:").await?;
    browser.fill("E-mail address", EMAIL).await?;
    browser.fill("Password", PASSWORD).await?;
    browser.screenshot("2-browser").await?;
    browser.press("Sign in").await?;
    browser.see("Signed in").await?;
    browser.screenshot("2-browser-done").await?;
    Ok(())
}

/// Reads the signing window to its end, confirms, and turns back to the main window once it has closed.
async fn confirm(console: &Page, picture: &str, button: &str) -> Result<()> {
    console.turn_to_title(SIGNING).await?;
    console.see("Words to compare").await?;
    console.screenshot(picture).await?;
    let to_the_end = "document.querySelector('.signing-body').scrollTo(0, 1e9)";
    console.client().execute(to_the_end, vec![]).await?;
    console.press(button).await?;
    console.turn_to_title(MAIN).await
}

/// The `export NAME=value` lines of the first-steps card.
fn exports(text: &str) -> Result<Vec<(String, String)>> {
    let pairs: Vec<_> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("export ")?.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
        .collect();
    ensure!(pairs.len() == 3, "the card shows {} lines to export: {text}", pairs.len());
    Ok(pairs)
}

fn script(path: &Path, body: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n{body}\n"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
