//! The command itself: its streams are ours, signals are handed on to it, and its time may be limited.

use std::os::unix::process::CommandExt as _;
use std::pin::pin;
use std::process::Command;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Child;
use tokio::time::{Instant, sleep_until};

use crate::commands::exec::ending::Ending;
use crate::exit::{Exit, Failure};
use crate::intent::{Intent, SECRETS, Sight};
use crate::output::Output;
use crate::signals::{Signals, sent_to_the_group};

/// How long a command has to end by itself once its time is over.
const GRACE: Duration = Duration::from_secs(10);
/// Long enough to be never.
const NEVER: Duration = Duration::from_hours(24 * 365);

/// Runs the file that was looked at, under the name that was given, and tells how it ended.
pub(crate) async fn run(
    out: Output,
    intent: &Intent,
    sight: &Sight,
    longest: Option<Duration>,
    signals: &mut Signals,
) -> Result<Ending, Failure> {
    supervise(out, start(intent, sight)?, longest, GRACE, signals).await
}

async fn supervise(
    out: Output,
    mut child: Child,
    longest: Option<Duration>,
    grace: Duration,
    signals: &mut Signals,
) -> Result<Ending, Failure> {
    let began = Instant::now();
    let mut over = [Signal::SIGTERM, Signal::SIGKILL].into_iter();
    let mut timer = pin!(sleep_until(began + longest.unwrap_or(NEVER)));
    loop {
        tokio::select! {
            status = child.wait() => {
                let lost = |error| Failure::new(Exit::Internal, format!("the command cannot be waited for: {error}"));
                return status.map(Ending::of).map_err(lost);
            }
            signal = signals.next() => {
                if !sent_to_the_group(signal) {
                    send(&child, signal);
                }
            }
            () = timer.as_mut() => {
                let next = over.next();
                if let Some(signal) = next {
                    let after = began.elapsed().as_secs();
                    out.note(&format!("the command has had the {after} seconds that policy gives it; sending {signal}"));
                    send(&child, signal);
                }
                let pause = if next == Some(Signal::SIGTERM) { grace } else { NEVER };
                timer.as_mut().reset(Instant::now() + pause);
            }
        }
    }
}

fn start(intent: &Intent, sight: &Sight) -> Result<Child, Failure> {
    let (Some((name, arguments)), Some(program)) = (intent.argv().split_first(), &sight.program) else {
        return Err(Failure::usage("there is no command to run"));
    };
    let mut command = Command::new(program);
    command.arg0(name).args(arguments);
    for secret in SECRETS {
        command.env_remove(secret);
    }
    tokio::process::Command::from(command).spawn().map_err(|error| {
        let exit = if error.kind() == std::io::ErrorKind::NotFound { Exit::NoCommand } else { Exit::CannotRun };
        let failure = Failure::new(exit, format!("`{}` cannot be executed: {error}", program.display()));
        failure.hint("a script needs a first line like `#!/bin/sh`, and the program that it names")
    })
}

fn send(child: &Child, signal: Signal) {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    if let Some(id) = id {
        // It may have ended just now; then its status is on the way.
        let _ = kill(Pid::from_raw(id), signal);
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::io::{AsyncBufReadExt as _, BufReader};

    use super::*;

    /// A shell that has said that it has begun.
    async fn shell(script: &str) -> Child {
        let mut command = tokio::process::Command::new("/bin/sh");
        let mut child = command.args(["-c", script]).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).await.unwrap();
        assert_eq!(line, "begun\n");
        child
    }

    async fn ending(script: &str, longest: Option<Duration>) -> Ending {
        let out = Output { json: false };
        let mut signals = Signals::ending_only().unwrap();
        supervise(out, shell(script).await, longest, Duration::ZERO, &mut signals).await.unwrap()
    }

    #[tokio::test]
    async fn a_command_whose_time_is_over_is_asked_to_end_and_then_made_to() {
        let deaf = "trap '' TERM; echo begun; while :; do read -r line < /dev/null; done";
        assert_eq!(ending(deaf, Some(Duration::ZERO)).await, Ending::Killed(9));
    }

    #[tokio::test]
    async fn a_command_in_time_ends_as_it_wants() {
        assert_eq!(ending("echo begun; exit 3", Some(Duration::from_hours(1))).await, Ending::Exited(3));
        assert_eq!(ending("echo begun; kill -KILL $$", None).await, Ending::Killed(9));
    }
}
