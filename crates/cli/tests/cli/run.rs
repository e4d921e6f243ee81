//! The program as a process: what it says, how it ends.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// Generous: it only turns a hang into a failure.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// How it ended and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A run of the program.
pub(crate) struct Run {
    child: Child,
    out: watch::Receiver<String>,
    err: watch::Receiver<String>,
}

/// The program, with nothing in its environment but a search path and a home.
pub(crate) fn program(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", home).current_dir(home).kill_on_drop(true);
    command
}

/// Starts it.
pub(crate) fn start(command: &mut Command) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (out, err) = (collect(child.stdout.take().unwrap()), collect(child.stderr.take().unwrap()));
    Run { child, out, err }
}

/// Runs it to its end.
pub(crate) async fn finish(command: &mut Command) -> Ended {
    start(command).ended().await
}

fn collect(mut stream: impl AsyncRead + Unpin + Send + 'static) -> watch::Receiver<String> {
    let (sender, receiver) = watch::channel(String::new());
    tokio::spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            sender.send_modify(|all| all.push_str(&text));
        }
    });
    receiver
}

impl Run {
    /// Waits until it has said this on stderr; gives the line.
    pub(crate) async fn told(&mut self, words: &str) -> String {
        line(&mut self.err, words).await
    }

    /// Waits until it, or its command, has said this on stdout.
    pub(crate) async fn said(&mut self, words: &str) -> String {
        line(&mut self.out, words).await
    }

    /// Writes to its standard input.
    pub(crate) async fn write(&mut self, text: &str) {
        self.child.stdin.as_mut().unwrap().write_all(text.as_bytes()).await.unwrap();
    }

    /// Ends its standard input.
    pub(crate) fn close(&mut self) {
        self.child.stdin = None;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id().unwrap()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    /// Waits for its end, and for the end of what it said.
    pub(crate) async fn ended(mut self) -> Ended {
        self.close();
        let status = timeout(PATIENCE, self.child.wait()).await;
        let status = status.unwrap_or_else(|_| panic!("it does not end: {}", *self.err.borrow())).unwrap();
        let (out, err) = (rest(self.out).await, rest(self.err).await);
        Ended { code: status.code(), out, err }
    }
}

async fn line(stream: &mut watch::Receiver<String>, words: &str) -> String {
    let found = |all: &String| all.split_inclusive('\n').any(|line| line.ends_with('\n') && line.contains(words));
    let seen = timeout(PATIENCE, stream.wait_for(found)).await.is_ok_and(|waited| waited.is_ok());
    let all = stream.borrow();
    assert!(seen, "`{words}` was never said: {}", *all);
    all.lines().find(|line| line.contains(words)).unwrap().to_owned()
}

async fn rest(mut stream: watch::Receiver<String>) -> String {
    // Fails when the stream has ended.
    timeout(PATIENCE, stream.wait_for(|_| false)).await.expect("the stream ends").unwrap_err();
    stream.borrow().clone()
}

impl Ended {
    /// Fails unless it ended with this code and said these words on stderr.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for words in words {
            assert!(self.err.contains(words), "`{words}` is not in: {}", self.err);
        }
    }

    /// Fails unless it ended well.
    #[track_caller]
    pub(crate) fn done(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.out
    }

    /// What it said, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.done()).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
