//! `[[plugins]]`: programs that are asked after policy. Only who writes this file decides what runs; nothing that is set
//! over the API does.

use std::collections::{BTreeMap, BTreeSet};

use control::PluginConfig;
use domain::account::AccountName;
use serde::{Deserialize, Serialize};

use crate::settings::{ConfigError, Environment, Period};

/// The most plugins.
const MOST: usize = 16;
/// The longest that one may take, in seconds.
const LONGEST: u64 = 60;
/// Where programs are looked for if the process has no `PATH`.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// One `[[plugins]]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plugin {
    /// What it is called in reasons and in the audit trail.
    pub name: String,
    /// The program, by its whole path or found on `PATH`, and its arguments. No shell reads them.
    pub command: Vec<String>,
    /// The actions that it is asked about; all, if there are none.
    #[serde(default)]
    pub actions: Vec<String>,
    /// The environments that it is asked about; all, if there are none.
    #[serde(default)]
    pub envs: Vec<String>,
    /// The variables of the control plane that it is given besides `PATH`, by name.
    #[serde(default)]
    pub environment: Vec<String>,
    /// How long it may take, in milliseconds.
    #[serde(default = "default_timeout")]
    pub timeout_ms: u32,
    /// How many of it may run at once.
    #[serde(default = "default_concurrent")]
    pub max_concurrent: u32,
}

const fn default_timeout() -> u32 {
    2_000
}

const fn default_concurrent() -> u32 {
    4
}

/// What the use cases are told of them.
pub(crate) fn configs(plugins: &[Plugin], environment: &Environment) -> Result<Vec<PluginConfig>, ConfigError> {
    if plugins.len() > MOST {
        return Err(ConfigError::value("`plugins`", format!("at most {MOST}")));
    }
    if !plugins.is_empty() && !cfg!(unix) {
        return Err(ConfigError::value("`plugins`", "plugins run on Unix alone"));
    }
    let mut names = BTreeSet::new();
    plugins
        .iter()
        .map(|plugin| {
            if !names.insert(&plugin.name) {
                return Err(ConfigError::value("`plugins.name`", format!("there are two called `{}`", plugin.name)));
            }
            plugin.config(environment)
        })
        .collect()
}

impl Plugin {
    fn config(&self, environment: &Environment) -> Result<PluginConfig, ConfigError> {
        let name: String = self.name.chars().take(63).collect();
        let wrong = |key: &str, problem: &str| Err(ConfigError::value(format!("`plugins.{key}` of `{name}`"), problem));
        if self.name.parse::<AccountName>().is_err() {
            return wrong("name", "use 1 to 63 lower-case letters, digits and inner hyphens");
        }
        match self.command.first() {
            Some(program) if program.starts_with('/') || (!program.is_empty() && !program.contains('/')) => {}
            _ => return wrong("command", "name the program by its whole path, or one on `PATH`, then its arguments"),
        }
        let timeout = Period::millis(self.timeout_ms.into()).duration();
        if timeout.is_zero()
            || timeout.as_secs() > LONGEST
            || (timeout.as_secs() == LONGEST && timeout.subsec_nanos() > 0)
        {
            return wrong("timeout_ms", &format!("1 to {}", LONGEST * 1000));
        }
        if !(1..=64).contains(&self.max_concurrent) {
            return wrong("max_concurrent", "1 to 64");
        }
        let mut variables =
            BTreeMap::from([("PATH".to_owned(), environment.get("PATH").unwrap_or_else(|| PATH.into()))]);
        for variable in &self.environment {
            match environment.get(variable) {
                Some(value) => drop(variables.insert(variable.clone(), value)),
                None => return wrong("environment", &format!("the variable `{variable}` is not set")),
            }
        }
        Ok(PluginConfig {
            name: self.name.clone(),
            command: self.command.clone(),
            actions: self.actions.clone(),
            envs: self.envs.clone(),
            environment: variables,
            timeout,
            max_concurrent: self.max_concurrent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<PluginConfig>, ConfigError> {
        let text = format!("[[plugins]]\n{text}");
        let table: toml::Table = text.parse().unwrap();
        let plugins: Vec<Plugin> = table["plugins"].clone().try_into().unwrap();
        let environment = Environment::of([("PATH".into(), "/bin".into()), ("TEAM_FILE".into(), "/etc/teams".into())]);
        configs(&plugins, &environment)
    }

    #[test]
    fn a_plugin_has_path_and_what_is_named_and_nothing_else() {
        let told = read("name = \"roles\"\ncommand = [\"python3\", \"/p.py\"]\nenvironment = [\"TEAM_FILE\"]").unwrap();
        assert_eq!(told[0].environment.keys().collect::<Vec<_>>(), ["PATH", "TEAM_FILE"]);
        assert_eq!((told[0].timeout.as_millis(), told[0].max_concurrent), (2_000, 4));
    }

    #[test]
    fn what_cannot_be_used_is_told_by_its_key() {
        for (text, key) in [
            ("name = \"A b\"\ncommand = [\"true\"]", "plugins.name"),
            ("name = \"a\"\ncommand = []", "plugins.command"),
            ("name = \"a\"\ncommand = [\"./a.py\"]", "plugins.command"),
            ("name = \"a\"\ncommand = [\"true\"]\ntimeout_ms = 0", "plugins.timeout_ms"),
            ("name = \"a\"\ncommand = [\"true\"]\ntimeout_ms = 60001", "plugins.timeout_ms"),
            ("name = \"a\"\ncommand = [\"true\"]\nmax_concurrent = 0", "plugins.max_concurrent"),
            ("name = \"a\"\ncommand = [\"true\"]\nenvironment = [\"NOT_SET\"]", "plugins.environment"),
            ("name = \"a\"\ncommand = [\"true\"]\n[[plugins]]\nname = \"a\"\ncommand = [\"true\"]", "plugins.name"),
        ] {
            let told = read(text).unwrap_err().to_string();
            assert!(told.contains(key), "{text}: {told}");
        }
    }
}
