//! The exact action, made readable from the very value that is signed. Nothing is shortened; what a screen would hide
//! is written out.

use contract::approvals::Ticket;
use domain::binding::{Binding, Command};
use domain::reveal::{Span, reveal};
use domain::words::words;
use serde::Serialize;

use crate::ipc::approvals::{Exact, Hash, Row, Says};

/// The three views of a ticket's binding. `payload` is what a signature covers beside it, if something is to be signed;
/// `last` is the last action of the same kind that was approved.
pub(crate) fn of_ticket(ticket: &Ticket, payload: Option<&impl Serialize>, last: Option<&Binding>) -> Exact {
    let digests = ticket.binding.digests();
    let mut readable = rows(&ticket.binding);
    if let Some(last) = last {
        mark_changes(&mut readable, &rows(last));
    }
    let command_hash = digests.command_hash.map_or_else(|| "–".to_owned(), |digest| digest.to_string());
    Exact {
        readable,
        raw: match payload {
            Some(payload) => raw(&serde_json::json!({ "signed": payload, "binding": ticket.binding })),
            None => raw(&ticket.binding),
        },
        hashes: vec![
            hash("binding_digest", &digests.binding_digest),
            hash("resource_hash", &digests.resource_hash),
            hash("command_hash", &command_hash),
            hash("context_hash", &digests.context_hash),
            hash("policy_set", &ticket.policy_set),
        ],
        words: words(&digests.binding_digest),
        digests_agree: digests == ticket.digests,
    }
}

/// The requester's own words.
pub(crate) fn says(ticket: &Ticket) -> Says {
    let shown = |text: &Option<String>| text.as_deref().map(reveal);
    Says { title: shown(&ticket.statement.title), description: shown(&ticket.statement.description) }
}

/// A value's canonical JSON, indented, a span list per line.
pub(crate) fn raw(value: &impl Serialize) -> Vec<Vec<Span>> {
    // Sorted like the canonical form: through a map that is.
    let sorted = serde_json::to_value(value).unwrap_or_default();
    let text = serde_json::to_string_pretty(&sorted).unwrap_or_default();
    text.lines().map(reveal).collect()
}

pub(crate) fn row(label: impl Into<String>, values: impl IntoIterator<Item = impl AsRef<str>>) -> Row {
    let values = values.into_iter().map(|value| reveal(value.as_ref())).collect();
    Row { label: label.into(), values, changed: false }
}

pub(crate) fn hash(name: &str, value: &impl ToString) -> Hash {
    Hash { name: name.to_owned(), value: value.to_string() }
}

fn rows(binding: &Binding) -> Vec<Row> {
    let action = &binding.action;
    let mut rows = vec![
        row("Requester", [binding.subject_id.to_string()]),
        row("Environment", [&action.env]),
        row("Action", [&action.action]),
        row("Resources", action.resources.iter()),
    ];
    if let Some(command) = &action.command {
        rows.extend(command_rows(command));
    }
    if !action.context.is_empty() {
        rows.push(row("Context", action.context.iter().map(|(name, value)| format!("{name} = {value}"))));
    }
    if let Some(budget) = &binding.budget {
        rows.push(row("May run", [format!("{} of the approval", budget.in_words())]));
    }
    rows.push(row("Nonce", [binding.nonce.as_str()]));
    rows
}

fn command_rows(command: &Command) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, argument) in command.argv.iter().enumerate() {
        let label = if index == 0 { "Program".to_owned() } else { format!("Argument {index}") };
        rows.push(row(label, [argument]));
    }
    if let Some(digest) = &command.executable_digest {
        rows.push(row("Program file", [digest.to_string()]));
    }
    rows.push(row("Directory", [&command.working_directory]));
    for (name, value) in &command.environment {
        rows.push(row(format!("Variable {name}"), [value]));
    }
    if let Some(digest) = &command.stdin_digest {
        rows.push(row("Standard input", [digest.to_string()]));
    }
    if let Some(digest) = &command.image_digest {
        rows.push(row("Image", [digest]));
    }
    rows
}

/// Marks every row that the last action did not have in the same form. The nonce always differs and says nothing.
fn mark_changes(rows: &mut [Row], last: &[Row]) {
    for row in rows.iter_mut().filter(|row| row.label != "Nonce") {
        row.changed = !last.iter().any(|known| known.label == row.label && known.values == row.values);
    }
}
