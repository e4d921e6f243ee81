//! The command line of the console. Small enough to be read by hand; the rich one is the CLI's.

use std::{ffi::OsString, path::PathBuf};

use thiserror::Error;

use crate::profile::{BadName, Profile};

const USAGE: &str = "\
The Countersign console.

Usage: countersign-desktop [--profile NAME] [--data-dir DIR]

  --profile NAME   start as somebody else: own data, own keyring entries, own window
  --data-dir DIR   keep the data in DIR instead of the platform's folder
  --version        print the version
  --help           print this";

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Arguments {
    /// Start the console for this profile.
    Run(Profile),
    /// Print this and end.
    Tell(String),
}

/// A command line that cannot be understood.
#[derive(Debug, Error, PartialEq)]
pub(crate) enum BadArguments {
    #[error("`{0}` is not an option of the console; `--help` lists them")]
    Unknown(String),
    #[error("`{0}` needs a value")]
    NoValue(&'static str),
    #[error(transparent)]
    Profile(#[from] BadName),
}

impl Arguments {
    /// Reads the arguments after the program's name. The last of two equal options counts.
    pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, BadArguments> {
        let mut rest = arguments;
        let mut name = None;
        let mut data_dir = None;
        while let Some(argument) = rest.next() {
            let text = argument.to_string_lossy();
            let (option, inline) = match text.split_once('=') {
                Some((option, value)) => (option, Some(OsString::from(value))),
                None => (&*text, None),
            };
            let mut value = |option| inline.clone().or_else(|| rest.next()).ok_or(BadArguments::NoValue(option));
            match option {
                "--profile" => name = Some(value("--profile")?.to_string_lossy().into_owned()),
                "--data-dir" => data_dir = Some(PathBuf::from(value("--data-dir")?)),
                "--help" | "-h" => return Ok(Self::Tell(USAGE.to_owned())),
                "--version" | "-V" => {
                    return Ok(Self::Tell(concat!("countersign-desktop ", env!("CARGO_PKG_VERSION")).to_owned()));
                }
                _ => return Err(BadArguments::Unknown(text.into_owned())),
            }
        }
        Ok(Self::Run(Profile::new(name, data_dir)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, BadArguments> {
        Arguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn nothing_starts_the_profile_without_a_name() {
        assert_eq!(parse(""), Ok(Arguments::Run(Profile::default())));
    }

    #[test]
    fn options_take_their_value_from_the_same_or_the_next_argument() {
        let wanted = Profile::new(Some("second".into()), Some("/data".into())).unwrap();
        assert_eq!(parse("--profile second --data-dir=/data"), Ok(Arguments::Run(wanted)));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        assert_eq!(parse("--profil x"), Err(BadArguments::Unknown("--profil".into())));
        assert_eq!(parse("--data-dir"), Err(BadArguments::NoValue("--data-dir")));
        assert!(parse("--profile ../x").unwrap_err().to_string().contains("`../x`"));
    }

    #[test]
    fn help_and_version_are_told() {
        assert!(matches!(parse("--help"), Ok(Arguments::Tell(text)) if text.contains("--profile")));
        assert!(matches!(parse("-V"), Ok(Arguments::Tell(text)) if text.starts_with("countersign-desktop ")));
    }
}
