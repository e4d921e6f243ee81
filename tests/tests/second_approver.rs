//! A second person on the same computer, in a profile of their own: added by the first, enrolled, and let in by the
//! first one's signature. Both in real windows.

use anyhow::{Context as _, Result, ensure};
use countersign_tests::{Console, Desktop, Page, SystemBrowser};
use fantoccini::Locator;

const MAIN: &str = "Countersign";
const SIGNING: &str = "Countersign: sign";

#[tokio::test]
async fn a_second_approver_is_enrolled_by_the_signature_of_the_first() -> Result<()> {
    let desktop = Desktop::start("second-approver").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let first = Console::start(&desktop, &[]).await?;
    first.press("Try it here").await?;
    first.fill("Name", "Ada Lovelace").await?;
    first.fill("E-mail", "ada@example.com").await?;
    first.fill("Password", "correct horse battery staple").await?;
    first.fill("Password again", "correct horse battery staple").await?;
    first.press("Set up").await?;
    first.press("Sign in with your browser").await?;
    sign_in(&browser, "ada@example.com", "correct horse battery staple").await?;
    first.press("Found the roster").await?;
    first.press("Continue").await?;
    confirm(&first, "Confirm and sign: Found the roster").await?;

    // Ada adds Grace; her first password is shown once.
    first.press("Accounts").await?;
    first.press("People").await?;
    first.press("Add a person…").await?;
    first.fill("Name", "Grace Hopper").await?;
    first.fill("E-mail", "grace@example.com").await?;
    first.screenshot("1-add-a-person").await?;
    first.press("Add").await?;
    let secret = first.client().wait().for_element(Locator::Css("dialog[open] pre")).await?.text().await?;
    let password = secret.trim().to_owned();
    first.screenshot("2-first-password").await?;
    first.field("I have kept it").await?.click().await?;
    first.press("Done").await?;
    ensure!(!first.text().await?.contains(&password), "the secret stays on the page");

    // Grace signs in from a profile of her own and asks to be enrolled.
    let address = browser.opened()?.pop().context("an address")?;
    let address = address.split("/api/").next().context("an origin")?.to_owned();
    let second = Console::start(&desktop, &["--profile", "second"]).await?;
    second.press("Connect to a control plane").await?;
    second.fill("Address", &address).await?;
    second.press("Connect").await?;
    second.press("Sign in with your browser").await?;
    sign_in(&browser, "grace@example.com", &password).await?;
    second.press("Roster").await?;
    second.press("Enrol this device").await?;
    second.press("Ask to be enrolled").await?;
    second.see("waits to be on the roster").await?;
    second.screenshot("3-waiting").await?;

    // Ada sees the wish without reloading, and signs version 2.
    first.press("Roster").await?;
    first.see("Grace Hopper").await?;
    first.press("Sign…").await?;
    confirm(&first, "Confirm and sign: Enrol").await?;
    first.see("let in Grace Hopper").await?;
    first.screenshot("4-version-2").await?;
    second.see("is on the roster").await?;
    second.screenshot("5-on-the-roster").await?;
    second.quit().await?;
    first.quit().await
}

#[tokio::test]
async fn without_a_keyring_the_console_says_so_and_keeps_the_session_in_memory() -> Result<()> {
    let desktop = Desktop::start_without_keyring("no-keyring").await?;
    let browser = SystemBrowser::start(&desktop).await?;
    let console = Console::start(&desktop, &[]).await?;
    console.press("Try it here").await?;
    console.fill("Name", "Ada Lovelace").await?;
    console.fill("E-mail", "ada@example.com").await?;
    console.fill("Password", "correct horse battery staple").await?;
    console.fill("Password again", "correct horse battery staple").await?;
    console.press("Set up").await?;

    // Whoever says no at the login page is told so, and can try again.
    console.press("Sign in with your browser").await?;
    browser.turn_to_address("http://127.0.0.1:").await?;
    browser.press("Cancel").await?;
    browser.see("Not signed in").await?;
    console.see("refused").await?;
    console.screenshot("1-refused").await?;
    browser.client().close_window().await?;
    console.press("Sign in with your browser").await?;
    sign_in(&browser, "ada@example.com", "correct horse battery staple").await?;
    console.see("The session is held in memory only").await?;
    console.screenshot("2-in-memory").await?;

    // Nothing was written that would let the next start in.
    console.quit().await?;
    let again = Console::start(&desktop, &[]).await?;
    again.see("Sign in with your browser").await?;
    again.quit().await
}

/// Signs in at the tab that was opened last, and closes it.
async fn sign_in(browser: &SystemBrowser, email: &str, password: &str) -> Result<()> {
    browser.turn_to_address("http://127.0.0.1:").await?;
    browser.fill("E-mail address", email).await?;
    browser.fill("Password", password).await?;
    browser.press("Sign in").await?;
    browser.see("Signed in").await?;
    browser.client().close_window().await?;
    Ok(())
}

async fn confirm(console: &Page, button: &str) -> Result<()> {
    console.turn_to_title(SIGNING).await?;
    console.see("Words to compare").await?;
    let to_the_end = "document.querySelector('.signing-body').scrollTo(0, 1e9)";
    console.client().execute(to_the_end, vec![]).await?;
    console.press(button).await?;
    console.turn_to_title(MAIN).await
}
