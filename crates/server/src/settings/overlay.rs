//! Variables over the file. Each key has one: `COUNTERSIGN_` and the key in capitals, its dot an underscore.
//!
//! The keys are those of the configuration type itself, so a section that is added has its variables at once.

use serde_json::Value;

use crate::settings::{ConfigError, Configuration};

const PREFIX: &str = "COUNTERSIGN_";

/// A key of the configuration.
pub(crate) struct Key {
    pub(crate) path: String,
    default: Value,
}

/// Every key that holds a value, with its default.
pub(crate) fn keys() -> Vec<Key> {
    let mut keys = Vec::new();
    collect(serde_json::to_value(Configuration::default()).unwrap_or_default(), "", &mut keys);
    keys
}

fn collect(value: Value, path: &str, keys: &mut Vec<Key>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name } else { format!("{path}.{name}") };
                collect(value, &path, keys);
            }
        }
        default => keys.push(Key { path: path.to_owned(), default }),
    }
}

/// The variable of a key.
pub(crate) fn variable(path: &str) -> String {
    format!("{PREFIX}{}", path.to_ascii_uppercase().replace('.', "_"))
}

/// Lays the variables over what a file said.
pub(crate) fn environment(
    mut table: toml::Table,
    environment: impl IntoIterator<Item = (String, String)>,
) -> Result<Configuration, ConfigError> {
    let keys = keys();
    let sections: Vec<_> = keys.iter().filter_map(|key| key.path.split_once('.')).map(|(name, _)| name).collect();
    let mut given: Vec<_> = environment.into_iter().filter(|(name, _)| name.starts_with(PREFIX)).collect();
    given.sort();
    for (name, text) in given {
        if let Some(key) = keys.iter().find(|key| variable(&key.path) == name) {
            set(&mut table, &key.path, typed(&key.default, &text).map_err(|error| ConfigError::value(&name, error))?);
            parse(&table).map_err(|error| ConfigError::value(&name, error.message()))?;
        } else if let Some(section) =
            sections.iter().find(|section| name.starts_with(&format!("{}_", variable(section))))
        {
            let known = keys.iter().filter(|key| key.path.starts_with(&format!("{section}.")));
            let known: Vec<_> = known.map(|key| variable(&key.path)).collect();
            return Err(ConfigError::value(name, format!("there is no such setting; there are {}", known.join(", "))));
        }
    }
    parse(&table).map_err(|error| ConfigError::value("the configuration", error.message()))
}

fn parse(table: &toml::Table) -> Result<Configuration, toml::de::Error> {
    table.clone().try_into()
}

/// The text as a value of the default's type; lists are parted by commas.
fn typed(default: &Value, text: &str) -> Result<toml::Value, String> {
    match default {
        Value::Number(_) => text.trim().parse().map(toml::Value::Integer).map_err(|_| "write a whole number".into()),
        Value::Bool(_) => text.trim().parse().map(toml::Value::Boolean).map_err(|_| "write `true` or `false`".into()),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(toml::Value::Array(items.map(|item| toml::Value::String(item.to_owned())).collect()))
        }
        _ => Ok(toml::Value::String(text.to_owned())),
    }
}

fn set(table: &mut toml::Table, path: &str, value: toml::Value) {
    match path.split_once('.') {
        None => drop(table.insert(path.to_owned(), value)),
        Some((section, rest)) => {
            let inner = table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}
