//! A process that ends, with everything it started, when its value is dropped.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
};

use anyhow::{Context, Result, ensure};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};

/// A running process in a process group of its own, its output in a file.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts it. Output that the caller has not redirected goes to the file `log`.
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self> {
        let output = open(log)?;
        command.process_group(0).stdout(output.try_clone()?).stderr(output);
        Self::start(command, log)
    }

    /// Starts it with its standard output left to the caller; its errors go to the file `log`.
    pub fn spawn_and_read(command: &mut Command, log: &Path) -> Result<Self> {
        let output = open(log)?;
        command.process_group(0).stdout(Stdio::piped()).stderr(output);
        Self::start(command, log)
    }

    fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let program = command.get_program().to_os_string();
        let child = command.spawn().with_context(|| {
            format!("cannot start `{}`; `make setup` installs what the tests need", program.to_string_lossy())
        })?;
        Ok(Self { child, log: log.to_owned() })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// The child, for its streams.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// What it has written so far.
    #[must_use]
    pub fn output(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Fails, with what it wrote, if it has ended.
    pub fn must_run(&mut self) -> Result<()> {
        let ended = self.ended()?;
        ensure!(ended.is_none(), "it ended too early ({ended:?}) and wrote: {}", self.output());
        Ok(())
    }

    /// Sends a signal to it and to everything that it started.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        killpg(self.group()?, signal).context("the process is gone")
    }

    fn group(&self) -> Result<Pid> {
        Ok(Pid::from_raw(i32::try_from(self.child.id())?))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Gone already is as good; a destructor has nobody to tell.
        let _ = self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn open(log: &Path) -> Result<File> {
    let file = File::options().create(true).append(true).open(log);
    file.with_context(|| format!("cannot write `{}`", log.display()))
}

/// Where cargo put a program of this workspace.
pub fn program(name: &str) -> Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let folder = tests.ancestors().nth(2).context("a test lies in `deps/`")?;
    let program = folder.join(name);
    ensure!(program.exists(), "`{name}` is not built: run `cargo build --workspace --bins`, or `make test`");
    Ok(program)
}
