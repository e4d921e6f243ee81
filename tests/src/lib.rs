//! What the whole-system tests stand on: a desktop of their own (display, session bus, keyring, folders), the real
//! console driven by WebDriver, and a real Chromium as what `xdg-open` opens.
//!
//! Invariants: nothing here is a stand-in, nothing touches the desktop, keyring or home of whoever runs it, nothing
//! waits a fixed time, and every process ends with the value that started it, also when a test panics. No Tauri is
//! linked: the programs under test are the ones that `cargo build --workspace --bins` made.

pub mod afterwards;
pub mod browser;
pub mod console;
pub mod deploy;
pub mod description;
pub mod desktop;
pub mod driver;
pub mod engines;
pub mod orcheo;
pub mod page;
pub mod plane;
pub mod process;
pub mod receiver;
pub mod socket;
pub mod switch;
pub mod wait;

pub use browser::SystemBrowser;
pub use console::Console;
pub use desktop::Desktop;
pub use page::Page;
pub use process::{Process, program};
pub use wait::until;
