//! The roster room.

use domain::id::EnrolmentId;
use domain::roster::{Chain, Roster};
use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::roster::{RosterPage, RosterRow, RosterVersion};
use crate::ipc::signing::SigningOutcome;

/// The roster as this device trusts it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn roster_page(console: State<'_, Console>) -> Result<RosterPage, Failure> {
    let link = console.link()?;
    let enrolments = match link.api.enrolments().await {
        Ok(waiting) => waiting,
        // Whoever may not see the wishes sees the roster all the same.
        Err(error) if error.code().is_some_and(|code| code.status() == 403) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let mut page = RosterPage {
        version: 0,
        digest: None,
        quorum: 0,
        keys: Vec::new(),
        versions: Vec::new(),
        enrolments,
        problem: None,
    };
    let chain = match console.trusted_roster(&link).await {
        Ok(Some(chain)) => chain,
        Ok(None) => return Ok(page),
        Err(failure) if failure.code == "console.roster_not_trusted" => {
            page.problem = Some(failure.detail);
            return Ok(page);
        }
        Err(failure) => return Err(failure),
    };
    let mine = console.key_id(&link).await;
    let latest = chain.latest();
    page.version = latest.version;
    page.digest = Some(latest.digest().to_string());
    page.quorum = latest.quorum;
    page.keys = latest
        .keys
        .iter()
        .map(|key| RosterRow {
            owner: key.owner,
            name: key.name.clone(),
            device: key.device.clone(),
            this_device: mine.as_ref() == Some(&key.key.id()),
            key_id: key.key.id(),
            groups: key.groups.clone(),
        })
        .collect();
    page.versions = versions(&chain, &link.api.roster().await?.versions);
    Ok(page)
}

/// Every version, newest first, with who signed it and what changed.
fn versions(chain: &Chain, signed: &[domain::roster::SignedRoster]) -> Vec<RosterVersion> {
    let mut before: Option<&Roster> = None;
    let mut versions = Vec::new();
    for (roster, signed) in chain.versions().iter().zip(signed) {
        // Version 1 is signed by its own keys, the others by those of the version before.
        let signers = before.unwrap_or(roster);
        let known = |key: &&domain::roster::RosterKey| before.is_none_or(|before| before.key(&key.key.id()).is_none());
        let new: Vec<_> =
            roster.keys.iter().filter(known).map(|key| format!("{} ({})", key.name, key.device)).collect();
        let sentence = match (before, new.is_empty()) {
            (None, _) => format!("founded with {}", new.join(", ")),
            (Some(_), false) => format!("let in {}", new.join(", ")),
            (Some(_), true) => "changed".to_owned(),
        };
        let signed_by = signed.signers(signers).into_iter().map(|key| key.name.clone()).collect();
        versions.push(RosterVersion { version: roster.version, issued_at: roster.issued_at, signed_by, sentence });
        before = Some(roster);
    }
    versions.reverse();
    versions
}

/// Makes this device's key the first on the roster; answers when the signing window has closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn found_roster(console: State<'_, Console>, device: String) -> Result<SigningOutcome, Failure> {
    console.found_roster(&device).await
}

/// Asks for this device's key to be on the roster.
#[tauri::command]
#[specta::specta]
pub(crate) async fn enrol_this_device(console: State<'_, Console>, device: String) -> Result<(), Failure> {
    console.enrol(&device).await
}

/// Lets a device's key in; answers when the signing window has closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_enrolment(console: State<'_, Console>, id: EnrolmentId) -> Result<SigningOutcome, Failure> {
    console.sign_enrolment(id).await
}
