//! Running a plugin's program: no shell, a process group of its own, an environment of what was configured, and an end.
//!
//! Invariant: when [`run`] returns, the group is dead, and nothing of it is waited for, whatever it did: ignored its
//! signals, left a child behind, kept a pipe open or wrote without end. One thread does it all, over pipes that never
//! block.

#[cfg(unix)]
mod group;

use crate::plugins::PluginConfig;

/// How a program ended.
pub(super) struct Ended {
    /// What it answered, or why that cannot be used.
    pub(super) output: Result<Vec<u8>, String>,
    /// What it wrote to its error stream, cut.
    pub(super) noise: String,
}

/// Runs it with this on its standard input.
#[cfg(unix)]
pub(super) fn run(config: &PluginConfig, input: &[u8]) -> Ended {
    group::run(config, input)
}

/// Runs it with this on its standard input.
#[cfg(not(unix))]
pub(super) fn run(_: &PluginConfig, _: &[u8]) -> Ended {
    Ended { output: Err("plugins run on Unix alone".to_owned()), noise: String::new() }
}
