//! Where in the file a key stands, and which keys ask for a secret.

use toml::de::{DeTable, DeValue, Error};

/// A key with a value.
#[derive(Debug)]
pub(crate) struct Place {
    /// With its sections, as `http.idle_timeout`.
    pub(crate) key: String,
    /// Counted from 1.
    pub(crate) line: usize,
    start: usize,
    text: bool,
}

/// How the last part of a key ends that wants a secret as its value.
const SECRETS: &[&str] = &["password", "passphrase", "secret", "token", "api_key", "private_key"];

impl Place {
    /// Whether its value would be a secret.
    pub(crate) fn is_secret(&self) -> bool {
        let last = self.key.rsplit('.').next().unwrap_or(&self.key).to_ascii_lowercase().replace('-', "_");
        self.text
            && SECRETS
                .iter()
                .any(|name| last.strip_suffix(name).is_some_and(|rest| !rest.ends_with(char::is_alphanumeric)))
    }
}

/// Every key of the file, in the order of the text.
pub(crate) fn places(text: &str) -> Result<Vec<Place>, Error> {
    let mut found = Vec::new();
    collect(DeTable::parse(text)?.get_ref(), "", text, &mut found);
    found.sort_by_key(|place| place.start);
    Ok(found)
}

fn collect(table: &DeTable<'_>, section: &str, text: &str, found: &mut Vec<Place>) {
    for (name, value) in table {
        let key = format!("{section}{}", name.get_ref());
        let start = name.span().start;
        let plain = matches!(value.get_ref(), DeValue::String(_));
        found.push(Place { key: key.clone(), line: line(text, start), start, text: plain });
        match value.get_ref() {
            DeValue::Table(inner) => collect(inner, &format!("{key}."), text, found),
            DeValue::Array(items) => {
                for item in items {
                    if let DeValue::Table(inner) = item.get_ref() {
                        collect(inner, &format!("{key}."), text, found);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The key at or before an offset.
pub(crate) fn at(places: &[Place], offset: usize) -> Option<&Place> {
    places.iter().rev().find(|place| place.start <= offset)
}

/// The line of an offset, counted from 1.
pub(crate) fn line(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
