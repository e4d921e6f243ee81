//! Signing the roster: its first version, and the next one with one more key.

use domain::id::{EnrolmentId, UserId};
use domain::key::{KeyId, ReviewKey};
use domain::reveal::reveal_text;
use domain::roster::{Roster, RosterKey, SignedRoster};
use domain::words::words;

use super::{Payload, signer};
use crate::console::Console;
use crate::console::link::Link;
use crate::exact;
use crate::ipc::Failure;
use crate::ipc::approvals::Exact;
use crate::ipc::signing::{SigningOutcome, SigningSubject, Tone};

/// How old a login may be that changes the roster, in seconds.
const STEP_UP: u32 = 300;

impl Console {
    /// Makes this device's key the first on the roster.
    pub(crate) async fn found_roster(&self, device: &str) -> Result<SigningOutcome, Failure> {
        let _one_at_a_time = self.0.signing.try_lock().map_err(|_| already())?;
        let link = self.link()?;
        let who = self.step_up(&link, STEP_UP).await?;
        let owner = person(who.principal.user())?;
        let key = self.make_key(&link).await?;
        let entry = RosterKey {
            key: key.public(),
            owner,
            name: who.name.clone(),
            device: device.trim().to_owned(),
            groups: who.teams.clone(),
        };
        let roster = Roster {
            version: 1,
            previous: None,
            issued_at: self.now().to_whole_seconds(),
            quorum: 1,
            keys: vec![entry],
        };
        let sentence = "You found the roster: from now on, this device's key can approve, and can let others in.";
        let subject = subject("Found the roster", sentence.to_owned(), &roster, &who.name, &key);
        self.ask(link, subject, Payload::Roster(Box::new(roster))).await
    }

    /// Lets another device's key onto the roster.
    pub(crate) async fn sign_enrolment(&self, id: EnrolmentId) -> Result<SigningOutcome, Failure> {
        let _one_at_a_time = self.0.signing.try_lock().map_err(|_| already())?;
        let link = self.link()?;
        let waiting = link.api.enrolments().await?;
        let Some(enrolment) = waiting.into_iter().find(|known| known.id == id) else {
            let sentence = "it is on the roster already, or was taken back".to_owned();
            return Ok(SigningOutcome::DecidedMeanwhile { sentence });
        };
        let chain = self.trusted_roster(&link).await?;
        let chain = chain.ok_or_else(|| Failure::new("no_roster", "there is no roster yet; found it first"))?;
        let key = self.key(&link).await?;
        let who = self.step_up(&link, STEP_UP).await?;
        let entry = RosterKey {
            key: enrolment.key,
            owner: enrolment.user,
            name: enrolment.name.clone(),
            device: enrolment.device.clone(),
            groups: enrolment.groups,
        };
        let roster = chain.latest().with_key(entry, self.now().to_whole_seconds());
        let sentence = format!("You let {} approve with the key of {}.", enrolment.name, enrolment.device);
        let sentence = reveal_text(&sentence);
        let subject = subject("Enrol", sentence, &roster, &who.name, &key);
        self.ask(link, subject, Payload::Roster(Box::new(roster))).await
    }

    pub(super) async fn send_roster(
        &self,
        link: &Link,
        key: &ReviewKey,
        roster: &Roster,
    ) -> Result<SigningOutcome, Failure> {
        let signed = SignedRoster::unsigned(roster).sign(key);
        let versions = link.api.publish_roster(&signed).await?.versions;
        self.trust().accept_roster(&link.address.issuer(), &versions, true)?;
        Ok(SigningOutcome::Signed)
    }
}

fn subject(verb: &str, sentence: String, roster: &Roster, name: &str, key: &ReviewKey) -> SigningSubject {
    let digest = roster.digest();
    let mut readable = vec![
        exact::row("Roster version", [roster.version.to_string()]),
        exact::row("People who must sign a change", [roster.quorum.to_string()]),
    ];
    for entry in &roster.keys {
        let id: KeyId = entry.key.id();
        let groups = if entry.groups.is_empty() { "no group".to_owned() } else { entry.groups.join(", ") };
        let mut row = exact::row(&entry.name, [entry.device.clone(), id.to_string(), groups, entry.owner.to_string()]);
        row.changed = roster.keys.last() == Some(entry);
        readable.push(row);
    }
    let (signer, key_id) = signer(name, key);
    let exact = Exact {
        readable,
        raw: exact::raw(roster),
        hashes: vec![
            exact::hash("roster_digest", &digest),
            exact::hash("previous", &roster.previous.map_or_else(|| "–".to_owned(), |digest| digest.to_string())),
        ],
        words: words(&digest),
        digests_agree: true,
    };
    SigningSubject {
        verb: verb.to_owned(),
        tone: Tone::Roster,
        sentence,
        exact,
        says: None,
        found: Vec::new(),
        signer,
        key_id,
    }
}

fn person(user: Option<UserId>) -> Result<UserId, Failure> {
    user.ok_or_else(|| Failure::new("not_a_person", "only people have approver keys"))
}

fn already() -> Failure {
    Failure::new("signing_already", "the signing window is open; finish or close it first")
}
