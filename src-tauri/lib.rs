//! The desktop shell: windows, the commands they may call, the tray. The only code that knows Tauri.
//!
//! Its invariant: a webview reaches nothing but the commands that its own capability names, and never leaves the
//! pages that were built into the program. Rules of approval are absent on purpose; they are asked of `client`,
//! `ledger` and `policy`.

mod arguments;
mod bindings;
mod commands;
mod console;
mod display;
mod embedded;
mod ending;
mod exact;
mod failure;
mod ipc;
pub mod profile;
mod sentence;
pub mod windows;

use std::{error::Error, ffi::OsString, process::ExitCode};

use tauri::{App, Context, Manager, RunEvent, Wry};
use tracing_subscriber::filter::{EnvFilter, LevelFilter};

use crate::{arguments::Arguments, console::Console, profile::Profile};

/// Exit code for a command line that cannot be understood (`EX_USAGE`).
const USAGE: u8 = 64;
/// Exit code for a session in which no window can be shown (`EX_UNAVAILABLE`).
const UNAVAILABLE: u8 = 69;
/// Exit code for anything else that keeps the console from starting (`EX_SOFTWARE`).
const INTERNAL: u8 = 70;

/// Runs the console until its last window is closed.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let profile = match Arguments::parse(arguments.skip(1)) {
        Ok(Arguments::Run(profile)) => profile,
        Ok(Arguments::Tell(text)) => {
            println!("{text}");
            return ExitCode::SUCCESS;
        }
        Err(problem) => return stop(USAGE, &problem),
    };
    if let Err(problem) = display::probe() {
        return stop(UNAVAILABLE, &problem);
    }
    let told = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).from_env_lossy();
    tracing_subscriber::fmt().with_env_filter(told).with_writer(std::io::stderr).init();
    match open(profile) {
        Ok(code) => code,
        Err(problem) => stop(INTERNAL, &problem),
    }
}

fn open(profile: Profile) -> tauri::Result<ExitCode> {
    let mut context: Context<Wry> = tauri::generate_context!();
    // Data folder, single instance and webview storage all follow the identifier.
    context.config_mut().identifier = profile.identifier();
    let bindings = bindings::builder();
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| windows::show_main(app)))
        .plugin(tauri_plugin_opener::init())
        .plugin(tauri_plugin_shell::init())
        .plugin(tauri_plugin_notification::init())
        .invoke_handler(bindings.invoke_handler())
        .setup(move |app| {
            bindings.mount_events(app);
            set_up(app, profile)
        })
        .build(context)?;
    let code = app.run_return(|app, event| {
        if let RunEvent::Exit = event {
            tauri::async_runtime::block_on(app.state::<Console>().stop());
        }
    });
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

fn set_up(app: &App, profile: Profile) -> Result<(), Box<dyn Error>> {
    let folder = profile.make_folder(app.handle())?;
    app.handle().plugin(windows::remember_where_they_were(&folder))?;
    app.manage(Console::new(app.handle().clone(), profile.clone(), &folder));
    app.manage(profile);
    ending::listen(app.handle());
    windows::open_main(app.handle())?;
    Ok(())
}

fn stop(code: u8, problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("countersign-desktop: {problem}");
    ExitCode::from(code)
}
