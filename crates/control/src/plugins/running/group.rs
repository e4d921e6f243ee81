//! A program in a process group of its own, followed over pipes that never block.
//!
//! Its leader is reaped last, so that the group's number is nobody else's when the group is killed.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::plugins::running::Ended;
use crate::plugins::said::one_line;
use crate::plugins::{MOST_OUTPUT, PluginConfig};

/// How much of its error stream is kept, in bytes.
const NOISE: usize = 4 << 10;
/// How often it is looked at whether it has ended, while it holds its pipes.
const LOOK: Duration = Duration::from_millis(10);

pub(super) fn run(config: &PluginConfig, input: &[u8]) -> Ended {
    let end = Instant::now() + config.timeout;
    let mut child = match spawn(config) {
        Ok(child) => child,
        Err(error) => return Ended { output: Err(format!("it cannot be started: {error}")), noise: String::new() },
    };
    let mut pipes = Pipes::of(&mut child, input);
    let output = match pipes.as_mut() {
        Ok(pipes) => pipes.follow(&mut child, end, config.timeout),
        Err(problem) => Err(problem.clone()),
    };
    kill(&child);
    // Should it have left its own group, so that it did not go with it.
    let _ = child.kill();
    let status = child.wait();
    let output = output.and_then(|()| match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("it ended with {status}")),
        Err(error) => Err(format!("it cannot be waited for: {error}")),
    });
    let (output, noise) = match pipes {
        Ok(pipes) => (output.map(|()| pipes.read), pipes.noise),
        Err(_) => (output.map(|()| Vec::new()), Vec::new()),
    };
    Ended { output, noise: one_line(&String::from_utf8_lossy(&noise)) }
}

fn spawn(config: &PluginConfig) -> Result<Child, std::io::Error> {
    let (program, arguments) = config.command.split_first().ok_or(ErrorKind::NotFound)?;
    let mut command = Command::new(program);
    command.args(arguments).env_clear().envs(&config.environment).current_dir("/").process_group(0);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

/// Ends the whole group. Its leader is not reaped yet, so its number is nobody else's.
fn kill(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        // There may be nobody left.
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

/// Whether it has ended; leaves it to be reaped later.
#[cfg(target_os = "linux")]
fn has_ended(child: &mut Child) -> bool {
    use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
    let flags = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
    let pid = i32::try_from(child.id()).map(Pid::from_raw);
    pid.is_ok_and(|pid| !matches!(waitid(Id::Pid(pid), flags), Ok(WaitStatus::StillAlive)))
}

/// Whether it has ended. Other systems only tell by reaping it.
#[cfg(not(target_os = "linux"))]
fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

struct Pipes<'a> {
    input: &'a [u8],
    stdin: Option<ChildStdin>,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    read: Vec<u8>,
    noise: Vec<u8>,
}

impl<'a> Pipes<'a> {
    fn of(child: &mut Child, input: &'a [u8]) -> Result<Self, String> {
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let fds = [stdin.as_ref().map(AsFd::as_fd), stdout.as_ref().map(AsFd::as_fd), stderr.as_ref().map(AsFd::as_fd)];
        for fd in fds.into_iter().flatten() {
            fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|error| format!("its pipes: {error}"))?;
        }
        Ok(Self { input, stdin, stdout, stderr, read: Vec::new(), noise: Vec::new() })
    }

    /// Until it has ended, or must.
    fn follow(&mut self, child: &mut Child, end: Instant, timeout: Duration) -> Result<(), String> {
        loop {
            let ended = has_ended(child);
            if ended {
                // What it wrote is in the pipe by now; whoever it left behind adds nothing after this.
                kill(child);
            }
            self.turn()?;
            if ended {
                return Ok(());
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(format!("it took longer than {} ms", timeout.as_millis()));
            }
            self.wait(left.min(if self.stdout.is_some() { LOOK } else { LOOK / 10 }));
        }
    }

    /// Waits until a pipe is ready, so long at most.
    fn wait(&self, most: Duration) {
        let mut fds: Vec<PollFd<'_>> = Vec::with_capacity(3);
        fds.extend(self.stdin.as_ref().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLOUT)));
        fds.extend(self.stdout.as_ref().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
        fds.extend(self.stderr.as_ref().map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN)));
        let most = u16::try_from(most.as_millis()).unwrap_or(u16::MAX).max(1);
        // A signal that interrupts it is one more look.
        let _ = poll(&mut fds, PollTimeout::from(most));
    }

    /// Writes and reads what there is, without waiting.
    fn turn(&mut self) -> Result<(), String> {
        if let Some(pipe) = &mut self.stdin
            && (self.input.is_empty() || !push(pipe, &mut self.input))
        {
            self.stdin = None;
        }
        if let Some(pipe) = &mut self.stdout
            && !pull(pipe, |bytes| self.read.extend_from_slice(bytes), MOST_OUTPUT + 1)
        {
            self.stdout = None;
        }
        if self.read.len() > MOST_OUTPUT {
            return Err(format!("it answered more than {MOST_OUTPUT} bytes"));
        }
        let noise = &mut self.noise;
        let keep = |bytes: &[u8]| {
            noise.extend(bytes.iter().take(NOISE.saturating_sub(noise.len())).copied().collect::<Vec<_>>());
        };
        if let Some(pipe) = &mut self.stderr
            && !pull(pipe, keep, MOST_OUTPUT)
        {
            self.stderr = None;
        }
        Ok(())
    }
}

/// Gives what the pipe takes; `false` once there is nothing left to give, or nobody to take it.
fn push(pipe: &mut ChildStdin, input: &mut &[u8]) -> bool {
    loop {
        match pipe.write(input) {
            Ok(0) => return false,
            Ok(count) => *input = &input[count..],
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
        if input.is_empty() {
            return false;
        }
    }
}

/// Takes what the pipe gives, about so much in one turn; `false` once it has ended.
fn pull(pipe: &mut impl Read, mut keep: impl FnMut(&[u8]), most: usize) -> bool {
    let (mut buffer, mut taken) = ([0; 8192], 0);
    while taken < most {
        match pipe.read(&mut buffer) {
            Ok(0) => return false,
            Ok(count) => {
                keep(&buffer[..count]);
                taken += count;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return error.kind() == ErrorKind::WouldBlock,
        }
    }
    true
}
