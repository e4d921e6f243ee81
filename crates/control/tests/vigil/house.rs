//! A founded control plane whose clock the test moves, and its founder.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_control::credentials::{ForWhom, Lifetime, NewCredential};
use countersign_control::found::Founder;
use countersign_control::password::Password;
use countersign_control::sign_in::{AuthorizationParameters, AuthorizationRequest};
use countersign_control::webhooks::SealingKey;
use countersign_control::{AuthConfig, Caller, Config, Control, Error, Presented, WebhookConfig};
use domain::alert::{Alert, Rule};
use domain::ambient::OsEntropy;
use domain::credential::{Credential, CredentialKind};
use domain::event::{Entry, Kind};
use domain::{Clock, Digest, Instant};
use ledger::LogKey;
use store::alerts::Filter;
use store::entries::EntryFilter;
use store::{Ambient, DatabaseUrl, Store};

const CLIENT: &str = "countersign-console";
const BACK: &str = "http://127.0.0.1:4711/callback";
const VERIFIER: &str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789-";
pub(crate) const DAY: i64 = 24 * 3600;

pub(crate) struct Movable(AtomicI64);

impl Clock for Movable {
    fn now(&self) -> Instant {
        Instant::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) struct House {
    pub(crate) control: Control,
    pub(crate) store: Store,
    pub(crate) clock: Arc<Movable>,
    pub(crate) config: Config,
    folder: tempfile::TempDir,
}

impl House {
    pub(crate) fn founded() -> Self {
        Self::with(AuthConfig::default(), WebhookConfig::default())
    }

    pub(crate) fn with(auth: AuthConfig, webhooks: WebhookConfig) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Movable(AtomicI64::new(1_800_000_000)));
        let webhooks = WebhookConfig { key: Some(SealingKey::from_bytes(&[7; 32]).unwrap()), ..webhooks };
        let config = Config { issuer: "http://127.0.0.1:1".into(), auth, webhooks, ..Config::default() };
        let (control, store) = open(&folder, &clock, config.clone());
        let founder = Founder { name: "Ada".into(), email: "ada@example.com".into() };
        control.found(&founder, &password(), true).unwrap();
        Self { control, store, clock, config, folder }
    }

    /// Another process on the same database.
    pub(crate) fn another(&self) -> Control {
        self.another_with(self.config.clone())
    }

    /// One that was told something else when it started.
    pub(crate) fn another_with(&self, config: Config) -> Control {
        open(&self.folder, &self.clock, config).0
    }

    /// A minute later, one turn of the vigil of each of these processes.
    pub(crate) fn turns(&self, processes: &[&Control]) {
        self.later(60);
        for process in processes {
            process.keep_watch();
        }
    }

    pub(crate) fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    /// One pulse of the ledger, as far as alerts see it.
    pub(crate) fn pulse(&self) {
        self.control.integrate().unwrap();
        self.control.keep_watch();
    }

    /// The founder, signed in.
    pub(crate) fn ada(&self) -> Caller {
        let challenge = URL_SAFE_NO_PAD.encode(Digest::of_content(VERIFIER.as_bytes()).as_bytes());
        let request = AuthorizationRequest::check(AuthorizationParameters {
            response_type: Some("code".into()),
            client_id: Some(CLIENT.into()),
            redirect_uri: Some(BACK.into()),
            code_challenge: Some(challenge),
            code_challenge_method: Some("S256".into()),
            state: Some("12345678".into()),
            scope: None,
        });
        let code = self.control.sign_in(&request.unwrap(), "ada@example.com", &password(), None).unwrap().unwrap();
        let tokens = self.control.exchange_code(code.reveal(), VERIFIER, CLIENT, BACK).unwrap();
        self.present(tokens.access.reveal(), None).unwrap()
    }

    pub(crate) fn present(&self, token: &str, from: Option<&str>) -> Result<Caller, Error> {
        self.control.admit(Some(&Presented::bearer(token)), from.map(|address| address.parse().unwrap()))
    }

    /// A token of an account of its own, with so many days to live.
    pub(crate) fn token(&self, name: &str, scopes: &[&str], days: u32) -> (String, Credential) {
        let new = NewCredential {
            kind: CredentialKind::ServiceToken,
            holder: ForWhom::OwnAccount,
            identifier: Some(name.into()),
            label: String::new(),
            scopes: Some(scopes.iter().map(ToString::to_string).collect()),
            workspaces: vec![],
            networks: vec![],
            lifetime: Lifetime::Seconds(days * 24 * 3600),
        };
        let (secret, credential) = self.control.create_credential(&self.ada(), new).unwrap();
        (secret.reveal().to_owned(), credential)
    }

    pub(crate) fn alerts(&self, rule: Rule) -> Vec<Alert> {
        let filter = Filter { rule: Some(rule), ..Filter::default() };
        self.control.alerts(&self.ada(), &filter, 100).unwrap().0
    }

    pub(crate) fn entries(&self, kind: Kind) -> Vec<Entry> {
        let filter = EntryFilter { kind: Some(kind), limit: 1000, ..EntryFilter::default() };
        let page = self.control.trail(&self.ada(), &filter).unwrap();
        page.entries.into_iter().map(|recorded| recorded.entry).collect()
    }
}

fn open(folder: &tempfile::TempDir, clock: &Arc<Movable>, config: Config) -> (Control, Store) {
    let (shared, entropy) = (Arc::clone(clock) as Arc<dyn Clock>, Arc::new(OsEntropy));
    let ambient = Ambient { clock: Arc::clone(&shared), entropy: entropy.clone() };
    let store = Store::open(&DatabaseUrl::file(folder.path().join("test.db")), ambient).unwrap();
    let log_key = LogKey::generate("example.test/log", &OsEntropy).unwrap();
    (Control::new(config, store.clone(), shared, entropy, log_key), store)
}

fn password() -> Password {
    Password::new("correct horse battery staple".into())
}
