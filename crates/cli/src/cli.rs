//! The command line: what is global, and which command is in which file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::{
    account, alerts, approval, audit, auth, completions, exec, key, man, policy, roster, scope, serve, status, token,
    webhook, whoami,
};
use crate::exit::{self, Failure};

const EXAMPLE: &str = "Example:
  countersign exec --env prod --action pipelines:execute --resource pipeline:billing/nightly -- ./deploy.sh --flag";

/// A production command runs only if it is exactly what the right people saw and signed.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, after_help = format!("{EXAMPLE}\n\n`countersign --help` lists the exit codes."))]
#[command(after_long_help = format!("{EXAMPLE}\n\n{}", exit::table()))]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Where the control plane is and who calls it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct Global {
    /// The control plane's address: `https`, or `http` on this computer
    #[arg(long, global = true, value_name = "URL", env = "COUNTERSIGN_URL")]
    pub(crate) url: Option<String>,
    /// A file that holds the token; without it the token is taken from `COUNTERSIGN_TOKEN`
    #[arg(long, global = true, value_name = "FILE", env = "COUNTERSIGN_TOKEN_FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates that may vouch for the control plane, beside those that this computer trusts: a file, PEM
    #[arg(long, global = true, value_name = "FILE", env = "COUNTERSIGN_CA_CERT")]
    pub(crate) ca_cert: Option<PathBuf>,
    /// The folder of trust.json: roster pins, ledger checkpoints, minimum approvals
    #[arg(long, global = true, value_name = "DIR", env = "COUNTERSIGN_CONFIG_DIR")]
    pub(crate) config_dir: Option<PathBuf>,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Exec(Box<exec::Args>),
    #[command(subcommand)]
    Approval(approval::Command),
    #[command(subcommand)]
    Roster(roster::Command),
    #[command(subcommand)]
    Policy(Box<policy::Command>),
    #[command(subcommand)]
    Account(account::Command),
    #[command(subcommand)]
    Auth(auth::Command),
    Audit(audit::Args),
    Alerts(alerts::Args),
    #[command(subcommand)]
    Webhook(webhook::Command),
    Status(status::Args),
    Whoami(whoami::Args),
    #[command(subcommand)]
    Token(token::Command),
    #[command(subcommand)]
    Key(key::Command),
    #[command(subcommand)]
    Scope(scope::Command),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    /// Runs it; gives the exit code.
    pub(crate) async fn run(self) -> Result<u8, Failure> {
        let Self { global, command } = self;
        let done = match command {
            Command::Exec(args) => return exec::run(&global, &args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Approval(command) => approval::run(&global, &command).await,
            Command::Roster(command) => roster::run(&global, &command).await,
            Command::Policy(command) => policy::run(&global, &command).await,
            Command::Account(command) => account::run(&global, &command).await,
            Command::Auth(command) => auth::run(&global, &command).await,
            Command::Audit(args) => audit::run(&global, &args).await,
            Command::Alerts(args) => alerts::run(&global, &args).await,
            Command::Webhook(command) => webhook::run(&global, &command).await,
            Command::Status(_) => status::run(&global).await,
            Command::Whoami(_) => whoami::run(&global).await,
            Command::Token(command) => token::run(&global, &command).await,
            Command::Key(command) => key::run(&global, &command).await,
            Command::Scope(command) => scope::run(&global, &command).await,
            Command::Completions(args) => completions::run(&args),
            Command::Man(args) => man::run(&global, &args),
        };
        done.map(|()| 0)
    }
}

#[cfg(test)]
mod help;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }

    #[test]
    fn there_is_no_flag_that_takes_a_secret() {
        for flag in ["--token", "--password", "--found-password"] {
            for command in ["exec", "serve", "whoami"] {
                assert!(Cli::try_parse_from(["countersign", command, flag, "x"]).is_err(), "{command} {flag}");
            }
        }
    }

    #[test]
    fn what_stands_after_two_hyphens_is_the_command_and_nothing_else() {
        let line = "countersign exec --env prod --action a --resource x:1 x:2 --resource x:3 -- ./run --env dev -- x";
        let cli = Cli::try_parse_from(line.split(' ')).unwrap();
        let Command::Exec(args) = cli.command else { panic!() };
        assert_eq!(args.command, ["./run", "--env", "dev", "--", "x"]);
    }
}
