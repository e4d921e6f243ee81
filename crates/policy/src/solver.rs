//! The solver that proofs are asked of: `cvc5`, a program that is not part of the product and need not be there.
//!
//! Invariant: whatever the program does (hang, die, flood, answer nonsense), a query ends within its limit, the program is
//! killed and reaped, and what comes of it is *unknown*, never *proved*.
//!
//! Deliberately absent: a bundled solver (Debian's links a library under the GPL), a shell, and the environment of this
//! process, of which only the search paths are passed on.

mod answer;
mod child;
mod session;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use domain::policy::Solver;

pub(crate) use session::Session;

use child::{Child, Line};

const NAME: &str = "cvc5";
const HELP: &str = "install one, on Debian by `apt install cvc5`, or set the path of the program";
/// How long the program may take to tell its version.
const TELLING: Duration = Duration::from_secs(5);

/// Which solver, and how long it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolverOptions {
    /// The program; if absent, `cvc5` on `PATH`.
    pub program: Option<PathBuf>,
    /// How long one query may take.
    pub query: Duration,
    /// How long all queries of one call may take together. After that, the rest is unknown.
    pub total: Duration,
}

impl Default for SolverOptions {
    /// `cvc5` on `PATH`, five seconds for a query, sixty in all.
    fn default() -> Self {
        Self { program: None, query: Duration::from_secs(5), total: Duration::from_mins(1) }
    }
}

impl SolverOptions {
    /// Whether there is a solver, and which.
    #[must_use]
    pub fn look(&self) -> Solver {
        match self.found() {
            Ok((_, name)) => Solver { name: Some(name), problem: None },
            Err(problem) => Solver { name: None, problem: Some(problem) },
        }
    }

    /// The program, with its name and version; or why there is none, and what would help.
    pub(crate) fn found(&self) -> Result<(PathBuf, String), String> {
        let program = match &self.program {
            Some(program) if program.is_file() => program.clone(),
            Some(program) => return Err(format!("there is no solver at `{}`; {HELP}", program.display())),
            None => on_path().ok_or_else(|| format!("there is no `{NAME}` on `PATH`; {HELP}"))?,
        };
        let name = version(&program, self.query.max(TELLING))
            .map_err(|problem| format!("`{}` {problem}; {HELP}", program.display()))?;
        Ok((program, name))
    }
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(NAME)).find(|program| program.is_file())
}

/// The first line of what `--version` says, cut down to name and number.
fn version(program: &Path, limit: Duration) -> Result<String, String> {
    let child = Child::start(program, &["--version".to_owned()]).map_err(|error| format!("cannot be run: {error}"))?;
    let until = Instant::now() + limit;
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        match child.line(left) {
            Line::Text(line) if !line.trim().is_empty() => return Ok(name_in(&line)),
            Line::Text(_) | Line::NotYet => {}
            Line::TooLong | Line::Ended => return Err("does not tell its version".to_owned()),
        }
    }
    Err(format!("does not tell its version within {} s", limit.as_secs()))
}

/// `This is cvc5 version 1.0.3 [git …]` → `cvc5 1.0.3`; another text, cut.
fn name_in(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    match words.iter().position(|word| *word == "version") {
        Some(at) if at > 0 && at + 1 < words.len() => format!("{} {}", words[at - 1], words[at + 1]),
        _ => line.trim().chars().filter(|c| !c.is_control()).take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_solver_is_called_by_name_and_number() {
        assert_eq!(name_in("This is cvc5 version 1.0.3 [git tag 1.0.3]\n"), "cvc5 1.0.3");
        assert_eq!(name_in("  Z3 4.12  \n"), "Z3 4.12");
        assert_eq!(name_in(&"x".repeat(500)).len(), 60);
    }
}
