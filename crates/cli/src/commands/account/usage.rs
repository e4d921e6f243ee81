//! `countersign account usage`: least privilege. What an account was given, what it used, and what would do.
//!
//! Invariant: a grant is applied only after a replay of that very grant, to the account as it was when it was looked at.

mod report;

use contract::Code;
use contract::access::ServiceAccount;
use contract::accounts::ReplaceAccount;
use contract::policies::{NarrowerGrant, Replay};
use contract::usage::AccountUsage;
use domain::account::AccountName;
use domain::outcome::Outcome;
use domain::policy::ReplayReport;
use serde::Serialize;

use super::found;
use crate::commands::policy::words::{count, of};
use crate::commands::policy::work::{Bar, or_signal};
use crate::connection::Connection;
use crate::exit::{Exit, Failure};
use crate::span::Span;

const DAY: u32 = 24 * 3600;
const LONGEST_DAYS: u32 = 366;

/// Show what an account was given, what of it it used, and a narrower grant that would do
///
/// A scope is `unused` if its use would have left an entry and none is there, and `unknown` if nobody can tell. The narrower
/// grant takes away what is unused, and nothing else.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign account usage billing-ci --since 30d
  countersign account usage billing-ci --replay
  countersign account usage billing-ci --apply")]
pub(crate) struct Args {
    /// The account
    name: AccountName,
    /// How far back, in whole days
    #[arg(long, value_name = "DURATION", default_value = "90d")]
    since: Span,
    /// Ask its recorded decisions of that time again, as if it held the narrower grant
    #[arg(long)]
    replay: bool,
    /// Give it the narrower grant, if it asked for decisions in that time and none would have been denied
    #[arg(long)]
    apply: bool,
    /// Give it also if it asked for none, or some would have been denied or could not be asked again
    #[arg(long, requires = "apply")]
    force: bool,
}

/// What is printed.
#[derive(Serialize)]
struct Looked {
    usage: AccountUsage,
    /// What recorded decisions would have been under the narrower grant, if that was asked.
    replay: Option<ReplayReport>,
    /// The account as it is now, if the grant was applied.
    applied: Option<ServiceAccount>,
}

pub(super) async fn run(connection: &Connection, args: &Args) -> Result<(), Failure> {
    let days = days(args.since)?;
    let (api, name) = (&connection.api, &args.name);
    // Before its usage, so that a change in between is found when the grant is applied.
    let account = found(name, api.account(name).await)?;
    let usage = api.account_usage(name, days).await?;
    let mut looked = Looked { usage, replay: None, applied: None };
    let grant = looked.usage.proposal.as_ref().map(|proposal| proposal.grant.clone());
    let (Some(grant), true) = (grant, args.replay || args.apply) else {
        return connection.out.result(&looked, report::text);
    };
    let replayed = replay(connection, &looked.usage, grant.clone()).await?;
    let harm = harm(&looked.usage, &replayed);
    looked.replay = Some(replayed);
    if let (true, Some(harm)) = (args.apply && !args.force, harm) {
        connection.out.result(&looked, report::text)?;
        return Err(harm.hint("the account is as it was; `--force` gives it the narrower grant all the same"));
    }
    if args.apply {
        let wanted = ReplaceAccount::narrowed(&account.value, &grant);
        let applied = api.replace_account(name, &wanted, &account.tag).await;
        looked.applied = Some(applied.map_err(|error| match error.code() {
            Some(Code::Stale) => {
                Failure::from(error).hint("somebody changed the account meanwhile; run the same command again")
            }
            _ => error.into(),
        })?);
    }
    connection.out.result(&looked, report::text)
}

fn days(since: Span) -> Result<u32, Failure> {
    match since.seconds().div_ceil(DAY) {
        days @ 1..=LONGEST_DAYS => Ok(days),
        _ => Err(Failure::usage(format!("`--since` is 1d to {LONGEST_DAYS}d"))),
    }
}

async fn replay(connection: &Connection, usage: &AccountUsage, grant: NarrowerGrant) -> Result<ReplayReport, Failure> {
    let request = Replay { from: Some(usage.from), grant: Some(grant), ..Replay::default() };
    let replayed = or_signal(async {
        let mut bar = Bar::new("replaying");
        Ok(connection.api.replay_policies(&request, |progress| bar.tell(progress)).await?)
    });
    replayed.await
}

/// Why the grant is not to be applied: it would have denied something, or nobody knows if it would.
fn harm(usage: &AccountUsage, report: &ReplayReport) -> Option<Failure> {
    if usage.decisions == 0 {
        return Some(Failure::new(Exit::Unproved, "it asked for no decision in that time, so a replay says nothing"));
    }
    let denied = report.flips.iter().filter(|group| group.flip.to == Outcome::Deny);
    let denied: u32 = denied.map(|group| group.count).sum();
    if denied > 0 {
        let would = count(denied as usize, "recorded decision would", "recorded decisions would");
        return Some(Failure::new(Exit::Flagged, format!("{would} have been denied under the narrower grant")));
    }
    let coverage = &report.coverage;
    (coverage.replayed < coverage.recorded).then(|| {
        let missed = of(coverage.recorded - coverage.replayed, coverage.recorded);
        Failure::new(Exit::Unproved, format!("{missed} recorded decisions could not be asked again"))
    })
}

#[cfg(test)]
mod tests {
    use domain::policy::replay::{Basis, Coverage, Drift, Flip, FlipGroup};
    use domain::{Digest, Instant};

    use super::*;

    fn report(flip: Option<(Outcome, Outcome)>, replayed: u32) -> ReplayReport {
        let now = Instant::from_seconds(1_800_000_000);
        let set = Digest::of_content(b"");
        let group = |(from, to)| FlipGroup {
            flip: Flip { from, to },
            count: 3,
            widens: false,
            first: now,
            last: now,
            samples: vec![],
        };
        ReplayReport {
            basis: Basis {
                draft: set,
                live: set,
                engine: String::new(),
                first_index: None,
                last_index: None,
                from: None,
                until: None,
            },
            coverage: Coverage { recorded: 10, replayed, skipped: vec![] },
            same: 7,
            flips: flip.map(group).into_iter().collect(),
            principals: vec![],
            actions: vec![],
            resources: vec![],
            environments: vec![],
            drift: Drift::default(),
            timeline: vec![],
        }
    }

    fn usage(decisions: u32) -> AccountUsage {
        let now = Instant::from_seconds(1_800_000_000);
        AccountUsage {
            account: "ci".parse().unwrap(),
            from: now,
            until: now,
            complete: true,
            decisions,
            scopes: vec![],
            resources: vec![],
            environments: vec![],
            workspaces: vec![],
            credentials: vec![],
            proposal: None,
        }
    }

    #[test]
    fn what_would_have_been_denied_or_is_not_known_stands_in_the_way_of_a_grant() {
        use Outcome::{Allow, Deny, RequireApproval};
        let exit = |flip, replayed| {
            harm(&usage(10), &report(flip, replayed)).map(|failure| match failure {
                Failure::Told { exit, .. } => exit,
                other => panic!("{other:?}"),
            })
        };
        assert_eq!(exit(None, 10), None);
        assert!(harm(&usage(0), &report(None, 10)).is_some(), "a replay of nothing says nothing");
        assert_eq!(exit(Some((Allow, Deny)), 10), Some(Exit::Flagged));
        assert_eq!(exit(Some((RequireApproval, Deny)), 10), Some(Exit::Flagged));
        assert_eq!(exit(Some((Deny, Allow)), 10), None);
        assert_eq!(exit(Some((Allow, RequireApproval)), 9), Some(Exit::Unproved));
    }

    #[test]
    fn a_time_is_told_in_whole_days() {
        let days = |text: &str| days(text.parse().unwrap()).ok();
        assert_eq!(["1s", "24h", "25h", "90d", "366d"].map(days), [Some(1), Some(1), Some(2), Some(90), Some(366)]);
        assert_eq!(["0s", "367d"].map(days), [None, None]);
    }
}
