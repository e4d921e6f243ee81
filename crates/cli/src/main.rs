//! `countersign`: the control plane's server, and the tool that runs a production command only if it was approved.
//!
//! A command is one file that calls the client and prints; what must hold is checked by `domain`, the same code that
//! the control plane and the console run. Progress goes to stderr, results to stdout. Deliberately absent: signing
//! reviews, which is for the console, and any secret on the command line.

mod cli;
mod commands;
mod connection;
mod exit;
mod folders;
mod intent;
mod manifest;
mod once;
mod output;
mod pages;
mod patience;
mod policy_folder;
mod program;
mod replace;
mod signals;
mod span;
mod standing;
mod trusted;
mod when;
mod yaml;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::cli::Cli;
use crate::exit::{Exit, Failure};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nobody reads it if it cannot be printed.
            drop(error.print());
            let told = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            return if told { ExitCode::SUCCESS } else { Exit::Usage.code().into() };
        }
    };
    match run(cli) {
        Ok(code) => code.into(),
        Err(failure) => {
            output::tell(&failure);
            failure.code().into()
        }
    }
}

fn run(cli: Cli) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Internal, format!("no threads can be started: {error}")))?;
    let done = runtime.block_on(cli.run());
    // A thread may still wait for a line from the terminal; nothing that matters is left to it.
    runtime.shutdown_background();
    done
}
