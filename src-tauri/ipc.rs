//! What crosses between the webview and Rust: facts to show, never credentials.
//!
//! Wire types are handed on where the page shows them as they are; what is signed or must be readable is made here
//! from the bytes, so that the webview only ever displays it.

use contract::access::WhoAmI;
use contract::approvals::Ticket;
use contract::roster::Enrolment;
use domain::Instant;
use domain::id::{TicketId, UserId};
use domain::key::KeyId;
use domain::reveal::Span;
use domain::review::Verdict;
use serde::{Deserialize, Serialize};
use specta::Type;

/// Why a command failed, for the page to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Failure {
    /// Stable dotted code: the control plane's, or `console.…`.
    pub code: String,
    /// What is wrong and what would help.
    pub detail: String,
}

/// What the console as a whole shows.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct AppState {
    /// Of the console.
    pub version: String,
    /// `default`, or what `--profile` said.
    pub profile: String,
    /// Which page comes first.
    pub stage: Stage,
    /// The control plane, once one was chosen.
    pub connection: Option<Connection>,
    /// Who is signed in, while stage is `signed_in`.
    pub session: Option<Session>,
    /// Whether the session outlives this process.
    pub keyring: Keyring,
    /// Since when the control plane has not answered.
    pub offline_since: Option<Instant>,
}

/// How far the first run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Nothing was chosen yet.
    Welcome,
    /// A control plane is chosen, nobody is signed in.
    SignedOut,
    /// The browser is open.
    SigningIn,
    /// Somebody is signed in.
    SignedIn,
}

/// A control plane that the console knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Connection {
    /// How it is called here.
    pub name: String,
    /// Its address, which is also its issuer.
    pub url: String,
    /// Runs inside this console.
    pub embedded: bool,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Session {
    /// The person.
    pub who: WhoAmI,
    /// This device's approver key.
    pub key: DeviceKey,
}

/// This device's approver key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct DeviceKey {
    /// How it stands.
    pub state: KeyState,
    /// Its id, once there is one.
    pub key_id: Option<KeyId>,
    /// What this device is called.
    pub device: String,
}

/// How a device's key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// There is no roster yet: this device can found it.
    CanFound,
    /// This device has no key.
    None,
    /// Asked to be on the roster, not signed yet.
    Waiting,
    /// On the roster: can review.
    OnRoster,
}

/// Whether secrets can be kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Keyring {
    /// The operating system's keyring takes and gives back.
    pub usable: bool,
    /// Why not, and what would help.
    pub problem: Option<String>,
}

/// The founding administrator, as typed.
#[derive(Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct Founder {
    /// How they are called.
    pub name: String,
    /// What they will sign in with.
    pub email: String,
    /// Chosen by them, at least 12 characters.
    pub password: String,
}

/// How to try the chain from a terminal, on the embedded control plane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct GettingStarted {
    /// The environment variables to set, one `export …` per line; with the sample token while it can still be shown.
    pub setup: String,
    /// The command to run.
    pub command: String,
    /// Whether the sample token was shown already and cannot be shown again.
    pub token_gone: bool,
}

/// Which tickets.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct InboxQuery {
    /// `mine`, `pending` or `closed`.
    pub view: InboxView,
    /// Only of this environment.
    pub env: Option<String>,
    /// Only with this text in requester, action, resources or title.
    pub text: Option<String>,
    /// The next page.
    pub cursor: Option<String>,
}

/// The three lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum InboxView {
    /// What the reader can decide.
    Mine,
    /// What is open.
    Pending,
    /// What is settled.
    Closed,
}

/// A ticket's page.
#[derive(Clone, Debug, Serialize, Type)]
pub struct TicketPage {
    /// The control plane's view of it.
    pub ticket: Ticket,
    /// State, who, what, where, how long, until when.
    pub sentence: String,
    /// The exact action, three ways.
    pub exact: Exact,
    /// What the requester says, revealed.
    pub says: Says,
}

/// The bytes that are signed, three ways, made in Rust from the same value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Exact {
    /// Readable: labelled rows.
    pub readable: Vec<Row>,
    /// Raw: the canonical JSON, one span list per line.
    pub raw: Vec<Vec<Span>>,
    /// Hashes: name and digest.
    pub hashes: Vec<Hash>,
    /// Short words of the binding digest, to compare on a second device.
    pub words: Vec<String>,
    /// Whether the control plane's digests are the ones computed here. If not, nothing can be signed.
    pub digests_agree: bool,
}

/// A labelled row of one or more values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Row {
    /// For example `Argument 1`.
    pub label: String,
    /// Each value on its own line, revealed.
    pub values: Vec<Vec<Span>>,
    /// Differs from the last approved action of the same kind.
    pub changed: bool,
}

/// A named digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Hash {
    /// For example `binding_digest`.
    pub name: String,
    /// `sha256:…`, or `–` where there is none.
    pub value: String,
}

/// The requester's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Says {
    /// One line.
    pub title: Option<Vec<Span>>,
    /// Some more.
    pub description: Option<Vec<Span>>,
}

/// What the main window asks to be signed.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct SignReview {
    /// Which ticket.
    pub ticket: TicketId,
    /// Which answer.
    pub verdict: Verdict,
    /// Why; required for a denial.
    pub reason: Option<String>,
}

/// How a signing ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum SigningOutcome {
    /// Signed and taken by the control plane.
    Signed,
    /// The person closed the window.
    Cancelled,
    /// Somebody else settled it meanwhile.
    DecidedMeanwhile {
        /// How, in a sentence.
        sentence: String,
    },
}

/// What the signing window shows. Made in Rust from what will be signed; the main window has no part in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct SigningSubject {
    /// `Approve`, `Deny`, `Enrol`, `Found the roster`.
    pub verb: String,
    /// Whether confirming lets something happen in production (`approve`), refuses (`deny`), or changes the roster.
    pub tone: Tone,
    /// One sentence that says what confirming does.
    pub sentence: String,
    /// The whole payload.
    pub exact: Exact,
    /// The requester's own words, for a review.
    pub says: Option<Says>,
    /// Whose key signs.
    pub signer: String,
    /// The key's id.
    pub key_id: KeyId,
}

/// What a signature does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// Lets it happen.
    Approve,
    /// Refuses it.
    Deny,
    /// Changes who may approve.
    Roster,
}

/// The roster room.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct RosterPage {
    /// 0 while there is none.
    pub version: u32,
    /// Its digest.
    pub digest: Option<String>,
    /// How many people must sign a change.
    pub quorum: u32,
    /// The keys in force.
    pub keys: Vec<RosterRow>,
    /// Every version, newest first.
    pub versions: Vec<RosterVersion>,
    /// Who waits to be on it.
    pub enrolments: Vec<Enrolment>,
    /// Why this device cannot trust it, if it cannot: both digests are named.
    pub problem: Option<String>,
}

/// A key on the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct RosterRow {
    /// The person.
    pub owner: UserId,
    /// Their name.
    pub name: String,
    /// The device.
    pub device: String,
    /// The key.
    pub key_id: KeyId,
    /// The groups they count for.
    pub groups: Vec<String>,
    /// Whether it is this device.
    pub this_device: bool,
}

/// A version of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct RosterVersion {
    /// 1, 2, 3, …
    pub version: u32,
    /// When it was made.
    pub issued_at: Instant,
    /// Who signed it.
    pub signed_by: Vec<String>,
    /// One sentence: what changed.
    pub sentence: String,
}

/// Which entries.
#[derive(Clone, Debug, Deserialize, Type)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this kind, for example `ticket.opened`.
    pub kind: Option<String>,
    /// Only about this id.
    pub about: Option<String>,
    /// Only with this text in them.
    pub text: Option<String>,
    /// The next page.
    pub cursor: Option<String>,
}

/// An entry of the audit room.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct AuditRow {
    /// Its place in the ledger, once it has one.
    #[specta(type = Option<f64>)]
    pub index: Option<u64>,
    /// Its id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// What.
    pub kind: String,
    /// Who.
    pub principal: Option<String>,
    /// About what.
    pub about: Option<String>,
    /// One sentence.
    pub sentence: String,
    /// The leaf, indented.
    pub json: String,
}

/// Whether an entry is in the tree of the verified checkpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Type)]
pub struct Inclusion {
    /// Whether it was proved.
    pub included: bool,
    /// One sentence.
    pub sentence: String,
}

/// What the console knows of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Type)]
pub struct Integrity {
    /// How it stands.
    pub state: IntegrityState,
    /// The ledger's name.
    pub origin: Option<String>,
    /// Entries under the verified checkpoint.
    #[specta(type = Option<f64>)]
    pub size: Option<u64>,
    /// Its root hash, base64.
    pub root: Option<String>,
    /// The signed note, to be read.
    pub note: Option<String>,
    /// When it was checked.
    pub checked_at: Option<Instant>,
    /// What does not hold, with the index.
    pub problem: Option<String>,
}

/// How the ledger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum IntegrityState {
    /// Not looked at yet.
    Unknown,
    /// Signature, consistency and inclusion hold.
    Verified,
    /// Something does not hold.
    Broken,
}
