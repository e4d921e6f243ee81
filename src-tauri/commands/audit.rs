//! The audit room.

use client::witness;
use contract::Page;
use contract::audit::AuditEntry;
use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::audit::{AuditQuery, AuditRow, Inclusion, Integrity};
use crate::sentence;

/// A page of the audit trail.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_page(console: State<'_, Console>, query: AuditQuery) -> Result<Page<AuditRow>, Failure> {
    let asked = [("kind", &query.kind), ("about", &query.about), ("text", &query.text), ("cursor", &query.cursor)];
    let asked: Vec<_> =
        asked.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))).collect();
    let page = console.api()?.trail(&asked).await?;
    let items = page.items.iter().map(row).collect::<Result<_, _>>()?;
    Ok(Page { items, next: page.next })
}

fn row(served: &AuditEntry) -> Result<AuditRow, Failure> {
    let wrong = |error| Failure::new("unexpected_answer", format!("an entry cannot be read: {error}"));
    let entry = served.entry().map_err(wrong)?;
    Ok(AuditRow {
        index: served.index,
        id: entry.id.to_string(),
        at: entry.at,
        kind: entry.kind,
        principal: entry.principal.as_ref().map(ToString::to_string),
        about: entry.about.clone(),
        sentence: sentence::of_entry(&entry),
        json: serde_json::to_string_pretty(&entry).map_err(wrong)?,
    })
}

/// Demands proof that an entry is in the tree of the verified checkpoint.
#[tauri::command]
#[specta::specta]
pub(crate) async fn audit_inclusion(console: State<'_, Console>, id: String) -> Result<Inclusion, Failure> {
    let api = console.api()?;
    let page = api.trail(&[("text", &id)]).await?;
    let is_it = |entry: &&AuditEntry| entry.entry().is_ok_and(|entry| entry.id.to_string() == id);
    let entry = page.items.iter().find(is_it);
    let entry = entry.ok_or_else(|| Failure::new("no_entry", format!("the trail has no entry `{id}`")))?;
    let newer = console.verified().is_none_or(|known| entry.index.is_none_or(|index| index >= known.checkpoint.size));
    if newer {
        console.verify_ledger().await;
    }
    let Some(verified) = console.verified() else {
        return Ok(Inclusion {
            included: false,
            sentence: "no checkpoint is verified yet; try again in a moment".into(),
        });
    };
    match witness::include(&api, &verified, entry).await {
        Ok(Some(index)) => {
            let size = verified.checkpoint.size;
            Ok(Inclusion { included: true, sentence: format!("entry {index} is in the signed tree of {size} entries") })
        }
        Ok(None) => Ok(Inclusion {
            included: false,
            sentence: "it is newer than the last checkpoint; try again in a second".into(),
        }),
        Err(refusal) => {
            if refusal.is_break() {
                console.ledger_broke(&refusal);
            }
            Err(Failure::new("ledger", refusal))
        }
    }
}

/// What is known of the ledger.
#[tauri::command]
#[specta::specta]
pub(crate) async fn integrity(console: State<'_, Console>) -> Result<Integrity, Failure> {
    Ok(console.integrity())
}

/// Verifies the newest checkpoint now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_integrity(console: State<'_, Console>) -> Result<Integrity, Failure> {
    console.verify_ledger().await;
    Ok(console.integrity())
}
