//! Validation plugins: programs of the operator that are asked after policy, and can only make its answer stricter.
//!
//! Invariants: what a plugin says never loosens an answer, and one that fails, floods or does not end denies. They are
//! asked before a write begins and never inside one, so that a slow program holds nobody's write up; the write then checks
//! that it was the same question. Deliberately absent: a shell, and any word of theirs when policy denies already.

mod combine;
mod permits;
mod running;
mod said;

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use domain::outcome::{Outcome, Reason};
use policy::{Answer, Ground, Question};
use serde_json::{Value, json};

use crate::Error;
use crate::plugins::permits::Permits;
use crate::plugins::said::Said;

/// The most bytes that a plugin may answer.
pub const MOST_OUTPUT: usize = 64 << 10;

/// A program that is asked, as the settings have it.
#[derive(Clone, PartialEq, Eq)]
pub struct PluginConfig {
    /// What it is called in reasons and entries.
    pub name: String,
    /// The program, by its whole path or found on `PATH`, and its arguments.
    pub command: Vec<String>,
    /// The actions that it is asked about; all, if empty.
    pub actions: Vec<String>,
    /// The environments that it is asked about; all, if empty.
    pub envs: Vec<String>,
    /// The variables that it has, `PATH` among them; no others.
    pub environment: BTreeMap<String, String>,
    /// How long it may take.
    pub timeout: Duration,
    /// How many of it may run at once.
    pub max_concurrent: u32,
}

impl fmt::Debug for PluginConfig {
    /// Without the values of its variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let variables: Vec<_> = self.environment.keys().collect();
        f.debug_struct("PluginConfig")
            .field("name", &self.name)
            .field("environment", &variables)
            .finish_non_exhaustive()
    }
}

/// How often they are asked again because policy or the ticket moved meanwhile.
pub(crate) const ROUNDS: u32 = 3;

/// At which step a plugin is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// A decision is asked for.
    Decision,
    /// A ticket is opened.
    Ticket,
    /// An approved ticket is spent.
    Consumption,
}

impl Stage {
    const fn name(self) -> &'static str {
        match self {
            Self::Decision => "decision",
            Self::Ticket => "ticket",
            Self::Consumption => "consumption",
        }
    }
}

/// The plugins of a control plane, in the order in which they are asked.
#[derive(Default)]
pub(crate) struct Plugins(Vec<Plugin>);

struct Plugin {
    config: PluginConfig,
    permits: Permits,
}

/// What plugins said to a question and the answer of policy to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    about: Option<Box<(Question, Answer)>>,
    opinions: Vec<Opinion>,
}

/// What one plugin said.
#[derive(Clone, Debug)]
struct Opinion {
    plugin: String,
    took_ms: u32,
    said: Result<Said, String>,
}

impl Plugins {
    pub(crate) fn of(configs: &[PluginConfig]) -> Self {
        let plugin =
            |config: &PluginConfig| Plugin { config: config.clone(), permits: Permits::of(config.max_concurrent) };
        Self(configs.iter().map(plugin).collect())
    }

    fn about<'a>(&'a self, question: &'a Question) -> impl Iterator<Item = &'a Plugin> {
        let covers = |names: &[String], name: &String| names.is_empty() || names.contains(name);
        self.0.iter().filter(move |plugin| {
            covers(&plugin.config.actions, &question.action) && covers(&plugin.config.envs, &question.env)
        })
    }

    /// Whether any is asked about such a question.
    pub(crate) fn concern(&self, question: &Question) -> bool {
        self.about(question).next().is_some()
    }

    /// The plugins that are asked about such a question.
    pub(crate) fn names(&self, question: &Question) -> Vec<String> {
        self.about(question).map(|plugin| plugin.config.name.clone()).collect()
    }

    /// Asks those that are about this question, in their order, until one denies. Takes as long as they do.
    pub(crate) fn hear(&self, stage: Stage, question: &Question, answer: &Answer) -> Heard {
        let mut asked = self.about(question).peekable();
        if answer.outcome == Outcome::Deny || asked.peek().is_none() {
            return Heard::default();
        }
        let mut opinions = Vec::new();
        for plugin in asked {
            let opinion = plugin.ask(stage, question, answer);
            let denies = opinion.denies();
            opinions.push(opinion);
            if denies {
                break;
            }
        }
        Heard { about: Some(Box::new((question.clone(), answer.clone()))), opinions }
    }
}

impl Plugin {
    fn ask(&self, stage: Stage, question: &Question, answer: &Answer) -> Opinion {
        let began = Instant::now();
        let said = self.run(stage, question, answer);
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        if let Err(problem) = &said {
            tracing::warn!(plugin = self.config.name, took_ms, problem, "a plugin failed, which denies");
        }
        Opinion { plugin: self.config.name.clone(), took_ms, said }
    }

    fn run(&self, stage: Stage, question: &Question, answer: &Answer) -> Result<Said, String> {
        let _permit = self.permits.wait(self.config.timeout).ok_or("too many of it run already")?;
        let told = json!({
            "version": 1,
            "stage": stage.name(),
            "question": question,
            "answer": {
                "outcome": answer.outcome,
                "ground": answer.ground,
                "reasons": answer.reasons,
                "requirement": answer.requirement,
            },
        });
        let ended = running::run(&self.config, told.to_string().as_bytes());
        if !ended.noise.is_empty() {
            tracing::info!(plugin = self.config.name, stderr = ended.noise, "a plugin wrote to its error stream");
        }
        Said::read(&ended.output?)
    }
}

impl Opinion {
    fn denies(&self) -> bool {
        self.said.as_ref().map_or(true, |said| said.outcome == Some(Outcome::Deny))
    }

    fn reason(&self) -> Reason {
        let name = &self.plugin;
        let sentence = match &self.said {
            Err(problem) => format!("`{name}` could not say that it has nothing against it: {problem}"),
            Ok(Said { reason: Some(reason), .. }) => reason.clone(),
            Ok(said) if said.outcome == Some(Outcome::Deny) => format!("`{name}` denies it"),
            Ok(_) => format!("`{name}` requires an approval"),
        };
        Reason { policy: format!("plugin:{name}"), title: name.clone(), sentence }
    }

    const fn ground(&self) -> Ground {
        if self.said.is_err() { Ground::PluginFailed } else { Ground::PluginDenied }
    }
}

impl Heard {
    /// Whether what was heard is about this question with this answer, or nobody had to be heard.
    pub(crate) fn covers(&self, plugins: &Plugins, question: &Question, answer: &Answer) -> bool {
        match self.about.as_deref() {
            Some((asked, answered)) => asked == question && answered == answer,
            None => answer.outcome == Outcome::Deny || !plugins.concern(question),
        }
    }

    /// The answer with what they said, and what the entry records of it; nothing, if nobody was heard.
    pub(crate) fn applied_to(&self, question: &Question, answer: &Answer) -> (Answer, Option<Value>) {
        if self.opinions.is_empty() {
            return (answer.clone(), None);
        }
        let mut stricter = answer.clone();
        let mut records = Vec::new();
        for opinion in &self.opinions {
            let effect = combine::apply(&mut stricter, opinion, question.approval.as_ref());
            records.push(json!({
                "plugin": opinion.plugin,
                "took_ms": opinion.took_ms,
                "said": opinion.said.as_ref().ok(),
                "problem": opinion.said.as_ref().err(),
                "effect": effect.name(),
            }));
        }
        (stricter, Some(Value::Array(records)))
    }
}

/// Policy moved while plugins were asked, each time.
pub(crate) fn moved() -> Error {
    let help = "policy or the ticket was changed each time while validation plugins were asked; ask again";
    Error::Conflict(help.to_owned())
}
