//! A program that is spoken to line by line and never waited for without a limit.
//!
//! Invariant: when it is dropped, the program is killed and reaped. Two threads hold the pipes, so that a program that does
//! not read cannot block whoever writes to it; what it says beyond a few hundred lines waits in its own pipe.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{self, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender, SyncSender};
use std::thread;
use std::time::Duration;

/// No line of an answer is longer.
const LINE: u64 = 1 << 20;
/// How many lines wait to be read.
const WAITING: usize = 256;
/// What a program needs to find its libraries, and nothing that could be a secret.
const PASSED_ON: [&str; 3] = ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

/// A running program.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    input: Sender<Vec<u8>>,
    output: Receiver<Line>,
}

/// What came of waiting for a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line, with its end.
    Text(String),
    /// More than a line may have, or not text.
    TooLong,
    /// It said nothing in the time.
    NotYet,
    /// It says nothing more.
    Ended,
}

impl Child {
    /// Starts a program, without a shell.
    pub(super) fn start(program: &Path, arguments: &[String]) -> io::Result<Self> {
        let kept = PASSED_ON.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let kept: Vec<(&str, OsString)> = kept.collect();
        let mut process = Command::new(program)
            .args(arguments)
            .env_clear()
            .envs(kept)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (input, written) = mpsc::channel();
        let (read, output) = mpsc::sync_channel(WAITING);
        let pipes = process.stdin.take().zip(process.stdout.take());
        // From here on it is killed by being dropped, whatever happens.
        let child = Self { process, input, output };
        let (stdin, stdout) = pipes.ok_or_else(|| io::Error::other("the program has no pipes"))?;
        thread::Builder::new().name("solver input".to_owned()).spawn(move || write(stdin, &written))?;
        thread::Builder::new().name("solver output".to_owned()).spawn(move || self::read(stdout, &read))?;
        Ok(child)
    }

    /// Gives it text to read. Whether it reads shows in its answer.
    pub(super) fn send(&self, text: Vec<u8>) {
        // The thread is gone only if the program closed its input, and then its output says so.
        let _ = self.input.send(text);
    }

    /// The next line, waiting for at most so long.
    pub(super) fn line(&self, longest: Duration) -> Line {
        match self.output.recv_timeout(longest) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => Line::NotYet,
            Err(RecvTimeoutError::Disconnected) => Line::Ended,
        }
    }

    /// Its process id.
    #[cfg(test)]
    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only if it has been reaped already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn write(mut stdin: ChildStdin, texts: &Receiver<Vec<u8>>) {
    for text in texts {
        if stdin.write_all(&text).and_then(|()| stdin.flush()).is_err() {
            return;
        }
    }
}

fn read(stdout: ChildStdout, lines: &SyncSender<Line>) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut bytes = vec![];
        let line = match (&mut stdout).take(LINE).read_until(b'\n', &mut bytes) {
            Ok(0) | Err(_) => return,
            Ok(_) if bytes.len() as u64 == LINE => Line::TooLong,
            Ok(_) => String::from_utf8(bytes).map_or(Line::TooLong, Line::Text),
        };
        if lines.send(line).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the process is there, be it as a zombie.
    fn is_there(id: u32) -> bool {
        Path::new(&format!("/proc/{id}")).exists()
    }

    #[test]
    fn a_dropped_program_leaves_no_zombie() {
        let child = Child::start(Path::new("/bin/cat"), &[]).unwrap();
        let id = child.id();
        child.send(b"hello\n".to_vec());
        assert_eq!(child.line(Duration::from_mins(1)), Line::Text("hello\n".to_owned()));
        assert!(is_there(id));
        drop(child);
        assert!(!is_there(id));
    }

    #[test]
    fn what_does_not_read_blocks_nobody_and_what_never_ends_a_line_is_cut() {
        let deaf = Child::start(Path::new("/bin/sleep"), &["600".to_owned()]).unwrap();
        deaf.send(vec![b'x'; 10 << 20]);
        assert_eq!(deaf.line(Duration::from_millis(1)), Line::NotYet);
        let flood = Child::start(Path::new("/bin/cat"), &["/dev/zero".to_owned()]).unwrap();
        assert_eq!(flood.line(Duration::from_mins(1)), Line::TooLong);
        let done = Child::start(Path::new("/bin/true"), &[]).unwrap();
        assert_eq!(done.line(Duration::from_mins(1)), Line::Ended);
    }
}
