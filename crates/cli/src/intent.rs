//! What is to run, as the command line says it, and as it is right now.
//!
//! Looked at once to ask, again to verify, and again just before it starts: whatever has changed in between shows.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use contract::approvals::OpenTicket;
use domain::binding::{Action, Command, Context, Resources};
use domain::budget::Budget;
use domain::ticket::Statement;

use crate::connection::TOKEN;
use crate::exit::{Exit, Failure};
use crate::manifest::sealed::MANIFEST_KEY;
use crate::program;

/// The variables that commands do not get, so that they cannot be part of what is approved.
pub(crate) const SECRETS: [&str; 2] = [TOKEN, MANIFEST_KEY];

/// The context that every command declares unless it is told another.
const EXECUTION_CONTEXT: (&str, &str) = ("execution_context", "cli");

/// What the command line says of the action.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Action")]
pub(crate) struct ActionArgs {
    /// Where it runs, for example `prod`
    #[arg(long, value_name = "ENV")]
    env: String,
    /// What is done, for example `pipelines:execute`
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// What it is done to, for example `pipeline:billing/nightly`; can be given more than once
    #[arg(long = "resource", value_name = "RESOURCE", required = true, num_args = 1..)]
    resources: Vec<String>,
    /// Context for policy, as NAME=VALUE; `execution_context=cli` is there already
    #[arg(long, value_name = "NAME=VALUE")]
    context: Vec<String>,
    /// An environment variable that is part of what is approved. Approvers see its value and the audit trail keeps it:
    /// do not name one that holds a secret
    #[arg(long, value_name = "NAME")]
    bind_env: Vec<String>,
    /// One line for the approvers; not part of what is bound
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Some more for the approvers; not part of what is bound
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

/// What is to run, its words checked.
#[derive(Debug)]
pub(crate) struct Intent {
    env: String,
    action: String,
    resources: Resources,
    context: Context,
    variables: BTreeSet<String>,
    argv: Vec<String>,
    statement: Statement,
}

/// What would run if it ran now.
#[derive(Debug)]
pub(crate) struct Sight {
    /// What is bound.
    pub(crate) action: Action,
    /// The file that would run, if a command is to run.
    pub(crate) program: Option<PathBuf>,
}

impl ActionArgs {
    /// Checks the words. `command` is what stands after `--`.
    pub(crate) fn intent(&self, command: &[OsString]) -> Result<Intent, Failure> {
        let argv = command.iter().enumerate().map(|(index, argument)| {
            let text = argument.to_str().map(str::to_owned);
            let shown = argument.to_string_lossy();
            text.ok_or_else(|| {
                Failure::usage(format!("argument {index} of the command is not UTF-8: `{shown}`"))
                    .hint("an approver could not see what it really is; argument 0 is the program")
            })
        });
        Ok(Intent {
            env: self.env.clone(),
            action: self.action.clone(),
            resources: Resources::parse(&self.resources).map_err(Failure::usage)?,
            context: context(&self.context)?,
            variables: self.bind_env.iter().map(|name| variable(name)).collect::<Result<_, _>>()?,
            argv: argv.collect::<Result<_, _>>()?,
            statement: Statement { title: self.title.clone(), description: self.description.clone() },
        })
    }
}

fn context(pairs: &[String]) -> Result<Context, Failure> {
    let mut context = Context::new();
    for pair in pairs {
        let bad = || Failure::usage(format!("`{pair}` is not a context value; write it as `NAME=VALUE`"));
        let (name, value) = pair.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(bad)?;
        if context.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(Failure::usage(format!("the context value `{name}` is given twice; leave one")));
        }
    }
    let (name, value) = EXECUTION_CONTEXT;
    context.entry(name.to_owned()).or_insert_with(|| value.to_owned());
    Ok(context)
}

fn variable(name: &str) -> Result<String, Failure> {
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(Failure::usage(format!("`{name}` cannot name an environment variable; give its name alone")));
    }
    if SECRETS.contains(&name) {
        return Err(Failure::usage(format!("`{name}` cannot be bound: approvers and the audit trail would see it")));
    }
    Ok(name.to_owned())
}

impl Intent {
    /// Where it runs.
    pub(crate) fn env(&self) -> &str {
        &self.env
    }

    /// The program and its arguments.
    pub(crate) fn argv(&self) -> &[String] {
        &self.argv
    }

    /// A request for a ticket about what would run now, for one use or for as many as the budget has.
    pub(crate) fn opening(&self, sight: &Sight, budget: Option<Budget>) -> OpenTicket {
        OpenTicket {
            action: sight.action.clone(),
            statement: self.statement.clone(),
            budget,
            resource_hash: None,
            command_hash: sight.action.command.as_ref().map(Command::digest),
        }
    }

    /// Looks at directory, variables and program file as they are now.
    pub(crate) fn look(&self) -> Result<Sight, Failure> {
        let (command, program) = match self.argv.first() {
            Some(name) => self.command(name).map(|(command, program)| (Some(command), Some(program)))?,
            None => (None, None),
        };
        let action = Action {
            env: self.env.clone(),
            action: self.action.clone(),
            resources: self.resources.clone(),
            context: self.context.clone(),
            command,
        };
        Ok(Sight { action, program })
    }

    fn command(&self, name: &str) -> Result<(Command, PathBuf), Failure> {
        let directory = std::env::current_dir().map_err(|error| {
            Failure::new(Exit::Storage, format!("the working directory cannot be told: {error}"))
                .hint("was it removed? change to another one")
        })?;
        let working_directory = directory.to_str().map(str::to_owned);
        let working_directory = working_directory.ok_or_else(|| {
            Failure::usage(format!("the path of the working directory is not UTF-8: `{}`", directory.display()))
        })?;
        let environment = self.variables.iter().map(|name| Ok((name.clone(), value(name)?)));
        let environment = environment.collect::<Result<BTreeMap<_, _>, Failure>>()?;
        let program = program::find(name, &directory, std::env::var_os("PATH"))?;
        let command = Command {
            argv: self.argv.clone(),
            executable_digest: program::digest(&program),
            working_directory,
            environment,
            stdin_digest: None,
            image_digest: None,
        };
        Ok((command, program))
    }
}

fn value(name: &str) -> Result<String, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(value),
        Err(std::env::VarError::NotPresent) => {
            Err(Failure::usage(format!("the variable `{name}` is not set"))
                .hint("set it, or leave out its `--bind-env`"))
        }
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(Failure::usage(format!("the value of the variable `{name}` is not UTF-8")))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    fn args() -> ActionArgs {
        ActionArgs {
            env: "prod".into(),
            action: "pipelines:execute".into(),
            resources: vec!["pipeline:b".into(), "pipeline:a".into(), "pipeline:b".into()],
            context: vec![],
            bind_env: vec!["PATH".into()],
            title: None,
            description: None,
        }
    }

    fn sentence(refused: Result<Intent, Failure>) -> String {
        match refused.unwrap_err() {
            Failure::Told { exit: Exit::Usage, sentence, .. } => sentence,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_would_run_now_is_seen_whole() {
        let sight = args().intent(&["sh".into(), "-c".into(), "true".into()]).unwrap().look().unwrap();
        let command = sight.action.command.unwrap();
        assert_eq!(command.argv, ["sh", "-c", "true"]);
        assert_eq!(command.environment.keys().collect::<Vec<_>>(), ["PATH"]);
        assert_eq!(command.working_directory, std::env::current_dir().unwrap().to_str().unwrap());
        let file = std::fs::read(sight.program.unwrap()).unwrap();
        assert_eq!(command.executable_digest, Some(domain::Digest::of_content(&file)));
        assert_eq!(sight.action.resources.iter().collect::<Vec<_>>(), ["pipeline:a", "pipeline:b"]);
        assert_eq!(sight.action.context["execution_context"], "cli");
    }

    #[test]
    fn an_argument_that_is_not_utf_8_is_named_by_its_place() {
        let argument = OsString::from_vec(vec![b'a', 0xff]);
        let told = sentence(args().intent(&["sh".into(), argument]));
        assert!(told.starts_with("argument 1 of the command is not UTF-8"), "{told}");
    }

    #[test]
    fn context_is_names_and_values_each_once() {
        for (pairs, words) in [
            (vec!["a"], "`a` is not a context value"),
            (vec!["=b"], "`=b` is not a context value"),
            (vec!["a=1", "a=2"], "`a` is given twice"),
        ] {
            let context = pairs.into_iter().map(str::to_owned).collect();
            let told = sentence(ActionArgs { context, ..args() }.intent(&[]));
            assert!(told.contains(words), "{told}");
        }
        let told = ActionArgs { context: vec!["execution_context=automated".into(), "x=a=b".into()], ..args() };
        let context = told.intent(&[]).unwrap().context;
        assert_eq!((context["execution_context"].as_str(), context["x"].as_str()), ("automated", "a=b"));
    }

    #[test]
    fn secrets_and_missing_variables_are_never_bound() {
        for name in ["", "A=B", "COUNTERSIGN_TOKEN", "COUNTERSIGN_MANIFEST_KEY"] {
            let told = sentence(ActionArgs { bind_env: vec![name.into()], ..args() }.intent(&[]));
            assert!(told.contains(&format!("`{name}` cannot")), "{told}");
        }
        let missing = ActionArgs { bind_env: vec!["COUNTERSIGN_NOT_SET".into()], ..args() };
        let failure = missing.intent(&["sh".into()]).unwrap().look().unwrap_err();
        assert_eq!(failure.code(), 64);
    }

    #[test]
    fn what_is_not_a_resource_is_refused() {
        let told = sentence(ActionArgs { resources: vec!["nightly".into()], ..args() }.intent(&[]));
        assert!(told.contains("`nightly` is not a resource"), "{told}");
    }
}
