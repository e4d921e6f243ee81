//! Writing a sealed key into a manifest, with all else in the file left as it stands, comments too.
//!
//! The result is read again before it is used: it differs from what was there in `spec.apiKey` and in nothing else.

use crate::manifest::{BadManifest, Manifest, parse};

/// The manifest with this text as `spec.apiKey`.
pub(crate) fn with_key(text: &str, sealed: &str) -> Result<String, BadManifest> {
    let refuse =
        || BadManifest::Whole("`apiKey` cannot be written into it; write `spec` as a block, one key a line".into());
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let spec = lines.iter().position(|line| line.split('#').next().is_some_and(|code| code.trim_end() == "spec:"));
    let spec = spec.ok_or_else(refuse)?;
    let inside = |line: &&String| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let first = lines.iter().skip(spec + 1).find(inside).ok_or_else(refuse)?;
    let indent = first[..first.len() - first.trim_start().len()].to_owned();
    let entry = format!("{indent}apiKey: \"{sealed}\"");
    let here = format!("{indent}apiKey:");
    match lines.iter().skip(spec + 1).position(|line| line.starts_with(&here)) {
        Some(at) => lines[spec + 1 + at] = entry,
        None => lines.insert(spec + 1, entry),
    }
    let written = lines.join("\n") + "\n";
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "apiVersion: aether/v1\nkind: ServiceAccount\nmetadata: { name: ci }\n";

    #[test]
    fn the_key_is_written_and_the_rest_stays() {
        for (before, after) in [
            (
                "spec: # what\n  # ours\n  scopes: [logs:read]\n",
                "spec: # what\n  apiKey: \"k\"\n  # ours\n  scopes: [logs:read]\n",
            ),
            ("spec:\n  scopes: []\n  apiKey: $AES # here\n", "spec:\n  scopes: []\n  apiKey: \"k\"\n"),
        ] {
            assert_eq!(with_key(&format!("{HEAD}{before}"), "k").unwrap(), format!("{HEAD}{after}"));
        }
    }

    #[test]
    fn a_file_that_cannot_be_edited_safely_is_left_alone() {
        for spec in
            ["spec: { scopes: [] }\n", "spec:\n  scopes: []\n  apiKey:\n    $AES\n", "spec:\n  { scopes: [] }\n"]
        {
            assert!(with_key(&format!("{HEAD}{spec}"), "k").is_err(), "{spec}");
        }
    }
}
