//! How the console starts, and how it declines to.

use std::process::Output;

use anyhow::{Result, ensure};
use countersign_tests::{Console, Desktop, program};
use serde_json::Value;

fn declines(output: &Output, code: i32, words: &str) -> Result<()> {
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(code), "{output:?}");
    ensure!(said.contains(words) && !said.contains("panicked"), "{said}");
    Ok(())
}

#[tokio::test]
async fn without_a_display_it_says_so() -> Result<()> {
    let desktop = Desktop::start_without_keyring("no-display").await?;
    let console = program("countersign-desktop")?;
    let output = desktop.command(&console).env_remove("DISPLAY").output()?;
    declines(&output, 69, "no display can be opened (DISPLAY is not set")?;
    let output = desktop.command(&console).env("DISPLAY", ":30000").output()?;
    declines(&output, 69, "DISPLAY is `:30000`")
}

#[tokio::test]
async fn what_it_does_not_understand_it_names() -> Result<()> {
    let desktop = Desktop::start_without_keyring("bad-arguments").await?;
    let console = program("countersign-desktop")?;
    declines(&desktop.command(&console).arg("--conect").output()?, 64, "`--conect`")?;
    declines(&desktop.command(&console).args(["--profile", "../root"]).output()?, 64, "`../root`")
}

#[tokio::test]
async fn a_profile_has_one_instance_and_another_profile_its_own() -> Result<()> {
    let desktop = Desktop::start("profiles").await?;
    let first = Console::start(&desktop, &[]).await?;
    ensure!(desktop.command(program("countersign-desktop")?).status()?.success());
    ensure!(profile(&first).await? == "default", "the first instance still runs");

    let second = Console::start(&desktop, &["--profile", "second"]).await?;
    ensure!(profile(&second).await? == "second");
    desktop.screenshot("both")?;
    first.quit().await?;
    second.quit().await?;
    for folder in ["dev.countersign.desktop", "dev.countersign.desktop.second"] {
        ensure!(desktop.folder("data").join(folder).join("window.json").exists(), "no data in `{folder}`");
    }
    Ok(())
}

async fn profile(console: &Console) -> Result<Value> {
    let ask = "const done = arguments[0]; window.__TAURI_INTERNALS__.invoke('app_state').then(done)";
    Ok(console.client().execute_async(ask, vec![]).await?["profile"].clone())
}
