//! The policies room. Sets, drafts, questions and replays are asked of the control plane; what follows each letter
//! that is typed is answered on this device, by the same engine, from the texts alone.

use contract::policies::{
    AccessReport, AskAccess, AskVocabulary, CheckedPolicies, Compare, CreateDraft, Policies, PolicyDraft,
    PolicyDraftSummary, PolicyTexts, PolicyVersion, PolicyVersionSummary, Publication, PublishDraft, ReplaceDraft,
    Replay, Simulate, Simulation, Subject, Vocabulary,
};
use domain::id::{DraftId, TicketId};
use domain::policy::vocabulary::Outline;
use domain::policy::{Case, Comparison, ReplayReport, SuiteReport};
use tauri::State;

use crate::console::Console;
use crate::console::policies::{self, offhand};
use crate::ipc::Failure;
use crate::ipc::policies::{TaggedDraft, ToPublish};

/// So many pages are read of the drafts, which are shown as one list.
const PAGES: usize = 20;

/// The policies in force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policies(console: State<'_, Console>) -> Result<Policies, Failure> {
    Ok(console.api()?.policies().await?)
}

/// Every version, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_versions(console: State<'_, Console>) -> Result<Vec<PolicyVersionSummary>, Failure> {
    // They come on one page.
    Ok(console.api()?.policy_versions(&[]).await?.items)
}

/// One version, whole.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_version(console: State<'_, Console>, version: u32) -> Result<PolicyVersion, Failure> {
    Ok(console.api()?.policy_version(version).await?)
}

/// The drafts, newest first; the oldest of very many are left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_drafts(console: State<'_, Console>) -> Result<Vec<PolicyDraftSummary>, Failure> {
    let api = console.api()?;
    let (mut drafts, mut cursor) = (vec![], None::<String>);
    for _ in 0..PAGES {
        let asked: Vec<_> = cursor.iter().map(|cursor| ("cursor", cursor.as_str())).collect();
        let page = api.policy_drafts(&asked).await?;
        drafts.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(drafts)
}

/// One draft, whole, with the tag to change it by.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_draft(console: State<'_, Console>, id: DraftId) -> Result<TaggedDraft, Failure> {
    let found = console.api()?.policy_draft(id).await?;
    Ok(TaggedDraft { draft: found.value, tag: found.tag })
}

/// What a ticket for a publication is about.
#[tauri::command]
#[specta::specta]
pub(crate) async fn to_publish(console: State<'_, Console>, ticket: TicketId) -> Result<ToPublish, Failure> {
    console.to_publish(ticket).await
}

/// Begins a draft.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_policy_draft(
    console: State<'_, Console>,
    request: CreateDraft,
    key: String,
) -> Result<PolicyDraft, Failure> {
    Ok(console.api()?.create_policy_draft(&request, &key).await?)
}

/// Replaces what a draft says, if it still has that tag.
#[tauri::command]
#[specta::specta]
pub(crate) async fn replace_policy_draft(
    console: State<'_, Console>,
    id: DraftId,
    request: ReplaceDraft,
    tag: String,
) -> Result<TaggedDraft, Failure> {
    let api = console.api()?;
    api.replace_policy_draft(id, &request, &tag).await?;
    let found = api.policy_draft(id).await?;
    Ok(TaggedDraft { draft: found.value, tag: found.tag })
}

/// Gives a draft up, if it still has that tag.
#[tauri::command]
#[specta::specta]
pub(crate) async fn discard_policy_draft(
    console: State<'_, Console>,
    id: DraftId,
    tag: String,
) -> Result<PolicyDraft, Failure> {
    Ok(console.api()?.discard_policy_draft(id, Some(&tag)).await?)
}

/// Publishes a draft, or asks for the approval that it needs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn publish_policy_draft(
    console: State<'_, Console>,
    id: DraftId,
    request: PublishDraft,
) -> Result<Publication, Failure> {
    Ok(console.api()?.publish_policy_draft(id, &request).await?)
}

/// What is wrong with texts and what is odd about them; answered here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_policies(texts: PolicyTexts) -> Result<CheckedPolicies, Failure> {
    offhand(move || Ok(policies::check(texts))).await
}

/// The same texts, laid out; answered here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn format_policies(texts: PolicyTexts) -> Result<PolicyTexts, Failure> {
    offhand(move || policies::laid_out(texts)).await
}

/// The names that texts speak of; answered here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_outline(texts: PolicyTexts) -> Result<Outline, Failure> {
    offhand(move || policies::compiled(texts).map(|engine| engine.outline())).await
}

/// Puts cases to texts; answered here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_policies(texts: PolicyTexts, cases: Vec<Case>) -> Result<SuiteReport, Failure> {
    offhand(move || policies::compiled(texts).map(|engine| engine.test(&cases))).await
}

/// Asks one question without effect.
#[tauri::command]
#[specta::specta]
pub(crate) async fn simulate_policies(console: State<'_, Console>, request: Simulate) -> Result<Simulation, Failure> {
    Ok(console.api()?.simulate_policies(&request).await?)
}

/// Who can do what.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_access(console: State<'_, Console>, request: AskAccess) -> Result<AccessReport, Failure> {
    Ok(console.api()?.ask_access(&request).await?)
}

/// The names that questions can have here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn policy_vocabulary(console: State<'_, Console>, subject: Subject) -> Result<Vocabulary, Failure> {
    Ok(console.api()?.policy_vocabulary(&AskVocabulary { subject }).await?)
}

/// Asks recorded decisions again; tells how far it is under `work`.
#[tauri::command]
#[specta::specta]
pub(crate) async fn replay_policies(
    console: State<'_, Console>,
    work: String,
    request: Replay,
) -> Result<ReplayReport, Failure> {
    let api = console.api()?;
    let replaying = async { Ok(api.replay_policies(&request, console.telling(&work)).await?) };
    console.works().run(work.clone(), replaying).await
}

/// Holds texts against the set in force, over all possible requests. Where the control plane has no solver and this
/// device has one, it is proved here.
#[tauri::command]
#[specta::specta]
pub(crate) async fn compare_policies(
    console: State<'_, Console>,
    work: String,
    request: Compare,
) -> Result<Comparison, Failure> {
    let api = console.api()?;
    let comparing = async {
        let there = api.compare_policies(&request, console.telling(&work)).await?;
        match &request.subject {
            Subject::Texts(texts) if there.solver.problem.is_some() => {
                Ok(console.compare_here(&work, texts.clone()).await?.unwrap_or(there))
            }
            _ => Ok(there),
        }
    };
    console.works().run(work.clone(), comparing).await
}

/// Ends a replay or a comparison.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_policy_work(console: State<'_, Console>, work: String) -> Result<(), Failure> {
    console.works().cancel(&work);
    Ok(())
}
