//! `token`, `key`, `scope` and `whoami`: what stands on which stream, and that it is true.

mod delivery;
mod refusals;
mod transcript;

use crate::plane::Plane;
use crate::run::{Ended, finish};

/// The program as the administrator, with these words.
async fn admin(plane: &Plane, words: &[&str]) -> Ended {
    finish(plane.admin().args(words)).await
}

/// Whether a secret authenticates; the exit code otherwise.
async fn works(plane: &Plane, secret: &str) -> Result<(), Option<i32>> {
    let ended = finish(plane.unpinned().arg("whoami").env("COUNTERSIGN_TOKEN", secret)).await;
    if ended.code == Some(0) { Ok(()) } else { Err(ended.code) }
}

/// The secret that stands on standard output, alone.
#[track_caller]
fn secret(ended: &Ended, prefix: &str) -> String {
    let secret = ended.done().strip_suffix('\n').unwrap().to_owned();
    assert!(secret.starts_with(prefix) && !secret.contains(char::is_whitespace), "{ended:?}");
    assert!(!ended.err.contains(&secret), "the secret is on stderr");
    secret
}

/// The text with secrets, ids and instants replaced.
fn redacted(text: &str) -> String {
    let mut text = text.to_owned();
    for prefix in ["cs_svt_", "cs_key_", "cs_at_", "crd_", "usr_", "ses_"] {
        text = text.split(prefix).enumerate().fold(String::new(), |all, (index, part)| {
            let rest = if index == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()) };
            if index == 0 { rest.to_owned() } else { format!("{all}[{prefix}]{rest}") }
        });
    }
    while let Some(end) = text.find(" UTC (") {
        let close = end + text[end..].find(')').unwrap();
        text.replace_range(end - "2026-11-22 05:00:00".len()..=close, "[time]");
    }
    text
}
