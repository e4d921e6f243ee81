//! A real control plane on a database and in a folder of its own, and people and programs that use it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use client::trust::TrustStore;
use client::{Address, Api, ClientError, Credentials, Session, Vault, witness};
use contract::access::CreateUser;
use contract::approvals::Ticket;
use contract::credentials::CreateServiceToken;
use contract::roster::Enrol;
use domain::ambient::{OsEntropy, SystemClock};
use domain::key::ReviewKey;
use domain::review::{Review, Verdict};
use domain::roster::{Chain, EnrolmentProof, Roster, RosterKey, SignedRoster};
use domain::{Clock as _, Instant};
use server::{DatabaseUrl, Founder, Password, Running, Settings};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// Which database a control plane has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file.
    Sqlite,
    /// A database on the PostgreSQL of this test process.
    Postgres,
}

/// A founded control plane with samples.
pub struct Plane {
    /// The running server.
    pub running: Running,
    settings: Settings,
    folder: PathBuf,
    _temporary: Option<tempfile::TempDir>,
    sample_token: String,
}

impl Plane {
    /// Starts and founds one in a temporary folder.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start() -> Self {
        Self::start_told(|_| ()).await
    }

    /// The same, told something else than usual.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_told(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut settings = Self::settings(folder.path());
        change(&mut settings);
        let plane = Self::start_with(settings).await;
        Self { _temporary: Some(folder), ..plane }
    }

    /// Starts and founds one on this engine.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn on(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => Self::start().await,
            Engine::Postgres => Self::at(store::testing::postgres().url().clone()).await,
        }
    }

    /// Starts and founds one on this database, with a state folder of its own.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn at(database: DatabaseUrl) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let plane = Self::start_with(Settings { database, ..Self::settings(folder.path()) }).await;
        Self { _temporary: Some(folder), ..plane }
    }

    /// Starts another one on the same database, with the same settings and a copy of the ledger's key.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn replica(&self) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let settings = self.replica_settings(folder.path());
        let running = server::start(settings.clone()).await.expect("the replica starts");
        let (state, sample_token) = (folder.path().to_owned(), self.sample_token.clone());
        Self { running, settings, folder: state, _temporary: Some(folder), sample_token }
    }

    /// What a replica is told whose state folder is this one, into which the ledger's key is copied.
    ///
    /// # Panics
    /// If the key cannot be copied.
    #[must_use]
    pub fn replica_settings(&self, folder: &Path) -> Settings {
        for file in ["ledger.key", "ledger.origin", "webhooks.key"] {
            std::fs::copy(self.folder.join(file), folder.join(file)).expect("the key is there");
        }
        Settings { state_dir: folder.to_owned(), ..self.settings.clone() }
    }

    /// Starts and founds one with its data in a folder.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_in(folder: &Path) -> Self {
        Self::start_with(Self::settings(folder)).await
    }

    /// What one is told that has its data in a folder. Failed attempts are not limited.
    #[must_use]
    pub fn settings(folder: &Path) -> Settings {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut settings = Settings::new(listen, DatabaseUrl::file(folder.join("countersign.db")), folder.to_owned());
        settings.auth.address_limit.failures = 0;
        settings.auth.identity_limit.failures = 0;
        settings
    }

    /// Starts and founds one.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start_with(settings: Settings) -> Self {
        let folder = settings.state_dir.clone();
        let running = server::start(settings.clone()).await.expect("the control plane starts");
        let control = running.control.clone();
        let founded = tokio::task::spawn_blocking(move || {
            let founder = Founder { name: "Ada".into(), email: EMAIL.into() };
            control.found(&founder, &Password::new(PASSWORD.into()), true)?;
            control.sample_token()
        });
        let (token, _) = founded.await.expect("founding does not panic").expect("it can be founded");
        let sample_token = token.reveal().to_owned();
        Self { running, settings, folder, _temporary: None, sample_token }
    }

    /// Where its data is.
    #[must_use]
    pub const fn database(&self) -> &DatabaseUrl {
        &self.settings.database
    }

    /// Where its data is, as another process is told.
    ///
    /// # Panics
    /// If it is not on this computer's PostgreSQL.
    #[must_use]
    pub fn database_text(&self) -> String {
        let DatabaseUrl::Postgres(address) = &self.settings.database else { panic!("a server") };
        let folder = address.folder().expect("a socket").display();
        format!("postgres://countersign@/{}?host={folder}", address.name())
    }

    /// Its address.
    ///
    /// # Panics
    /// Never: it is on loopback.
    #[must_use]
    pub fn address(&self) -> Address {
        self.running.issuer.parse().expect("a loopback address")
    }

    /// The sample account with the token that came with the samples.
    ///
    /// # Panics
    /// If no HTTP client can be made.
    #[must_use]
    pub fn runner(&self) -> Api {
        Api::new(self.address()).expect("a client").with_service_token(self.sample_token.clone())
    }

    /// The secret of the sample account's token.
    #[must_use]
    pub fn sample_token(&self) -> &str {
        &self.sample_token
    }

    /// An access token of the founding administrator: a person with every scope.
    ///
    /// # Panics
    /// If the sign-in is refused.
    pub async fn founder_token(&self) -> String {
        self.founder_tokens().await.access_token
    }

    /// The tokens of a new session of the founding administrator.
    ///
    /// # Panics
    /// If the sign-in is refused.
    pub async fn founder_tokens(&self) -> contract::oauth::TokenResponse {
        // The pair of RFC 7636 appendix B.
        let (verifier, challenge) =
            ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let redirect = ("redirect_uri", "http://127.0.0.1:49152/callback");
        let client = ("client_id", contract::oauth::CONSOLE_CLIENT_ID);
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let asked = [redirect, client, ("response_type", "code"), ("state", "0123456789abcdef")];
        let proof = [("code_challenge", challenge), ("code_challenge_method", "S256")];
        let form = [asked.as_slice(), &proof, &[("email", EMAIL), ("password", PASSWORD)]].concat();
        let page = http.post(self.address().at("/api/v1/oauth/authorize")).form(&form).send().await.expect("an answer");
        let back = page.headers()[reqwest::header::LOCATION].to_str().expect("an address").to_owned();
        let back: url::Url = back.parse().expect("an address");
        let (_, code) = back.query_pairs().find(|(name, _)| name == "code").expect("a code");
        let asked =
            [redirect, client, ("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", verifier)];
        let answer = http.post(self.address().at("/api/v1/oauth/token")).form(&asked).send().await.expect("an answer");
        answer.json::<contract::oauth::TokenResponse>().await.expect("tokens")
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Instant {
        SystemClock.now()
    }

    /// Follows the ledger until everything is in it, and demands proof for every entry.
    ///
    /// # Panics
    /// If something does not hold.
    pub async fn prove_every_entry(&self, reader: &Approver) {
        self.prove(&TrustStore::at(&self.folder), reader).await;
    }

    /// As [`Self::prove_every_entry`], going on from what this store of trust remembers.
    ///
    /// # Panics
    /// If something does not hold.
    pub async fn prove(&self, trust: &TrustStore, reader: &Approver) {
        let (entries, verified) = crate::wait::until("every entry is under a checkpoint", async || {
            let entries = reader.api.trail(&[]).await?.items;
            let verified = witness::advance(&reader.api, trust, self.now()).await?;
            let all = entries.iter().all(|entry| entry.index.is_some_and(|index| index < verified.checkpoint.size));
            Ok(all.then_some((entries, verified)))
        })
        .await
        .expect("the ledger keeps up");
        assert!(entries.len() > 8, "{}", entries.len());
        for entry in &entries {
            let index = witness::include(&reader.api, &verified, entry).await.expect("the entry is in the tree");
            assert_eq!(index, entry.index);
        }
    }
}

/// A person with a key on the roster.
pub struct Approver {
    pub(crate) api: Api,
    pub(crate) key: ReviewKey,
}

impl Approver {
    /// The founding administrator, signed in, with a key that founds the roster.
    ///
    /// # Panics
    /// If anything on the way is refused.
    pub async fn founder(plane: &Plane) -> Self {
        let api = sign_in(&plane.address(), EMAIL, PASSWORD).await;
        let who = api.who_am_i().await.expect("signed in");
        let key = ReviewKey::generate(&OsEntropy);
        let entry = RosterKey {
            key: key.public(),
            owner: who.principal.user().expect("a person"),
            name: who.name,
            device: "desk".into(),
            groups: who.teams,
        };
        let roster = Roster { version: 1, previous: None, issued_at: plane.now(), quorum: 1, keys: vec![entry] };
        api.publish_roster(&SignedRoster::unsigned(&roster).sign(&key)).await.expect("the roster is founded");
        Self { api, key }
    }

    /// Its calls.
    #[must_use]
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// The same person at another replica, where they sign in anew.
    ///
    /// # Panics
    /// If the sign-in is refused.
    pub async fn founder_at(&self, plane: &Plane) -> Self {
        Self {
            api: sign_in(&plane.address(), EMAIL, PASSWORD).await,
            key: ReviewKey::from_bytes(&*self.key.to_bytes()).expect("a key"),
        }
    }

    /// Signs and sends an answer, as the console does.
    ///
    /// # Errors
    /// What the control plane refuses.
    ///
    /// # Panics
    /// Never: an approver is a person.
    pub async fn review(&self, ticket: &Ticket, verdict: Verdict, reason: Option<&str>) -> Result<Ticket, ClientError> {
        let who = self.api.who_am_i().await?;
        let now = SystemClock.now();
        let review = Review {
            ticket: ticket.id,
            binding_digest: ticket.binding.digests().binding_digest,
            verdict,
            approver: who.principal.user().expect("a person"),
            roster_version: 1,
            policy_set: ticket.policy_set,
            quorum: ticket.requirement.quorum,
            groups: ticket.requirement.groups.clone(),
            reason: reason.map(str::to_owned),
            nonce: ticket.binding.nonce.clone(),
            iat: now.seconds(),
            exp: now.plus(7200).seconds(),
        };
        self.api.cast_review(ticket.id, review.sign(&self.key)).await
    }

    /// Makes a token for an account and gives the account's calls.
    ///
    /// # Panics
    /// If the token is refused.
    pub async fn runner_of(&self, account: &str) -> Api {
        let token = self.token_of(account).await;
        Api::new(self.api.address().clone()).expect("a client").with_service_token(token)
    }

    /// A fresh token of a service account.
    ///
    /// # Panics
    /// If it is refused.
    pub async fn token_of(&self, account: &str) -> String {
        let request =
            CreateServiceToken { account: Some(account.into()), label: "test".into(), ..CreateServiceToken::default() };
        self.api.create_service_token(&request).await.expect("a token").secret
    }

    /// Adds a person, signs in as them, enrols their key and lets it in.
    ///
    /// # Panics
    /// If anything on the way is refused.
    pub async fn invite(&self, email: &str, name: &str) -> Self {
        let scopes = ["approvals:read", "approvals:review", "roster:read"].map(str::to_owned).to_vec();
        let request = CreateUser { email: email.into(), name: name.into(), teams: vec![], scopes };
        let password = self.api.create_user(&request).await.expect("a user").secret;
        let api = sign_in(self.api.address(), email, &password).await;
        let user = api.who_am_i().await.expect("signed in").principal.user().expect("a person");
        let key = ReviewKey::generate(&OsEntropy);
        let proof = EnrolmentProof { user, key: key.public().id(), device: "laptop".into() }.sign(&key);
        api.enrol(&Enrol { device: "laptop".into(), key: key.public(), proof }).await.expect("enrolled");

        let chain = Chain::verify(&self.api.roster().await.expect("a roster").versions).expect("it holds");
        let waiting = self.api.enrolments().await.expect("wishes").remove(0);
        let entry = RosterKey {
            key: waiting.key,
            owner: waiting.user,
            name: waiting.name,
            device: waiting.device,
            groups: waiting.groups,
        };
        let next = chain.latest().with_key(entry, SystemClock.now());
        self.api.publish_roster(&SignedRoster::unsigned(&next).sign(&self.key)).await.expect("version 2");
        Self { api, key }
    }
}

/// Signs in as a person does, the browser played by an HTTP client that fills in the form.
///
/// # Panics
/// If the sign-in is refused.
pub async fn sign_in(address: &Address, email: &str, password: &str) -> Api {
    let vault = Vault::in_memory();
    let session = Arc::new(Session::new(address.clone(), vault, Arc::new(SystemClock)).expect("a session"));
    let (email, password) = (email.to_owned(), password.to_owned());
    let open = move |url: &url::Url| {
        let mut form: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        form.push(("email".into(), email));
        form.push(("password".into(), password));
        let mut page = url.clone();
        page.set_query(None);
        tokio::spawn(async move { reqwest::Client::new().post(page).form(&form).send().await });
        Ok(())
    };
    client::sign_in::sign_in(address, &session, None, open).await.expect("signed in");
    Api::new(address.clone()).expect("a client").with(Credentials::Session(session))
}
