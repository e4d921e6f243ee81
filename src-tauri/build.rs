//! Compiles the access control list: each command is named once in `commands/names.rs`, granted by a set in
//! `permissions/*.toml`, and handed to one window by a file in `capabilities/`. What is named nowhere is refused.

use std::{error::Error, fs, path::Path};

const COMMANDS: &[&str] = include!("commands/names.rs");

fn main() -> Result<(), Box<dyn Error>> {
    for watched in
        ["src-tauri/capabilities", "src-tauri/permissions", "src-tauri/commands/names.rs", "ui/dist", "icons"]
    {
        println!("cargo:rerun-if-changed={watched}");
    }
    stand_in_for_an_unbuilt_ui(Path::new("ui/dist"))?;
    tauri_build::try_build(
        tauri_build::Attributes::new()
            .app_manifest(
                tauri_build::AppManifest::new()
                    .commands(COMMANDS)
                    .permissions_path_pattern("src-tauri/permissions/*.toml"),
            )
            .capabilities_path_pattern("src-tauri/capabilities/*.json"),
    )?;
    // One `allow-` and one `deny-` permission per command was generated at the root, and has been read.
    fs::remove_dir_all("permissions")?;
    Ok(())
}

/// The embedded page must exist for anything to compile, also for `cargo check` in a fresh clone.
fn stand_in_for_an_unbuilt_ui(dist: &Path) -> Result<(), Box<dyn Error>> {
    let page = dist.join("index.html");
    if page.exists() {
        return Ok(());
    }
    if std::env::var("PROFILE").as_deref() == Ok("release") {
        return Err("`ui/dist` is empty: run `make release`, which builds the UI first".into());
    }
    fs::create_dir_all(dist)?;
    fs::write(
        page,
        "<!doctype html><title>Countersign</title><p>The UI is not built: run <code>make run</code>.</p>\n",
    )?;
    Ok(())
}
