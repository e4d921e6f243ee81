//! A password from the terminal without an echo, or the first line of standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use server::Password;

use crate::exit::{Exit, Failure};

/// Asks for it. If this is dropped while it waits, the terminal echoes again.
pub(crate) async fn password(question: &str) -> Result<Password, Failure> {
    let interactive = io::stdin().is_terminal();
    let quiet = if interactive {
        // If stderr is closed nobody sees the question, and the answer is waited for all the same.
        drop(write!(io::stderr(), "{question}"));
        Some(Quiet::begin().map_err(|error| unreadable(&error))?)
    } else {
        None
    };
    let line = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = line.await.map_err(|error| unreadable(&error))?.map_err(|error| unreadable(&error))?;
    if quiet.is_some() {
        drop(writeln!(io::stderr()));
    }
    let text = line.strip_suffix('\n').unwrap_or(&line);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        let failure = Failure::usage("there is no password for the founding administrator");
        return Err(failure.hint("type it, give it on standard input, or set COUNTERSIGN_FOUNDER_PASSWORD"));
    }
    Ok(Password::new(text.to_owned()))
}

fn unreadable(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(Exit::Storage, format!("the password cannot be read: {error}"))
}

/// A terminal that does not echo while this lives.
struct Quiet(Termios);

impl Quiet {
    fn begin() -> nix::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(io::stdin(), SetArg::TCSANOW, &quiet)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // The terminal may be gone; then there is nothing to restore.
        let _ = tcsetattr(io::stdin(), SetArg::TCSANOW, &self.0);
    }
}
