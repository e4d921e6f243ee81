//! The real window.

use anyhow::{Result, ensure};
use countersign_tests::{Console, Desktop, until};

#[tokio::test]
async fn the_window_opens_and_shows_the_console() -> Result<()> {
    let desktop = Desktop::start("the-window-opens").await?;
    let console = Console::start(&desktop, &[]).await?;
    ensure!(console.client().current_url().await?.as_str().starts_with("tauri://localhost"));
    until("words on the page", async || Ok((!console.text().await?.is_empty()).then_some(()))).await?;
    ensure!(console.client().title().await?.contains("Countersign"));
    console.screenshot("window").await?;
    desktop.screenshot("display")?;
    console.quit().await
}
