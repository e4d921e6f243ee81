//! What can be wrong with the computer when the console starts again: it says so, and nothing is lost.

use std::net::TcpListener;

use anyhow::{Context as _, Result, ensure};
use countersign_tests::{Console, Desktop, SystemBrowser};

async fn set_up(console: &Console) -> Result<()> {
    console.press("Try it here").await?;
    console.fill("Name", "Ada Lovelace").await?;
    console.fill("E-mail", "ada@example.com").await?;
    console.fill("Password", "correct horse battery staple").await?;
    console.fill("Password again", "correct horse battery staple").await?;
    console.press("Set up").await?;
    console.see("Sign in with your browser").await
}

#[tokio::test]
async fn a_port_that_somebody_else_has_is_named_and_the_next_start_works() -> Result<()> {
    let desktop = Desktop::start("port-taken").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let console = Console::start(&desktop, &[]).await?;
    set_up(&console).await?;
    console.press("Sign in with your browser").await?;
    browser.turn_to_address("http://127.0.0.1:").await?;
    let port = browser.client().current_url().await?.port().context("a port")?;
    console.quit().await?;

    let taken = TcpListener::bind(("127.0.0.1", port))?;
    let console = Console::start(&desktop, &[]).await?;
    console.see(&format!("127.0.0.1:{port}")).await?;
    console.screenshot("port-taken").await?;
    console.quit().await?;

    drop(taken);
    let console = Console::start(&desktop, &[]).await?;
    console.see("Sign in with your browser").await?;
    console.quit().await
}

#[tokio::test]
async fn a_locked_keyring_is_said_and_the_session_stays_in_memory() -> Result<()> {
    let desktop = Desktop::start("locked-keyring").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let lock = "['/org/freedesktop/secrets/collection/login']";
    let locked = desktop
        .command("gdbus")
        .args(["call", "--session", "--dest", "org.freedesktop.secrets", "--object-path", "/org/freedesktop/secrets"])
        .args(["--method", "org.freedesktop.Secret.Service.Lock", lock])
        .output()?;
    ensure!(locked.status.success(), "{}", String::from_utf8_lossy(&locked.stderr));

    let console = Console::start(&desktop, &[]).await?;
    set_up(&console).await?;
    console.press("Sign in with your browser").await?;
    browser.turn_to_address("http://127.0.0.1:").await?;
    browser.fill("E-mail address", "ada@example.com").await?;
    browser.fill("Password", "correct horse battery staple").await?;
    browser.press("Sign in").await?;
    browser.see("Signed in").await?;
    console.see("The session is held in memory only").await?;
    console.screenshot("locked").await?;
    console.quit().await
}
