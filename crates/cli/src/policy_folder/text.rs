//! Files joined to one text, and the way back from a line of it.

use std::path::{Path, PathBuf};

/// One or more files as one text.
#[derive(Debug)]
pub(crate) struct Text {
    whole: String,
    /// Each file with the number of lines before it.
    parts: Vec<(PathBuf, u32)>,
}

impl Text {
    /// Joins files in this order. Each ends with a line break, so that none runs into the next.
    pub(super) fn join(files: Vec<(PathBuf, String)>) -> Self {
        let (mut whole, mut parts) = (String::new(), Vec::new());
        let (mut before, only) = (0, files.len() == 1);
        for (file, text) in files {
            parts.push((file, before));
            whole.push_str(&text);
            if !only && !text.ends_with('\n') {
                whole.push('\n');
            }
            before = u32::try_from(whole.matches('\n').count()).unwrap_or(u32::MAX);
        }
        Self { whole, parts }
    }

    pub(crate) fn whole(&self) -> &str {
        &self.whole
    }

    /// The file that a line of the whole is in, and which line of the file it is, from 1.
    pub(crate) fn place(&self, line: u32) -> (&Path, u32) {
        let part = self.parts.iter().rev().find(|(_, before)| *before < line).or(self.parts.first());
        part.map_or((Path::new(""), line), |(file, before)| (file, line.saturating_sub(*before)))
    }

    /// The files with their own texts.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&Path, String)> {
        let lines: Vec<_> = self.whole.split_inclusive('\n').collect();
        self.parts.iter().enumerate().map(move |(index, (file, before))| {
            let start = (*before as usize).min(lines.len());
            let end = self.parts.get(index + 1).map_or(lines.len(), |(_, next)| *next as usize).min(lines.len());
            (file.as_path(), lines[start..end].concat())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_leads_back_to_its_file() {
        let files = [("a", "1\n2"), ("empty", ""), ("b", "1\n2\n"), ("c", "1")];
        let text = Text::join(files.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect());
        assert_eq!(text.whole(), "1\n2\n\n1\n2\n1\n");
        let places: Vec<_> =
            (1..=6).map(|line| text.place(line)).map(|(file, line)| (file.to_str().unwrap(), line)).collect();
        assert_eq!(places, [("a", 1), ("a", 2), ("empty", 1), ("b", 1), ("b", 2), ("c", 1)]);
        assert_eq!(text.place(99), (Path::new("c"), 94), "beyond the end is the last file");
        let back: Vec<_> = text.files().map(|(_, text)| text).collect();
        assert_eq!(back, ["1\n2\n", "\n", "1\n2\n", "1\n"]);
    }

    #[test]
    fn one_file_alone_is_kept_to_the_byte() {
        assert_eq!(Text::join(vec![("a".into(), "permit;".into())]).whole(), "permit;");
    }
}
