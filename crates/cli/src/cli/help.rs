//! The help of every command: an example that works, and a sentence for every argument. And the pages made from it.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command as Process;

use clap::{Command, CommandFactory as _, Parser as _};

use super::Cli;

const MANUAL: &str = include_str!("../../../../docs/CLI.md");

/// Every command with its whole name, groups too.
fn all() -> Vec<(String, Command)> {
    fn below(name: &str, command: &Command, all: &mut Vec<(String, Command)>) {
        all.push((name.to_owned(), command.clone()));
        for inner in command.get_subcommands() {
            below(&format!("{name} {}", inner.get_name()), inner, all);
        }
    }
    let mut found = Vec::new();
    below("countersign", &Cli::command(), &mut found);
    found
}

/// Words as a shell parts them, as far as examples need it.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_command_says_what_it_does_and_has_an_example_that_can_be_typed() {
    for (name, command) in all() {
        assert!(command.get_about().is_some(), "`{name}` does not say what it does");
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let long = command.get_after_long_help().map_or_else(|| help.clone(), ToString::to_string);
        let examples: Vec<_> = help.lines().filter(|line| line.starts_with(&format!("  {name}"))).collect();
        assert!(!examples.is_empty(), "the `after_help` of `{name}` has no line that begins with `  {name}`");
        for example in examples {
            assert!(long.contains(example), "`{name} --help` hides the example of `-h`");
            let typed = example.split(['<', '>']).next().unwrap();
            let parsed = Cli::try_parse_from(words(typed));
            assert!(parsed.is_ok(), "`{typed}`: {}", parsed.unwrap_err());
        }
    }
}

#[test]
fn every_argument_that_is_shown_has_a_sentence() {
    for (name, command) in all() {
        for argument in command.get_arguments().filter(|argument| !argument.is_hide_set()) {
            assert!(argument.get_help().is_some(), "`{name}`: `{}` has no help", argument.get_id());
        }
    }
}

#[test]
fn the_page_in_docs_names_every_command() {
    let groups: BTreeSet<_> = all().into_iter().filter(|(_, command)| command.has_subcommands()).map(|c| c.0).collect();
    for (name, _) in all().into_iter().filter(|(name, _)| !groups.contains(name)) {
        assert!(MANUAL.contains(&format!("\n{name}")), "docs/CLI.md has no example line of `{name}`");
    }
}

#[test]
fn every_command_has_a_page_of_the_manual() {
    let folder = tempfile::tempdir().unwrap();
    clap_mangen::generate_to(Cli::command(), folder.path()).unwrap();
    let pages = std::fs::read_dir(folder.path()).unwrap();
    let pages: BTreeSet<_> = pages.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    let wanted: BTreeSet<_> = all().into_iter().map(|(name, _)| format!("{}.1", name.replace(' ', "-"))).collect();
    assert_eq!(pages, wanted);
}

#[test]
fn the_completions_of_bash_are_a_script_that_bash_reads() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("countersign.bash");
    let mut text = Vec::new();
    clap_complete::generate(clap_complete::Shell::Bash, &mut Cli::command(), "countersign", &mut text);
    std::fs::write(&script, text).unwrap();
    let bash = |arguments: &[&Path]| Process::new("bash").args(arguments).status().unwrap().success();
    assert!(bash(&[Path::new("-n"), &script]));
    let sourced = format!("set -eu; source '{}'; complete -p countersign", script.display());
    assert!(bash(&[Path::new("--norc"), Path::new("-c"), Path::new(&sourced)]));
}
