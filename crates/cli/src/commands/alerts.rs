//! `countersign alerts`: what a security team should look at, and what became of it.

use contract::Page;
use contract::alerts::AlertRules;
use domain::alert::{Alert, Rule, RuleSetting, Severity};
use domain::id::AlertId;

use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{fields, prose, table};
use crate::pages::Pages;
use crate::span::Span;

/// List alerts, take one on, settle one, or set the rules that raise them
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign alerts")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List alerts, newest first
    #[command(after_help = "Example:\n  countersign alerts list --state open --severity critical")]
    List(Filter),
    /// Take an alert on
    #[command(after_help = "Example:\n  countersign alerts ack alr_01HZY3V5W2M4Q6S8T0XABCDEFG --note \"Ours\"")]
    Ack(Handling),
    /// Settle an alert; the same thing again raises a new one
    #[command(
        after_help = "Example:\n  countersign alerts resolve alr_01HZY3V5W2M4Q6S8T0XABCDEFG --note \"It was a test\""
    )]
    Resolve(Handling),
    /// Show the rules, or set one
    #[command(after_help = "Example:\n  countersign alerts rules failed_authentications --threshold 10 --within 5m")]
    Rules(Rules),
}

#[derive(Debug, Default, clap::Args)]
struct Filter {
    /// Only those that are `open`, `acknowledged` or `resolved`
    #[arg(long, value_parser = ["open", "acknowledged", "resolved"])]
    state: Option<String>,
    /// Only those of this rule, like `failed_authentications`
    #[arg(long, value_parser = rule)]
    rule: Option<Rule>,
    /// Only those that are `info`, `warning` or `critical`
    #[arg(long, value_parser = ["info", "warning", "critical"])]
    severity: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: usize,
}

#[derive(Debug, clap::Args)]
struct Handling {
    /// Which
    alert: AlertId,
    /// What there is to say about it, for whoever looks later
    #[arg(long)]
    note: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Rules {
    /// Which rule to set; without it all are shown
    #[arg(value_parser = rule)]
    rule: Option<Rule>,
    /// Whether it raises alerts: `on` or `off`
    #[arg(long, requires = "rule", value_parser = ["on", "off"])]
    turn: Option<String>,
    /// How urgent its alerts are
    #[arg(long, requires = "rule", value_parser = ["info", "warning", "critical"])]
    severity: Option<String>,
    /// How often within the time
    #[arg(long, requires = "rule", value_name = "N")]
    threshold: Option<u32>,
    /// The time, like `5m` or `14d`
    #[arg(long, requires = "rule", value_name = "DURATION")]
    within: Option<Span>,
}

pub(crate) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    match &args.command {
        None => list(&connection, &Filter { limit: 50, ..Filter::default() }).await,
        Some(Command::List(filter)) => list(&connection, filter).await,
        Some(Command::Ack(Handling { alert, note })) => {
            show(&connection, &connection.api.acknowledge_alert(*alert, note.clone()).await?)
        }
        Some(Command::Resolve(Handling { alert, note })) => {
            show(&connection, &connection.api.resolve_alert(*alert, note.clone()).await?)
        }
        Some(Command::Rules(rules)) => set(&connection, rules).await,
    }
}

async fn list(connection: &Connection, filter: &Filter) -> Result<(), Failure> {
    let page = async |cursor: Option<String>| page(connection, filter, cursor.as_deref()).await;
    let alerts = Pages::read(filter.limit, page).await?;
    connection.out.result(&alerts.items, |alerts| {
        let row = |alert: &Alert| {
            [
                alert.id.to_string(),
                severity(alert.severity).to_owned(),
                alert.state.name().to_owned(),
                alert.count.to_string(),
                alert.last_at.to_string(),
                prose(&alert.sentence),
            ]
        };
        let rows: Vec<_> = alerts.iter().map(row).collect();
        table(["ALERT", "SEVERITY", "STATE", "COUNT", "LAST", "WHAT"], &rows, "no alerts")
    })?;
    alerts.tell(connection.out);
    Ok(())
}

async fn page(connection: &Connection, filter: &Filter, cursor: Option<&str>) -> Result<Page<Alert>, Failure> {
    let parts = [
        ("state", filter.state.as_deref()),
        ("rule", filter.rule.map(Rule::name)),
        ("severity", filter.severity.as_deref()),
        ("cursor", cursor),
    ];
    let query: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    Ok(connection.api.alerts(&query).await?)
}

fn show(connection: &Connection, alert: &Alert) -> Result<(), Failure> {
    connection.out.result(alert, |alert| {
        let handled = alert.resolved.as_ref().or(alert.acknowledged.as_ref());
        let mut rows = vec![
            ("alert", alert.id.to_string()),
            ("what", prose(&alert.sentence)),
            ("state", alert.state.name().to_owned()),
        ];
        rows.extend(handled.map(|handled| ("by", handled.by.to_string())));
        rows.extend(handled.filter(|handled| !handled.note.is_empty()).map(|handled| ("note", prose(&handled.note))));
        fields(&rows)
    })
}

async fn set(connection: &Connection, wanted: &Rules) -> Result<(), Failure> {
    let mut known = connection.api.alert_rules().await?;
    let changes =
        wanted.turn.is_some() || wanted.severity.is_some() || wanted.threshold.is_some() || wanted.within.is_some();
    if let Some(rule) = wanted.rule {
        known.rules.retain(|setting| setting.rule == rule);
    }
    if changes {
        for setting in &mut known.rules {
            change(setting, wanted);
        }
        let all = connection.api.set_alert_rules(&known).await?;
        known.rules = all.rules.into_iter().filter(|setting| Some(setting.rule) == wanted.rule).collect();
    }
    connection.out.result(&known, |AlertRules { rules }| {
        let row = |setting: &RuleSetting| {
            [
                setting.rule.name().to_owned(),
                if setting.enabled { "on" } else { "off" }.to_owned(),
                severity(setting.severity).to_owned(),
                setting.threshold.to_string(),
                format!("{} s", setting.within_seconds),
            ]
        };
        let rows: Vec<_> = rules.iter().map(row).collect();
        table(["RULE", "IS", "SEVERITY", "THRESHOLD", "WITHIN"], &rows, "no rules")
    })
}

fn change(setting: &mut RuleSetting, wanted: &Rules) {
    if let Some(turn) = &wanted.turn {
        setting.enabled = turn == "on";
    }
    setting.threshold = wanted.threshold.unwrap_or(setting.threshold);
    setting.within_seconds = wanted.within.map_or(setting.within_seconds, Span::seconds);
    setting.severity = match wanted.severity.as_deref() {
        Some("info") => Severity::Info,
        Some("warning") => Severity::Warning,
        Some("critical") => Severity::Critical,
        _ => setting.severity,
    };
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}

fn rule(text: &str) -> Result<Rule, String> {
    let names = || Rule::ALL.map(Rule::name).join("`, `");
    Rule::ALL.into_iter().find(|rule| rule.name() == text).ok_or_else(|| format!("there are `{}`", names()))
}
