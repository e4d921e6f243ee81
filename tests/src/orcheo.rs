//! The real Orcheo CLI against a real control plane, and a transcript of it that is the same in every run.
//!
//! Invariant: nothing stands between the CLI and the control plane, and what it prints is changed only where a value is
//! new in every run: a secret, an id that the server made, a time, the address. What can be in a table gets a name as wide
//! as it was, so that tables keep their shape. Spaces at line ends are dropped.

use std::collections::HashMap;
use std::path::Path;
use std::process::Output;
use std::sync::OnceLock;

use tempfile::TempDir;
use tokio::process::Command;

/// Wide enough for every line and table, so that nothing wraps.
const COLUMNS: &str = "160";
/// What the CLI prints of a time, and what stands for it.
const TIME: &str = "2006-01-02 15:04:05 UTC";
const NAMELESS_TIME: &str = "YYYY-MM-DD HH:MM:SS UTC";
/// The same for an id that the server made.
const ID: &str = "crd_00000000000000000000000000";
const NAMELESS_ID: &str = "crd_<id of the sample token>..";

/// A token that the CLI has shown.
#[derive(Debug)]
pub struct Shown {
    /// Its identifier.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

/// Somebody at a terminal with the CLI, a home of their own and no configuration but the address.
pub struct Orcheo {
    home: TempDir,
    address: String,
    names: Vec<(String, String)>,
    made: HashMap<&'static str, usize>,
    text: String,
}

impl Orcheo {
    /// One for the control plane at this address.
    ///
    /// # Panics
    /// If no folder can be made.
    #[must_use]
    pub fn at(address: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let mut it = Self { home, address: address.into(), names: vec![], made: HashMap::new(), text: String::new() };
        it.call(address, "http://countersign");
        it
    }

    /// Gives a value a name in the transcript.
    pub fn call(&mut self, value: &str, name: &str) {
        self.names.push((value.into(), name.into()));
        // Longer values first: an id may be a part of a secret.
        self.names.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }

    /// Says in the transcript what follows.
    pub fn note(&mut self, text: &str) {
        self.text.extend(["# ", text, "\n\n"]);
    }

    /// Goes on with what was typed and answered elsewhere.
    pub fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
    }

    /// Types `orcheo` and these words, with this service token, and tells of the token that was made, if one was.
    ///
    /// # Panics
    /// If the CLI cannot be installed or started.
    pub async fn run(&mut self, token: &str, words: &[&str]) -> Option<Shown> {
        let output = Command::new(program())
            .args(words)
            .env_clear()
            .envs([("HOME", self.home.path())])
            .envs([("ORCHEO_API_URL", &*self.address), ("ORCHEO_SERVICE_TOKEN", token)])
            .envs([("ORCHEO_DISABLE_UPDATE_CHECK", "1"), ("COLUMNS", COLUMNS), ("PYTHONUTF8", "1")])
            .output()
            .await
            .expect("the Orcheo CLI starts");
        let shown = self.learn(&String::from_utf8_lossy(&output.stdout), words);
        self.write(token, words, &output);
        shown
    }

    /// The same, with a command that makes a token.
    ///
    /// # Panics
    /// If it made none.
    pub async fn make(&mut self, token: &str, words: &[&str]) -> Shown {
        let made = self.run(token, words).await;
        made.unwrap_or_else(|| panic!("no token was made:\n{}", self.text))
    }

    fn learn(&mut self, stdout: &str, words: &[&str]) -> Option<Shown> {
        let after = |labels: [&str; 2]| {
            let found = stdout.lines().find_map(|line| labels.iter().find_map(|label| line.strip_prefix(label)));
            found.map(str::to_owned)
        };
        let shown = Shown { id: after(["ID: ", "New Token ID: "])?, secret: after(["Secret: ", "New Secret: "])? };
        if !words.contains(&&*shown.id) {
            let name = self.next("id");
            self.call(&shown.id, &format!("{name:.<width$}", width = shown.id.len()));
        }
        let name = self.next("secret");
        self.call(&shown.secret, &name);
        Some(shown)
    }

    fn next(&mut self, kind: &'static str) -> String {
        let number = self.made.entry(kind).or_default();
        *number += 1;
        format!("<{kind} {number}>")
    }

    fn write(&mut self, token: &str, words: &[&str], output: &Output) {
        let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
        let given = if token.is_empty() { String::new() } else { format!("ORCHEO_SERVICE_TOKEN={token} ") };
        let code = output.status.code().map_or("a signal".into(), |code| code.to_string());
        let stdout = String::from_utf8_lossy(&output.stdout);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let stderr = if stderr.is_empty() { String::new() } else { format!("stderr: {stderr}\n") };
        let mut text = format!("$ {given}orcheo {}\n{stdout}{stderr}exit: {code}\n\n", words.join(" "));
        for (value, name) in &self.names {
            text = text.replace(value, name);
        }
        for line in without_times_and_ids(&text).lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// Compares what was typed and answered with the file of that name, or writes it if `UPDATE_TRANSCRIPTS` is set.
    ///
    /// # Panics
    /// If they differ.
    pub fn holds_to(self, name: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/orcheo").join(format!("{name}.txt"));
        let text = format!("{}\n", self.text.trim_end());
        if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
            std::fs::write(&path, &text).expect("the transcript can be written");
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(text == golden, "not what `{}` says; if it should be, set UPDATE_TRANSCRIPTS:\n{text}", path.display());
    }
}

/// Where the CLI is. Installs it the first time.
fn program() -> &'static str {
    static PROGRAM: OnceLock<String> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/orcheo-cli.sh");
        let output = std::process::Command::new(script).output().expect("the script starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("a path in UTF-8").trim_end().to_owned()
    })
}

fn quoted(word: &str) -> String {
    if word.contains(' ') || word.is_empty() { format!("\"{word}\"") } else { word.into() }
}

fn without_times_and_ids(text: &str) -> String {
    without(&without(text, TIME, NAMELESS_TIME), ID, NAMELESS_ID)
}

/// The text with another one for whatever has the shape of `example`: digits and capitals may be any, the rest is as it is.
fn without(text: &str, example: &str, instead: &str) -> String {
    let any = |b: u8| b.is_ascii_digit() || b.is_ascii_uppercase();
    let alike = |(a, b): (u8, u8)| if b.is_ascii_digit() { any(a) } else { a == b };
    let is_one = |text: &str| text.len() == example.len() && text.bytes().zip(example.bytes()).all(alike);
    let mut rest = text;
    let mut out = String::new();
    while let Some(first) = rest.chars().next() {
        let found = rest.get(..example.len()).is_some_and(is_one);
        let (said, taken) =
            if found { (instead, example.len()) } else { (&rest[..first.len_utf8()], first.len_utf8()) };
        out.push_str(said);
        rest = &rest[taken..];
    }
    out
}
