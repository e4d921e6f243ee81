//! How a command ended, for our own exit code and for the task's record.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use contract::Code;
use contract::tasks::FinishTask;
use domain::Clock as _;
use domain::ambient::SystemClock;
use domain::id::TaskId;

use crate::connection::Connection;
use crate::exit::{Failure, after_signal};
use crate::output::prose;
use crate::patience::Patience;
use crate::signals::Signals;

/// How long the end is tried to be recorded, in seconds.
const RECORDING: u32 = 30;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself.
    Exited(i32),
    /// By a signal.
    Killed(i32),
}

impl Ending {
    pub(crate) fn of(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Exited(code),
            (None, signal) => Self::Killed(signal.unwrap_or_default()),
        }
    }

    /// What is recorded of a command that never began: our own exit code.
    pub(crate) fn never_ran(failure: &Failure) -> Self {
        match failure {
            Failure::Signalled(signal) => Self::Killed(*signal as i32),
            other => Self::Exited(other.code().into()),
        }
    }

    /// The exit code that is passed on.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a platform's exit code is 0 to 255")]
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Exited(code) => code as u8,
            Self::Killed(signal) => after_signal(signal),
        }
    }

    /// Tells the control plane; warns if that could not be done.
    pub(crate) async fn record(self, connection: &Connection, task: TaskId, signals: &mut Signals) {
        let (exit_code, signal) = match self {
            Self::Exited(code) => (Some(code), None),
            Self::Killed(signal) => (None, Some(signal)),
        };
        let ending = FinishTask { exit_code, signal, output_digest: None };
        let until = SystemClock.now().plus(RECORDING);
        let mut patience = Patience::new(connection.out);
        let why = tokio::select! {
            recorded = patience.call(until, async || connection.api.finish_task(task, &ending).await) => match recorded {
                Ok(()) => return,
                // An earlier try has arrived: only we can end our task.
                Err(error) if error.code() == Some(Code::Conflict) => return,
                Err(error) => error.to_string(),
            },
            signal = signals.ending() => format!("{signal} came first"),
        };
        connection.out.note(&format!("the end of task {task} could not be recorded: {}", prose(&why)));
    }
}

#[cfg(test)]
mod tests {
    use nix::sys::signal::Signal;

    use super::*;
    use crate::exit::Exit;

    #[test]
    fn the_commands_own_code_is_passed_on_and_a_signal_is_told_as_shells_do() {
        assert_eq!(Ending::of(ExitStatus::from_raw(7 << 8)).code(), 7);
        assert_eq!(Ending::of(ExitStatus::from_raw(255 << 8)).code(), 255);
        assert_eq!(Ending::of(ExitStatus::from_raw(9)), Ending::Killed(9));
        assert_eq!(Ending::Killed(9).code(), 137);
    }

    #[test]
    fn what_never_ran_is_recorded_with_our_own_code() {
        assert_eq!(Ending::never_ran(&Failure::new(Exit::Refused, "x")), Ending::Exited(84));
        assert_eq!(Ending::never_ran(&Failure::Signalled(Signal::SIGTERM)), Ending::Killed(15));
    }
}
