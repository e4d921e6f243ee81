//! Writing a sealed key into a manifest, with all else in the file left as it stands, comments too.
//!
//! The result is read again before it is used: it differs from what was there in `spec.apiKey` and in nothing else.

use crate::manifest::{Manifest, parse};
use crate::yaml::Mistake;

/// The manifest with this text as `spec.apiKey`.
pub(crate) fn with_key(text: &str, sealed: &str) -> Result<String, Mistake> {
    let refuse =
        || Mistake::Whole("`apiKey` cannot be written into it; write `spec` as a block, one key a line".into());
    let lines: Vec<_> = text.split_inclusive('\n').map(parted).collect();
    let spec = lines.iter().position(|(line, _)| line.split('#').next().is_some_and(|code| code.trim_end() == "spec:"));
    let spec = spec.ok_or_else(refuse)?;
    let below = || lines.iter().enumerate().skip(spec + 1);
    let inside = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let (_, (first, _)) = below().find(|(_, (line, _))| inside(line)).ok_or_else(refuse)?;
    let indent = &first[..first.len() - first.trim_start().len()];
    let entry = format!("{indent}apiKey: \"{sealed}\"");
    let here = format!("{indent}apiKey:");
    let old = below().find(|(_, (line, _))| line.starts_with(&here)).map(|(place, _)| place);
    let mut written = String::with_capacity(text.len() + entry.len() + 2);
    for (place, (line, ending)) in lines.iter().enumerate() {
        written.push_str(if Some(place) == old { &entry } else { line });
        written.push_str(ending);
        if place == spec && old.is_none() {
            written.push_str(&entry);
            written.push_str(ending);
        }
    }
    let same = match (parse(text, None), parse(&written, None)) {
        (Ok(Manifest::Account(old)), Ok(Manifest::Account(mut new))) => {
            let holds = new.spec.api_key.as_deref() == Some(sealed);
            new.spec.api_key.clone_from(&old.spec.api_key);
            holds && format!("{new:?}") == format!("{old:?}")
        }
        _ => false,
    };
    if same { Ok(written) } else { Err(refuse()) }
}

/// A line and how it ends: a file from Windows keeps its endings.
fn parted(line: &str) -> (&str, &str) {
    let content = line.strip_suffix('\n').unwrap_or(line);
    let content = content.strip_suffix('\r').unwrap_or(content);
    line.split_at(content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "apiVersion: aether/v1\nkind: ServiceAccount\nmetadata: { name: ci }\n";

    const KEY: &str = "aes256gcm:v1:k";

    #[test]
    fn the_key_is_written_and_the_rest_stays() {
        for (before, after) in [
            (
                "spec: # what\n  # ours\n  scopes: [logs:read]\n",
                "spec: # what\n  apiKey: \"@\"\n  # ours\n  scopes: [logs:read]\n",
            ),
            ("spec:\n  scopes: []\n  apiKey: $AES # here\n", "spec:\n  scopes: []\n  apiKey: \"@\"\n"),
            ("spec:\n  scopes: []\n  apiKey: $AES", "spec:\n  scopes: []\n  apiKey: \"@\""),
            ("spec:\n  scopes: []", "spec:\n  apiKey: \"@\"\n  scopes: []"),
        ] {
            for ending in ["\n", "\r\n"] {
                let (before, after) = (format!("{HEAD}{before}"), format!("{HEAD}{after}").replace('@', KEY));
                let written = with_key(&before.replace('\n', ending), KEY);
                assert_eq!(written.unwrap(), after.replace('\n', ending));
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_edited_safely_is_left_alone() {
        for spec in
            ["spec: { scopes: [] }\n", "spec:\n  scopes: []\n  apiKey:\n    $AES\n", "spec:\n  { scopes: [] }\n"]
        {
            assert!(with_key(&format!("{HEAD}{spec}"), KEY).is_err(), "{spec}");
        }
    }
}
