//! A replay as text: how much was asked, what flips and how, whom it meets, and examples.

use domain::outcome::Outcome;
use domain::policy::{FlipGroup, FlipSample, ReplayReport, Share, SkipReason};

use crate::commands::policy::words::{count, grouped, of};
use crate::output::{prose, table};

/// How many of each list are shown; `--json` has all.
const SHOWN: usize = 10;
/// How many samples of a kind are shown.
const SAMPLES: usize = 3;

pub(in crate::commands) fn text(report: &ReplayReport) -> String {
    let coverage = &report.coverage;
    let mut parts = vec![basis(report)];
    let flips: u32 = report.flips.iter().map(|group| group.count).sum();
    if flips == 0 {
        parts.push("no decision would be another".to_owned());
    } else {
        parts.push(format!("{} decisions would be another", of(flips, coverage.replayed)));
        parts.push(kinds(&report.flips));
        parts.extend(report.flips.iter().map(samples));
        let lists = [
            ("PRINCIPAL", &report.principals),
            ("ACTION", &report.actions),
            ("RESOURCE", &report.resources),
            ("ENV", &report.environments),
        ];
        parts.extend(lists.into_iter().filter_map(|(head, shares)| met(head, shares)));
    }
    parts.push(covered(report));
    parts.extend(drift(report));
    parts.join("\n\n")
}

fn basis(report: &ReplayReport) -> String {
    let basis = &report.basis;
    let range = match (basis.from, basis.until) {
        (Some(from), Some(until)) => format!(" from {from} to {until}"),
        _ => String::new(),
    };
    let places = match (basis.first_index, basis.last_index) {
        (Some(first), Some(last)) => format!(", entries {first} to {last} of the ledger"),
        _ => String::new(),
    };
    let recorded = count(report.coverage.recorded as usize, "decision", "decisions");
    format!(
        "{} {}{range}{places}\nasked {} instead of {}, by {}",
        grouped(report.coverage.recorded),
        recorded.split_once(' ').map_or("", |(_, noun)| noun),
        basis.draft,
        basis.live,
        prose(&basis.engine),
    )
}

fn kinds(groups: &[FlipGroup]) -> String {
    let row = |group: &FlipGroup| {
        let weight = if group.widens { "more may happen" } else { "less may happen" };
        [grouped(group.count), change(group), weight.to_owned(), group.first.to_string(), group.last.to_string()]
    };
    let rows: Vec<_> = groups.iter().map(row).collect();
    table(["DECISIONS", "CHANGE", "MEANS", "FIRST", "LAST"], &rows, "").trim_end().to_owned()
}

fn change(group: &FlipGroup) -> String {
    let Outcome::RequireApproval = group.flip.from else {
        return format!("{} -> {}", group.flip.from.name(), group.flip.to.name());
    };
    if group.flip.to == Outcome::RequireApproval {
        let how = if group.widens { "with less" } else { "with more" };
        return format!("require_approval, {how}");
    }
    format!("{} -> {}", group.flip.from.name(), group.flip.to.name())
}

fn samples(group: &FlipGroup) -> String {
    let shown = group.samples.iter().take(SAMPLES).map(sample);
    let more = group.samples.len().saturating_sub(SAMPLES);
    let more = (more > 0).then(|| format!("  and {more} more; `--json` has them"));
    std::iter::once(format!("{}:", change(group))).chain(shown).chain(more).collect::<Vec<_>>().join("\n")
}

fn sample(sample: &FlipSample) -> String {
    let FlipSample { decision, question, sentence, alike, before, after, .. } = sample;
    let policies = |ids: &[String]| if ids.is_empty() { "no policy".to_owned() } else { ids.join(", ") };
    let alike = if *alike > 1 { format!("; {} alike", grouped(*alike)) } else { String::new() };
    format!(
        "  {}  {} {} on {} in {} at {}{alike}\n    {}\n    before: {}; after: {}",
        prose(decision),
        prose(&question.principal.reference()),
        prose(&question.action),
        prose(&question.resources.join(", ")),
        prose(&question.env),
        question.now,
        prose(sentence),
        prose(&policies(before)),
        prose(&policies(after)),
    )
}

fn met(head: &str, shares: &[Share]) -> Option<String> {
    let met: Vec<_> = shares.iter().filter(|share| share.flips > 0).collect();
    let row = |share: &&Share| [prose(&share.name), of(share.flips, share.decisions), grouped(share.widening)];
    let rows: Vec<_> = met.iter().take(SHOWN).map(row).collect();
    let more = met.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("and {more} more; `--json` has them") } else { String::new() };
    let table = table([head, "WOULD BE ANOTHER", "OF THOSE, MORE MAY HAPPEN"], &rows, "");
    (!rows.is_empty()).then(|| format!("{table}{more}").trim_end().to_owned())
}

fn covered(report: &ReplayReport) -> String {
    let coverage = &report.coverage;
    if coverage.skipped.is_empty() {
        return "every recorded decision was asked again".to_owned();
    }
    let missed = of(coverage.recorded.saturating_sub(coverage.replayed), coverage.recorded);
    let lines = coverage.skipped.iter().map(|skipped| {
        let why = match skipped.reason {
            SkipReason::Unreadable => "they cannot be read",
            SkipReason::NotInSchema => "the schema does not have what they ask about",
            SkipReason::Incomplete => "they do not say all that the schema needs",
        };
        format!("  {}, because {why}; for example: {}", grouped(skipped.count), prose(&skipped.example))
    });
    std::iter::once(format!("{missed} are not replayable:")).chain(lines).collect::<Vec<_>>().join("\n")
}

fn drift(report: &ReplayReport) -> Option<String> {
    let drift = &report.drift;
    let mut lines = Vec::new();
    if drift.by_older_sets > 0 {
        let number = grouped(drift.by_older_sets);
        lines.push(format!("{number} were answered otherwise than the set in force does now, by older sets"));
    }
    if drift.unexplained > 0 {
        let number = grouped(drift.unexplained);
        let examples = prose(&drift.examples.join(", "));
        lines.push(format!("{number} were recorded with another answer than the very same set gives: {examples}"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}
