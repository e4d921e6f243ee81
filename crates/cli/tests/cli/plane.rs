//! A real control plane on SQLite in a folder of its own, its founding administrator, and a runner beside it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use client::{Address, Api};
use contract::approvals::Ticket;
use domain::Clock as _;
use domain::ambient::{OsEntropy, SystemClock};
use domain::id::TicketId;
use domain::key::ReviewKey;
use domain::review::{Review, Verdict};
use domain::roster::{Chain, Roster, RosterKey, SignedRoster};
use server::{DatabaseUrl, Founder, Password, Running, Settings};
use tempfile::TempDir;
use tokio::process::Command;

use crate::run::{Run, program, start};

pub(crate) const EMAIL: &str = "ada@example.com";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "http://127.0.0.1:4711/callback";

/// A control plane in this process, founded, with samples, with its administrator's key on the roster.
pub(crate) struct Plane {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) ada: Approver,
    running: Option<Running>,
    folder: TempDir,
}

impl Plane {
    pub(crate) async fn start() -> Self {
        Self::at(None).await
    }

    /// The same, but clients reach it at another address, by a road that leads to where it listens.
    pub(crate) async fn behind(address: SocketAddr, road: &Mutex<Option<SocketAddr>>) -> Self {
        Self::at(Some((address, road))).await
    }

    async fn at(behind: Option<(SocketAddr, &Mutex<Option<SocketAddr>>)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let state_dir = folder.path().join("state");
        fs::create_dir_all(&state_dir).unwrap();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut settings = Settings::new(listen, DatabaseUrl::file(state_dir.join("countersign.db")), state_dir);
        settings.public_url = behind.map(|(address, _)| format!("http://{address}"));
        let running = server::start(settings).await.unwrap();
        if let Some((_, road)) = behind {
            *road.lock().unwrap() = Some(running.address);
        }
        let control = running.control.clone();
        let founded = tokio::task::spawn_blocking(move || {
            let founder = Founder { name: "Ada".into(), email: EMAIL.into() };
            control.found(&founder, &Password::new(PASSWORD.into()), true).unwrap();
            control.sample_token().unwrap().0.reveal().to_owned()
        });
        let token = founded.await.unwrap();
        let url = running.issuer.clone();
        let ada = Approver::found_roster(&url).await;
        Self { url, token, ada, running: Some(running), folder }
    }

    /// Stops it; only what is offline works from now on.
    pub(crate) async fn stop(&mut self) {
        self.running.take().unwrap().stop().await;
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.home().join("config")
    }

    /// The program as the sample account, with the roster pinned by the environment.
    pub(crate) fn runner(&self) -> Command {
        let mut command = self.unpinned();
        command.env("COUNTERSIGN_ROSTER_PIN", &self.ada.pin);
        command
    }

    /// The same with nothing pinned.
    pub(crate) fn unpinned(&self) -> Command {
        let mut command = program(self.home());
        command.env("COUNTERSIGN_URL", &self.url).env("COUNTERSIGN_TOKEN", &self.token);
        command.env("COUNTERSIGN_CONFIG_DIR", self.config());
        command
    }

    /// The program as the administrator.
    pub(crate) fn admin(&self) -> Command {
        let mut command = self.unpinned();
        command.env("COUNTERSIGN_TOKEN", &self.ada.token);
        command
    }

    /// `exec` in production, to the two hyphens.
    pub(crate) fn exec(&self) -> Command {
        let mut command = self.runner();
        command.args(["exec", "--env", "prod", "--action", "pipelines:execute"]);
        command.args(["--resource", "pipeline:billing/nightly"]);
        command
    }

    /// Starts `exec` on a script in the home folder, and waits until its ticket waits.
    pub(crate) async fn waiting(&self, command: &mut Command) -> (Run, TicketId) {
        let mut run = start(command);
        let line = run.told(" waits for ").await;
        (run, id_in(&line))
    }

    /// Puts an executable script into the home folder.
    pub(crate) fn script(&self, name: &str, body: &str) -> PathBuf {
        script(&self.home().join(name), body)
    }

    /// Whether a script has left its mark there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.home().join(name).exists()
    }
}

pub(crate) fn script(path: &Path, body: &str) -> PathBuf {
    // Moved into place: a file that is still open for writing somewhere cannot be executed.
    let fresh = path.with_extension("new");
    fs::write(&fresh, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(&fresh, path).unwrap();
    path.to_owned()
}

/// The ticket that a line names.
pub(crate) fn id_in(line: &str) -> TicketId {
    let word = line.split_whitespace().find(|word| word.starts_with("tkt_")).unwrap();
    word.parse().unwrap()
}

/// A person with a key on the roster.
pub(crate) struct Approver {
    pub(crate) api: Api,
    pub(crate) token: String,
    pub(crate) pin: String,
    key: ReviewKey,
}

impl Approver {
    /// The founding administrator, signed in, with a key that founds the roster.
    pub(crate) async fn found_roster(url: &str) -> Self {
        let token = sign_in(url, EMAIL, PASSWORD).await;
        let address: Address = url.parse().unwrap();
        let api = Api::new(address).unwrap().with_service_token(token.clone());
        let who = api.who_am_i().await.unwrap();
        let key = ReviewKey::generate(&OsEntropy);
        let entry = RosterKey {
            key: key.public(),
            owner: who.principal.user().unwrap(),
            name: who.name,
            device: "desk".into(),
            groups: who.teams,
        };
        let roster = Roster { version: 1, previous: None, issued_at: SystemClock.now(), quorum: 1, keys: vec![entry] };
        api.publish_roster(&SignedRoster::unsigned(&roster).sign(&key)).await.unwrap();
        let pin = Chain::verify(&api.roster().await.unwrap().versions).unwrap().pin();
        Self { api, token, pin: format!("{}:{}", pin.version, pin.digest), key }
    }

    pub(crate) async fn approve(&self, id: TicketId) -> Ticket {
        self.review(id, Verdict::Approve, None).await
    }

    pub(crate) async fn deny(&self, id: TicketId, reason: &str) -> Ticket {
        self.review(id, Verdict::Deny, Some(reason)).await
    }

    async fn review(&self, id: TicketId, verdict: Verdict, reason: Option<&str>) -> Ticket {
        let ticket = self.api.ticket(id).await.unwrap();
        let now = SystemClock.now();
        let review = Review {
            ticket: id,
            binding_digest: ticket.binding.digests().binding_digest,
            verdict,
            approver: self.api.who_am_i().await.unwrap().principal.user().unwrap(),
            roster_version: 1,
            policy_set: ticket.policy_set,
            quorum: ticket.requirement.quorum,
            groups: ticket.requirement.groups.clone(),
            reason: reason.map(str::to_owned),
            nonce: ticket.binding.nonce.clone(),
            iat: now.seconds(),
            exp: now.plus(7200).seconds(),
        };
        self.api.cast_review(id, review.sign(&self.key)).await.unwrap()
    }
}

/// An access token of a person: the form filled in, the code exchanged.
pub(crate) async fn sign_in(url: &str, email: &str, password: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = [
        ("response_type", "code"),
        ("client_id", "countersign-console"),
        ("redirect_uri", CALLBACK),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("state", "12345678"),
        ("email", email),
        ("password", password),
    ];
    let answer = http.post(format!("{url}/api/v1/oauth/authorize")).form(&form).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().parse::<reqwest::Url>().unwrap();
    let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "countersign-console"),
        ("redirect_uri", CALLBACK),
        ("code", &code),
        ("code_verifier", VERIFIER),
    ];
    let answer = http.post(format!("{url}/api/v1/oauth/token")).form(&form).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}
