//! The approvals and tasks rooms.

use contract::Page;
use contract::approvals::Inbox;
use contract::tasks::Task;
use domain::id::TicketId;
use tauri::State;

use crate::console::Console;
use crate::ipc::Failure;
use crate::ipc::approvals::{InboxQuery, InboxView, TicketPage};
use crate::ipc::signing::{SignAfterReview, SignReview, SigningOutcome};
use crate::{exact, sentence};

/// A page of the inbox.
#[tauri::command]
#[specta::specta]
pub(crate) async fn inbox(console: State<'_, Console>, query: InboxQuery) -> Result<Inbox, Failure> {
    let view = match query.view {
        InboxView::Mine => "mine",
        InboxView::Pending => "pending",
        InboxView::Closed => "closed",
        InboxView::AfterReview => "after_review",
    };
    let rest = [("env", &query.env), ("text", &query.text), ("cursor", &query.cursor)];
    let mut asked = vec![("view", view)];
    asked.extend(rest.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))));
    Ok(console.api()?.inbox(&asked).await?)
}

/// One ticket.
#[tauri::command]
#[specta::specta]
pub(crate) async fn ticket_page(console: State<'_, Console>, id: TicketId) -> Result<TicketPage, Failure> {
    let link = console.link()?;
    let ticket = link.api.ticket(id).await?;
    let last = if ticket.state.is_open() { console.last_like(&link, &ticket).await } else { None };
    Ok(TicketPage {
        sentence: sentence::of_ticket(&ticket),
        exact: exact::of_ticket(&ticket, None::<&()>, last.as_ref()),
        says: exact::says(&ticket),
        ticket,
    })
}

/// Takes the person through signing an answer; answers when the signing window has closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_review(console: State<'_, Console>, request: SignReview) -> Result<SigningOutcome, Failure> {
    console.sign_review(request).await
}

/// Takes the person through signing an after-review; answers when the signing window has closed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_after_review(
    console: State<'_, Console>,
    request: SignAfterReview,
) -> Result<SigningOutcome, Failure> {
    console.sign_after_review(request).await
}

/// Withdraws an approval; what is not spent of it never will be.
#[tauri::command]
#[specta::specta]
pub(crate) async fn revoke_approval(console: State<'_, Console>, id: TicketId, reason: String) -> Result<(), Failure> {
    console.api()?.revoke_ticket(id, &reason).await?;
    Ok(())
}

/// What ran, newest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn tasks(console: State<'_, Console>, cursor: Option<String>) -> Result<Page<Task>, Failure> {
    Ok(console.api()?.tasks(cursor.as_deref()).await?)
}
