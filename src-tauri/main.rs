//! The console as a program; everything it does is in the library.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    desktop::main(std::env::args_os())
}
