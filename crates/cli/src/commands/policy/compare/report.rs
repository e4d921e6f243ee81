//! A comparison as text: each aspect in each direction, with the request that shows it, in words.

use domain::outcome::Reason;
use domain::policy::{Aspect, Comparison, Counterexample, Direction, Finding, Proof, Proved};

use crate::commands::policy::words::{count, outcome};
use crate::output::{fields, prose, table};

/// How many requests of an answer are shown; `--json` has all.
const SHOWN: usize = 3;

pub(super) fn text(comparison: &Comparison) -> String {
    let Comparison { basis, solver, proofs, added, removed, changed, findings, took_ms } = comparison;
    let row = |proof: &Proof| {
        let unknown =
            if proof.unknown.is_empty() { String::new() } else { format!(", {} not known", proof.unknown.len()) };
        let kinds = format!("{}{unknown}", count(proof.kinds as usize, "kind of request", "kinds of request"));
        [question(proof.aspect, proof.direction).to_owned(), answer(proof.proved).to_owned(), kinds]
    };
    let rows: Vec<_> = proofs.iter().map(row).collect();
    let mut parts =
        vec![table(["QUESTION", "ANSWER", "LOOKED AT"], &rows, "nothing was compared").trim_end().to_owned()];
    parts.extend(proofs.iter().filter(|proof| proof.proved != Proved::Never || !proof.unknown.is_empty()).map(detail));
    let list = |names: &[String]| prose(&names.join(", "));
    let edits = [("added", added), ("removed", removed), ("changed", changed)];
    let mut edited: Vec<_> =
        edits.into_iter().filter(|(_, names)| !names.is_empty()).map(|(label, names)| (label, list(names))).collect();
    edited.push(("held", format!("{} against {}", basis.draft, basis.live)));
    edited.push(("solver", solver.name.as_deref().map_or_else(|| "none".to_owned(), prose)));
    edited.extend(solver.problem.as_deref().map(|problem| ("", prose(problem))));
    edited.push(("took", format!("{took_ms} ms")));
    parts.push(fields(&edited));
    if !findings.is_empty() {
        parts.push(findings.iter().map(finding).collect::<Vec<_>>().join("\n"));
    }
    parts.join("\n\n")
}

const fn question(aspect: Aspect, direction: Direction) -> &'static str {
    match (aspect, direction) {
        (Aspect::Ceiling, Direction::Widens) => "does it allow what live denies?",
        (Aspect::Ceiling, Direction::Narrows) => "does it deny what live allows?",
        (Aspect::Unattended, Direction::Widens) => "does it allow without approval what live does not?",
        (Aspect::Unattended, Direction::Narrows) => "does it stop without approval what live does not?",
        (Aspect::Approvers, Direction::Widens) => "does it take fewer approvers?",
        (Aspect::Approvers, Direction::Narrows) => "does it take more approvers?",
    }
}

const fn answer(proved: Proved) -> &'static str {
    match proved {
        Proved::Never => "never: proved",
        Proved::Sometimes => "YES",
        Proved::Unknown => "not known",
    }
}

fn detail(proof: &Proof) -> String {
    let mut lines = vec![prose(&proof.sentence)];
    lines.extend(proof.counterexamples.iter().take(SHOWN).map(example));
    let more = proof.counterexamples.len().saturating_sub(SHOWN);
    lines.extend((more > 0).then(|| format!("  and {more} more; `--json` has them")));
    lines.extend(proof.unknown.iter().take(SHOWN).map(|kind| format!("  not known: {}", prose(kind))));
    let more = proof.unknown.len().saturating_sub(SHOWN);
    lines.extend((more > 0).then(|| format!("  and {more} more that are not known; `--json` has them")));
    lines.join("\n")
}

fn example(example: &Counterexample) -> String {
    let Counterexample { question, ticket, live, live_reasons, draft, draft_reasons, sentence } = example;
    let listed =
        |names: &[String], none: &str| if names.is_empty() { none.to_owned() } else { prose(&names.join(", ")) };
    let mut rows = vec![
        ("who", prose(&question.principal.reference())),
        ("scopes", listed(&question.principal.scopes, "none")),
        ("teams", listed(&question.principal.teams, "none")),
        ("action", prose(&question.action)),
        ("resource", listed(&question.resources, "none")),
        ("env", prose(&question.env)),
    ];
    rows.extend(ticket.as_ref().map(|ticket| {
        let asked = format!("{} asked for {} in {}", ticket.requester, ticket.action, ticket.env);
        ("ticket", prose(&asked))
    }));
    rows.extend(question.approval.as_ref().map(|approval| {
        let groups = if approval.groups.is_empty() {
            String::new()
        } else {
            format!(", of {}", prose(&approval.groups.join(", ")))
        };
        ("approved", format!("by {}{groups}", count(approval.approvers as usize, "person", "people")))
    }));
    rows.push(("live", because(outcome(*live), live_reasons)));
    rows.push(("draft", because(outcome(*draft), draft_reasons)));
    let indented = fields(&rows).lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n");
    format!("  {}\n{indented}", prose(sentence))
}

fn because(answer: &str, reasons: &[Reason]) -> String {
    let ids: Vec<_> = reasons.iter().map(|reason| format!("`{}`", prose(&reason.policy))).collect();
    if ids.is_empty() { format!("{answer}, no policy permits it") } else { format!("{answer}, {}", ids.join(", ")) }
}

fn finding(finding: &Finding) -> String {
    let weight = if finding.grave { "grave" } else { "odd" };
    let ground = if finding.proved { "proved" } else { "seen in the text" };
    format!("{weight}: `{}`, line {}: {} ({ground})", prose(&finding.policy), finding.line, prose(&finding.sentence))
}
