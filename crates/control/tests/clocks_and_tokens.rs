//! Use cases on a real store, at instants that the test chooses: step-up age, deadlines, single-use tokens.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_control::accounts::NewAccount;
use countersign_control::error::AuthenticationError;
use countersign_control::found::Founder;
use countersign_control::password::Password;
use countersign_control::sign_in::{AuthorizationParameters, AuthorizationRequest, Tokens};
use countersign_control::tickets::Opening;
use countersign_control::{AuthConfig, Caller, Config, Control, Error, Presented, Scheme};
use domain::ambient::OsEntropy;
use domain::binding::{Action, Command, Context, Resources};
use domain::budget::Budget;
use domain::event::Kind;
use domain::id::TicketId;
use domain::key::ReviewKey;
use domain::review::{Review, Verdict};
use domain::roster::{Roster, RosterKey, SignedRoster};
use domain::scope::Scopes;
use domain::secret::Secret;
use domain::ticket::{ConsumeError, State, Statement};
use domain::{Clock, Digest, Instant};
use ledger::LogKey;
use store::entries::EntryFilter;
use store::{Ambient, DatabaseUrl, Store};

const CLIENT: &str = "countersign-console";
const BACK: &str = "http://127.0.0.1:4711/callback";
const VERIFIER: &str = "0123456789abcdefghijklmnopqrstuvwxyz0123456789-";

struct Movable(AtomicI64);

impl Clock for Movable {
    fn now(&self) -> Instant {
        Instant::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

struct House {
    control: Control,
    clock: Arc<Movable>,
    key: ReviewKey,
    runner: Caller,
    _folder: tempfile::TempDir,
}

impl House {
    fn founded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(Movable(AtomicI64::new(1_800_000_000)));
        let (shared, entropy) = (Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(OsEntropy));
        let ambient = Ambient { clock: Arc::clone(&shared), entropy: entropy.clone() };
        let store = Store::open(&DatabaseUrl::file(folder.path().join("test.db")), ambient).unwrap();
        let log_key = LogKey::generate("example.test/log", &OsEntropy).unwrap();
        let auth = AuthConfig { password_login: true, ..AuthConfig::default() };
        let config = Config { issuer: "http://127.0.0.1:1".into(), auth, ..Config::default() };
        let control = Control::new(config, store, shared, entropy, log_key);
        let founder = Founder { name: "Ada".into(), email: "ada@example.com".into() };
        control.found(&founder, &password(), true).unwrap();
        let (token, _) = control.sample_token().unwrap();
        let runner = control.admit(Some(&Presented::bearer(token.reveal())), None).unwrap();
        let house = Self { control, clock, key: ReviewKey::generate(&OsEntropy), runner, _folder: folder };
        let ada = house.signed_in();
        let entry = RosterKey {
            key: house.key.public(),
            owner: ada.principal.user().unwrap(),
            name: "Ada".into(),
            device: "desk".into(),
            groups: vec![],
        };
        let issued_at = house.control.now();
        let roster = Roster { version: 1, previous: None, issued_at, quorum: 1, keys: vec![entry] };
        house.control.publish_roster(&ada, &SignedRoster::unsigned(&roster).sign(&house.key)).unwrap();
        house
    }

    fn later(&self, seconds: i64) {
        self.clock.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn sign_in(&self, email: &str, password: &Password) -> Option<Secret> {
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
        self.control.sign_in(&request.unwrap(), email, password, None).unwrap()
    }

    fn code(&self) -> Secret {
        self.sign_in(" Ada@Example.com ", &password()).unwrap()
    }

    fn exchange(&self, code: &Secret) -> Result<Tokens, Error> {
        self.control.exchange_code(code.reveal(), VERIFIER, CLIENT, BACK)
    }

    fn tokens(&self) -> Tokens {
        self.exchange(&self.code()).unwrap()
    }

    fn signed_in(&self) -> Caller {
        self.control.admit(Some(&Presented::bearer(self.tokens().access.reveal())), None).unwrap()
    }

    fn knows(&self, tokens: &Tokens) -> bool {
        self.control.admit(Some(&Presented::bearer(tokens.access.reveal())), None).is_ok()
    }

    fn open(&self) -> TicketId {
        self.open_for(None)
    }

    fn open_for(&self, budget: Option<Budget>) -> TicketId {
        let opening = Opening {
            action: action(),
            budget,
            statement: Statement::default(),
            resource_hash: None,
            command_hash: None,
            idempotency_key: None,
        };
        self.control.open_ticket(&self.runner, opening).unwrap()
    }

    fn state(&self, by: &Caller, id: TicketId) -> State {
        self.control.ticket(by, id).unwrap().ticket.state
    }

    fn approve(&self, by: &Caller, id: TicketId) -> Result<(), Error> {
        let ticket = self.control.ticket(by, id).unwrap().ticket;
        let review = Review {
            ticket: id,
            binding_digest: ticket.binding.digests().binding_digest,
            verdict: Verdict::Approve,
            approver: by.principal.user().unwrap(),
            roster_version: 1,
            policy_set: ticket.policy_set,
            quorum: ticket.requirement.quorum,
            groups: ticket.requirement.groups.clone(),
            reason: None,
            nonce: ticket.binding.nonce,
            iat: self.control.now().seconds(),
            exp: ticket.approval_expires_at.plus(3600).seconds(),
        };
        self.control.review_ticket(by, id, &review.sign(&self.key))
    }
}

fn password() -> Password {
    Password::new("correct horse battery staple".into())
}

fn action() -> Action {
    Action {
        env: "prod".into(),
        action: "pipelines:execute".into(),
        resources: Resources::parse(["pipeline:billing/nightly"]).unwrap(),
        context: Context::new(),
        command: Some(Command {
            argv: vec!["true".into()],
            executable_digest: None,
            working_directory: "/".into(),
            environment: std::collections::BTreeMap::default(),
            stdin_digest: None,
            image_digest: None,
        }),
    }
}

#[test]
fn a_login_of_299_seconds_approves_and_one_of_300_must_be_made_again() {
    let house = House::founded();
    let ada = house.signed_in();
    house.later(299);
    let fresh = house.open();
    assert!(house.approve(&ada, fresh).is_ok());
    house.later(1);
    let stale = house.open();
    assert!(matches!(house.approve(&ada, stale), Err(Error::StepUp { max_age: 300 })));
    assert!(house.approve(&house.signed_in(), stale).is_ok());
}

#[test]
fn an_approval_that_waits_too_long_for_execution_is_void() {
    let house = House::founded();
    let ada = house.signed_in();
    let id = house.open();
    house.approve(&ada, id).unwrap();
    let State::Approved { at, execution_expires_at } = house.state(&ada, id) else { panic!("it is approved") };
    house.later(execution_expires_at.seconds() - at.seconds());
    assert!(matches!(house.control.consume_ticket(&house.runner, id, &action()), Err(Error::Consume(_))));
}

#[test]
fn the_window_of_a_standing_approval_ends_it_and_what_was_used_is_recorded() {
    let house = House::founded();
    let ada = house.signed_in();
    let id = house.open_for(Some(Budget { uses: 5, window_seconds: 600 }));
    house.approve(&ada, id).unwrap();
    let run = || house.control.consume_ticket(&house.runner, id, &action());
    assert_eq!(run().unwrap().use_number.unwrap().to_string(), "1 of 5");
    house.later(599);
    assert_eq!(run().unwrap().use_number.unwrap().to_string(), "2 of 5");
    house.later(1);
    assert!(matches!(run(), Err(Error::Consume(ConsumeError::NotApproved { state: "expired" }))));
    house.control.stop_ledger();
    house.control.run_ledger(|_| ());
    let filter = EntryFilter { kinds: &[Kind::TicketExpired], ..EntryFilter::default() };
    let entries = house.control.trail(&ada, &filter).unwrap().entries;
    let expired: serde_json::Value = serde_json::from_slice(&entries[0].leaf).unwrap();
    let expected = serde_json::json!({ "deadline": house.control.now(), "used": { "number": 2, "of": 5 } });
    assert_eq!((entries.len(), &expired["data"]), (1, &expected));
    assert_eq!(house.control.ticket(&ada, id).unwrap().ticket.uses.len(), 2);
}

#[test]
fn five_presentations_that_do_not_fit_end_the_ticket() {
    let house = House::founded();
    let ada = house.signed_in();
    let id = house.open();
    house.approve(&ada, id).unwrap();
    let other = Action { env: "staging".into(), ..action() };
    for _ in 0..5 {
        assert!(house.control.consume_ticket(&house.runner, id, &other).is_err());
    }
    assert_eq!(house.state(&ada, id).name(), "cancelled");
}

#[test]
fn a_code_works_once_within_a_minute_and_its_second_use_ends_the_session() {
    let house = House::founded();
    let late = house.code();
    house.later(60);
    assert!(house.exchange(&late).is_err());
    let code = house.code();
    let other = "another verifier that is long enough to be one.";
    assert!(house.control.exchange_code(code.reveal(), other, CLIENT, BACK).is_err());
    let tokens = house.exchange(&code).unwrap();
    assert!(house.knows(&tokens));
    assert!(house.exchange(&code).is_err());
    assert!(!house.knows(&tokens));
}

#[test]
fn a_refresh_token_works_once_and_its_second_use_ends_the_session() {
    let house = House::founded();
    let first = house.tokens();
    let second = house.control.refresh(first.refresh.reveal(), CLIENT).unwrap();
    assert!(!house.knows(&first), "the old access token ends with it");
    assert!(house.knows(&second));
    assert!(house.control.refresh(first.refresh.reveal(), CLIENT).is_err());
    assert!(!house.knows(&second));
    assert!(house.control.refresh(second.refresh.reveal(), CLIENT).is_err());
}

#[test]
fn a_session_ends_after_twelve_hours_however_often_it_is_refreshed() {
    let house = House::founded();
    let mut tokens = house.tokens();
    for _ in 0..23 {
        house.later(1800);
        tokens = house.control.refresh(tokens.refresh.reveal(), CLIENT).unwrap();
    }
    house.later(1800);
    assert!(house.control.refresh(tokens.refresh.reveal(), CLIENT).is_err());
    assert!(!house.knows(&tokens));
}

#[test]
fn an_unknown_address_and_a_wrong_password_are_refused_alike_and_recorded_without_what_was_typed() {
    let house = House::founded();
    let ada = house.signed_in();
    for email in ["ada@example.com", "nobody@example.com"] {
        assert!(house.sign_in(email, &Password::new("canary-8f3a-not-the-password".into())).is_none());
    }
    let filter = EntryFilter::default();
    let entries = house.control.trail(&ada, &filter).unwrap().entries;
    let text = String::from_utf8(entries.into_iter().flat_map(|entry| entry.leaf).collect()).unwrap();
    assert_eq!(text.matches("authentication.failed").count(), 2);
    assert!(!text.contains("canary") && !text.contains("nobody@"));
}

#[test]
fn an_account_whose_time_is_over_is_nobody() {
    let house = House::founded();
    let expires_at = house.control.now().plus(100);
    let new = NewAccount { title: "CI".into(), expires_at: Some(expires_at), ..NewAccount::default() };
    let (known, key) = house.control.create_account(&house.signed_in(), new, true).unwrap();
    assert_eq!(known.credentials[0].expires_at, expires_at, "the first key lives as long as its account");
    let key = key.unwrap();
    let admit = || house.control.admit(Some(&Presented::bearer(key.reveal())), None);
    house.later(99);
    assert!(admit().is_ok());
    house.later(1);
    assert!(admit().is_err());
}

#[test]
fn a_login_without_a_browser_is_over_after_ten_minutes_and_a_void_code_begins_no_session() {
    let house = House::founded();
    let login = house.control.login("ada@example.com", &password(), None).unwrap();
    let admit = || house.control.admit(Some(&Presented::bearer(login.access.reveal())), None);
    house.later(599);
    let program = admit().unwrap();
    assert!(matches!(program.stepped_up(300, house.control.now()), Err(Error::StepUp { .. })));
    house.later(1);
    assert!(admit().is_err());

    let (waiting, ada) = (house.code(), house.signed_in());
    house.control.change_password(&ada, &password(), &Password::new("another horse, another staple".into())).unwrap();
    assert!(house.exchange(&waiting).is_err());
}

#[test]
fn t_17_a_stream_ticket_lives_half_a_minute_and_ends_with_its_session() {
    let house = House::founded();
    let presented =
        |ticket: &Secret| Presented { scheme: Scheme::StreamTicket, token: ticket.reveal().to_owned().into() };
    let show = |ticket: &Secret| house.control.admit(Some(&presented(ticket)), None);
    let tokens = house.tokens();
    let ada = house.control.admit(Some(&Presented::bearer(tokens.access.reveal())), None).unwrap();
    let issue = || house.control.issue_stream_ticket(&ada).unwrap();
    let (in_time, late, orphan) = (issue(), issue(), issue());
    house.later(29);
    let caller = show(&in_time).unwrap();
    assert_eq!((caller.principal.clone(), caller.expires_at), (ada.principal.clone(), ada.expires_at));
    assert!(matches!(show(&in_time), Err(Error::Authentication(AuthenticationError::Spent))));
    house.later(1);
    assert!(matches!(show(&late), Err(Error::Authentication(AuthenticationError::Expired))));
    let bearer = house.control.admit(Some(&Presented::bearer(orphan.reveal())), None);
    assert!(matches!(bearer, Err(Error::Authentication(AuthenticationError::WrongKind))));

    house.later(500);
    let fresh = issue();
    let next = house.control.refresh(tokens.refresh.reveal(), CLIENT).unwrap();
    let caller = show(&fresh).unwrap();
    assert!(house.control.still_listening(&caller).is_ok());
    house.later(70);
    let ended = house.control.still_listening(&caller);
    assert!(matches!(ended, Err(Error::Authentication(AuthenticationError::Expired))), "as its access token does");

    let ada = house.control.admit(Some(&Presented::bearer(next.access.reveal())), None).unwrap();
    let orphan = house.control.issue_stream_ticket(&ada).unwrap();
    house.control.revoke_token(next.access.reveal()).unwrap();
    assert!(matches!(show(&orphan), Err(Error::Authentication(AuthenticationError::Revoked))));
    let ended = house.control.still_listening(&ada);
    assert!(matches!(ended, Err(Error::Authentication(AuthenticationError::Revoked))));
}

#[test]
fn only_who_may_read_approvals_is_given_a_stream_ticket_and_no_text_is_taken_for_one() {
    let house = House::founded();
    let narrow = Caller { scopes: Scopes::default(), ..house.runner.clone() };
    assert!(matches!(house.control.issue_stream_ticket(&narrow), Err(Error::MissingScope("approvals:read"))));
    let (token, _) = house.control.sample_token().unwrap();
    for text in [token.reveal(), "hunter2", "a.b.c", ""] {
        let presented = Presented { scheme: Scheme::StreamTicket, token: text.to_owned().into() };
        let refused = house.control.admit(Some(&presented), None);
        assert!(matches!(refused, Err(Error::Authentication(_))), "{text}");
    }
}
