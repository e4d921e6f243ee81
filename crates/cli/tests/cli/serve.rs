//! `serve`: starting, founding, ending, and declining to start.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::plane::{EMAIL, PASSWORD};
use crate::run::{Ended, Run, finish, program, start};

/// A control plane as a process.
pub(crate) struct Served {
    pub(crate) url: String,
    run: Run,
}

impl Served {
    /// Starts one in an empty folder, founded, with samples.
    pub(crate) async fn found(home: &Path, listen: &str) -> Self {
        let mut command = serve(home, listen);
        command.args(["--samples", "--found-email", EMAIL, "--found-name", "Ada"]);
        let mut served = Self::of(command.env("COUNTERSIGN_FOUNDER_PASSWORD", PASSWORD)).await;
        served.run.told("has a token").await;
        served
    }

    /// Starts one again.
    pub(crate) async fn start(home: &Path, listen: &str) -> Self {
        Self::of(&mut serve(home, listen)).await
    }

    /// Starts one with these variables.
    pub(crate) async fn with(home: &Path, variables: &[(&str, &str)]) -> Self {
        Self::of(serve(home, "127.0.0.1:0").envs(variables.iter().copied())).await
    }

    async fn of(command: &mut Command) -> Self {
        let mut run = start(command);
        let line = run.told("the control plane listens").await;
        let json = serde_json::from_str::<serde_json::Value>(&line).ok();
        let words = || line.split_whitespace().find_map(|word| word.strip_prefix("issuer="));
        let url = json.as_ref().map_or_else(words, |line| line["issuer"].as_str()).unwrap();
        Self { url: url.trim_matches('"').to_owned(), run }
    }

    pub(crate) fn address(&self) -> String {
        self.url.strip_prefix("http://").unwrap().to_owned()
    }

    /// Ends it without a warning.
    pub(crate) async fn die(self) {
        self.run.signal(Signal::SIGKILL);
        assert_eq!(self.run.ended().await.code, None);
    }

    /// Asks it to end.
    pub(crate) async fn end(self) -> Ended {
        self.run.signal(Signal::SIGTERM);
        self.run.ended().await
    }
}

fn serve(home: &Path, listen: &str) -> Command {
    let mut command = program(home);
    command.args(["serve", "--listen", listen, "--state-dir"]).arg(home.join("state"));
    command
}

/// The program as the sample account of a served control plane.
pub(crate) fn runner(home: &Path, url: &str, pin: &str) -> Command {
    let mut command = program(home);
    command.env("COUNTERSIGN_URL", url).env("COUNTERSIGN_ROSTER_PIN", pin);
    command.env("COUNTERSIGN_TOKEN_FILE", home.join("state/sample-token"));
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_founded_once_and_ends_in_good_order() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::found(folder.path(), "127.0.0.1:0").await;
    let token = folder.path().join("state/sample-token");
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    let who = finish(runner(folder.path(), &served.url, "").env_remove("COUNTERSIGN_ROSTER_PIN").arg("whoami")).await;
    assert!(who.done().contains("service_account:billing-ci"));
    let ended = served.end().await;
    ended.done();
    assert!(!ended.err.contains(fs::read_to_string(&token).unwrap().trim()), "a secret is in the log");

    let mut again = serve(folder.path(), "127.0.0.1:0");
    again.args(["--found-email", "eve@example.com", "--found-name", "Eve"]);
    let mut run = start(again.env("COUNTERSIGN_FOUNDER_PASSWORD", "another long password"));
    run.told("founded already").await;
    run.signal(Signal::SIGINT);
    run.ended().await.done();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_founding_password_can_come_on_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = start(serve(folder.path(), "127.0.0.1:0").args(["--found-email", EMAIL, "--found-name", "Ada"]));
    run.told("listens").await;
    run.write(&format!("{PASSWORD}\n")).await;
    run.told("founded; sign in").await;
    run.signal(Signal::SIGTERM);
    run.ended().await.done();

    let other = tempfile::tempdir().unwrap();
    let found = ["--found-email", EMAIL, "--found-name", "Ada"];
    let short =
        finish(serve(other.path(), "127.0.0.1:0").args(found).env("COUNTERSIGN_FOUNDER_PASSWORD", "short")).await;
    short.refused(64, &["password: choose 12 to 256 characters"]);
    finish(serve(other.path(), "127.0.0.1:0").args(found)).await.refused(64, &["there is no password"]);
    finish(serve(other.path(), "127.0.0.1:0").arg("--samples")).await.refused(64, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_it_from_starting_is_told_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let served = Served::start(folder.path(), "127.0.0.1:0").await;
    let other = tempfile::tempdir().unwrap();
    let taken = finish(&mut serve(other.path(), &served.address())).await;
    taken.refused(75, &["cannot listen on 127.0.0.1", "is another control plane running there?"]);
    served.end().await.done();

    let damaged = other.path().join("damaged.db");
    fs::write(&damaged, "this is not a database, and it is longer than a header ".repeat(40)).unwrap();
    let mut start = serve(other.path(), "127.0.0.1:0");
    finish(start.arg(format!("--database=sqlite:{}", damaged.display()))).await.refused(74, &["damaged"]);
    let nowhere = other.path().join("damaged.db/below");
    let mut start = serve(other.path(), "127.0.0.1:0");
    finish(start.arg(format!("--database=sqlite:{}", nowhere.display()))).await.refused(74, &["cannot be opened"]);

    for (arguments, words) in [
        (["--database", "mysql://x"], "write `sqlite:PATH` or `postgres://USER@HOST/NAME`"),
        (["--public-url", "http://cs.example.com"], "unencrypted"),
        (["--listen", "nowhere"], "nowhere"),
    ] {
        let mut serve = program(other.path());
        serve.args(["serve", "--state-dir"]).arg(other.path().join("state")).args(arguments);
        finish(&mut serve).await.refused(64, &[words]);
    }
    for (address, words) in [
        ("postgres://ann:hunter2@127.0.0.1:1/x", "holds a password"),
        ("postgres://ann:hunter2/x@127.0.0.1:1/x", "holds a password"),
        ("postgres://ann:hunter2@127.0.0.1:1,127.0.0.1:2/x", "holds a password"),
        ("postgres://ann:hunter2@127.0.0.1:port/x", "is not usable"),
    ] {
        let mut secret = serve(other.path(), "127.0.0.1:0");
        let refused = finish(secret.args(["--database", address])).await;
        refused.refused(64, &[words, "COUNTERSIGN_DATABASE"]);
        assert!(!refused.err.contains("hunter2"), "{}", refused.err);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_come_from_the_file_then_the_environment_then_the_options() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    fs::write(&file, "listen = \"127.0.0.1:1\"\n[http]\nidle_timeout = \"7s\"\nmax_connections = 9\n").unwrap();
    let mut check = program(folder.path());
    check.args(["serve", "--check-config", "--state-dir=/nonexistent/state", "--config"]).arg(&file);
    check.env("COUNTERSIGN_HTTP_IDLE_TIMEOUT", "8s").env("COUNTERSIGN_LISTEN", "127.0.0.1:2");
    check.env("COUNTERSIGN_DATABASE", "postgres://ann:hunter2@db.test/x");
    let ended = finish(&mut check).await;
    let shown: toml::Table = ended.done().parse().unwrap();
    assert_eq!(shown["listen"].as_str(), Some("127.0.0.1:2"));
    assert_eq!(shown["http"]["idle_timeout"].as_str(), Some("8s"));
    assert_eq!(shown["http"]["max_connections"].as_integer(), Some(9));
    assert_eq!(shown["state_dir"].as_str(), Some("/nonexistent/state"));
    assert_eq!(shown["database"].as_str(), Some("postgres://db.test/x"));
    let option = finish(check.arg("--listen=127.0.0.1:3")).await;
    assert!(option.done().contains("listen = \"127.0.0.1:3\""));

    for (text, words) in [
        ("[http]\nidle = \"7s\"", "countersign.toml:2: `http.idle`: unknown field"),
        ("[tls]\ncert_file = \"x\"", "`tls.key_file`: a certificate without its key"),
        ("database_password = \"hunter2\"", "secrets do not belong in this file"),
        ("public_url = \"http://cs.example.com\"", "unencrypted"),
        ("[log]\nfilter = \"=,=\"", "`log.filter`"),
        ("[tls]\ncert_file = \"x\"\nkey_file = \"y\"", "cannot serve the certificate in `x`"),
    ] {
        fs::write(&file, text).unwrap();
        let refused = finish(serve(folder.path(), "127.0.0.1:0").arg("--config").arg(&file)).await;
        refused.refused(78, &[words]);
        assert!(!refused.err.contains("hunter2"));
    }
    finish(serve(folder.path(), "127.0.0.1:0").arg("--config=none.toml"))
        .await
        .refused(78, &["cannot read `none.toml`"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_certificate_a_hang_up_reads_it_again_and_ends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = start(&mut certified(folder.path()).0);
    assert!(run.told("the control plane listens").await.contains("https://127.0.0.1:"));
    run.signal(Signal::SIGHUP);
    run.told("the certificate was read again").await;
    run.signal(Signal::SIGTERM);
    run.ended().await.done();
}

/// One with a certificate of its own making, and that.
fn certified(home: &Path) -> (Command, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let (cert, key) = (home.join("tls.crt"), home.join("tls.key"));
    fs::write(&cert, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let mut command = serve(home, "127.0.0.1:0");
    command.arg("--tls-cert").arg(&cert).arg("--tls-key").arg(&key);
    (command, cert)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_certificate_is_trusted_where_it_is_named_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let (mut command, cert) = certified(folder.path());
    let served = Served::of(&mut command).await;
    assert!(served.url.starts_with("https://127.0.0.1:"), "{}", served.url);
    let status = || {
        let mut status = program(folder.path());
        status.args(["status", "--url", &served.url]);
        status
    };
    finish(&mut status()).await.refused(69, &["does not answer", "certificate", "hint: ", "--ca-cert"]);
    assert!(finish(status().arg("--ca-cert").arg(&cert)).await.done().contains(&served.url));
    assert!(finish(status().env("COUNTERSIGN_CA_CERT", &cert)).await.done().contains(&served.url));

    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let file = folder.path().join("other.crt");
    fs::write(&file, other.cert.pem()).unwrap();
    finish(status().arg("--ca-cert").arg(&file)).await.refused(69, &["certificate"]);
    finish(status().args(["--ca-cert", "none.crt"])).await.refused(74, &["`none.crt` cannot be used", "--ca-cert"]);
    fs::write(&file, "hello").unwrap();
    finish(status().arg("--ca-cert").arg(&file))
        .await
        .refused(78, &["other.crt` cannot be used: it holds no certificate"]);
    fs::write(&file, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    finish(status().arg("--ca-cert").arg(&file)).await.refused(78, &["a certificate in it cannot be used"]);
    served.end().await.done();
}
