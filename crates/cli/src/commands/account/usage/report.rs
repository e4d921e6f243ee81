//! Usage as text: what was given and used, what would do, and what became of that.

use contract::usage::{AccountUsage, CredentialUse, ReachUse, ScopeUse, UsageProposal, UseStanding, Used};
use domain::Instant;

use super::Looked;
use crate::commands::policy::replay;
use crate::commands::policy::words::{count, grouped};
use crate::output::{prose, table};
use crate::when::{absolute, relative};

/// How many of each list are shown; `--json` has all.
const SHOWN: usize = 20;

pub(super) fn text(looked: &Looked) -> String {
    let Looked { usage, replay, applied } = looked;
    let mut parts = vec![head(usage), scopes(usage)];
    parts.extend(reach("RESOURCE", &usage.resources, usage.until));
    parts.extend(reach("WORKSPACE", &usage.workspaces, usage.until));
    parts.extend(environments(usage));
    parts.extend(credentials(usage));
    parts.push(match &usage.proposal {
        Some(proposal) => proposed(proposal),
        None => "no narrower grant would do: everything it was given was used, or may have been".to_owned(),
    });
    parts.extend(replay.as_ref().map(replay::report::text));
    if applied.is_some() {
        parts.push(format!("service account {}: changed; it holds the narrower grant from now on", usage.account));
    }
    parts.join("\n\n")
}

fn head(usage: &AccountUsage) -> String {
    let decisions = count(usage.decisions as usize, "decision", "decisions");
    let decisions = decisions.split_once(' ').map_or("", |(_, noun)| noun);
    let gaps = if usage.complete { "" } else { "\nsome decisions cannot be read, so nothing is told to be unused" };
    format!(
        "service account {}, from {} to {}\n{} {decisions}{gaps}",
        usage.account,
        absolute(usage.from),
        absolute(usage.until),
        grouped(usage.decisions),
    )
}

fn scopes(usage: &AccountUsage) -> String {
    let row = |scope: &ScopeUse| {
        [prose(&scope.scope), standing(scope.use_of), grouped(scope.times), last(scope.last_used_at, usage.until)]
    };
    let rows: Vec<_> = usage.scopes.iter().map(row).collect();
    table(["SCOPE", "USE", "TIMES", "LAST USED"], &rows, "it was given no scope").trim_end().to_owned()
}

fn reach(head: &str, all: &[ReachUse], now: Instant) -> Option<String> {
    let row = |one: &ReachUse| {
        let granted = if one.granted { "by name" } else { "-" }.to_owned();
        [prose(&one.name), granted, standing(one.use_of), grouped(one.times), last(one.last_used_at, now)]
    };
    let rows: Vec<_> = all.iter().take(SHOWN).map(row).collect();
    let more = more(all.len());
    let text = format!("{}{more}", table([head, "GRANTED", "USE", "TIMES", "LAST USED"], &rows, ""));
    (!rows.is_empty()).then(|| text.trim_end().to_owned())
}

fn environments(usage: &AccountUsage) -> Option<String> {
    let row = |one: &Used| [prose(&one.name), grouped(one.times), last(Some(one.last_used_at), usage.until)];
    let rows: Vec<_> = usage.environments.iter().take(SHOWN).map(row).collect();
    let text = format!("{}{}", table(["ENV", "TIMES", "LAST USED"], &rows, ""), more(usage.environments.len()));
    (!rows.is_empty()).then(|| text.trim_end().to_owned())
}

fn credentials(usage: &AccountUsage) -> Option<String> {
    let row = |held: &CredentialUse| {
        [prose(&held.identifier), prose(&held.label), last(held.last_used_at, usage.until), held.scopes.to_string()]
    };
    let rows: Vec<_> = usage.credentials.iter().map(row).collect();
    let text = table(["CREDENTIAL", "LABEL", "LAST USED", "SCOPES"], &rows, "");
    (!rows.is_empty()).then(|| text.trim_end().to_owned())
}

fn proposed(proposal: &UsageProposal) -> String {
    let mut lines = vec!["a narrower grant would do:".to_owned()];
    lines.extend(proposal.removes.iter().map(|scope| format!("  - scope {}", prose(scope))));
    if let Some(workspaces) = &proposal.grant.workspaces {
        lines.push(format!("  only in {}", prose(&workspaces.join(", "))));
    }
    lines.extend(proposal.because.iter().map(|why| format!("  {}", prose(why))));
    lines.join("\n")
}

fn standing(standing: UseStanding) -> String {
    match standing {
        UseStanding::Used => "used",
        UseStanding::Unused => "UNUSED",
        UseStanding::Unknown => "unknown",
    }
    .to_owned()
}

fn last(at: Option<Instant>, now: Instant) -> String {
    at.map_or_else(|| "never".to_owned(), |at| relative(at, now))
}

fn more(all: usize) -> String {
    let more = all.saturating_sub(SHOWN);
    if more > 0 { format!("and {more} more; `--json` has them") } else { String::new() }
}
