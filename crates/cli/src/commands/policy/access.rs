//! `countersign policy who` and `can`: who can do something, and what somebody can do.

use contract::policies::{AccessReport, AccessRow, AskAccess};

use super::subject::Which;
use super::words::{count, outcome};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{prose, table};

/// Show who can do something, of all people and service accounts that are known
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  countersign policy who --action pipelines:execute --resource pipeline:billing/nightly --env prod")]
pub(crate) struct WhoArgs {
    /// The action, like `pipelines:execute`
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// The resource, as `kind:name`; without one, those that are known
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// The environment; without one, each
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    #[command(flatten)]
    which: Which,
}

/// Show what a person or a service account can do
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  countersign policy can --principal service_account:billing-ci --env prod")]
pub(crate) struct CanArgs {
    /// Who, as `user:…` or `service_account:…`
    #[arg(long, value_name = "PRINCIPAL")]
    principal: String,
    /// Only this action
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only on this resource, as `kind:name`
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// Only in this environment
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    #[command(flatten)]
    which: Which,
}

pub(super) async fn who(global: &Global, args: &WhoArgs) -> Result<(), Failure> {
    let WhoArgs { action, resource, env, which } = args;
    let request = AskAccess {
        action: Some(action.clone()),
        resource: resource.clone(),
        env: env.clone(),
        ..AskAccess::default()
    };
    ask(global, request, which, "nobody can").await
}

pub(super) async fn can(global: &Global, args: &CanArgs) -> Result<(), Failure> {
    let CanArgs { principal, action, resource, env, which } = args;
    let principal = Some(principal.clone());
    let (action, resource, env) = (action.clone(), resource.clone(), env.clone());
    let request = AskAccess { principal, action, resource, env, ..AskAccess::default() };
    ask(global, request, which, "nothing at all").await
}

async fn ask(global: &Global, mut request: AskAccess, which: &Which, none: &str) -> Result<(), Failure> {
    let connection = Connection::open(global)?;
    request.subject = which.subject(&connection).await?;
    let report = connection.api.ask_access(&request).await?;
    connection.out.result(&report, |report| text(report, none))?;
    if report.cut {
        connection.out.note("there are more; ask about one action, resource or environment");
    }
    Ok(())
}

fn text(report: &AccessReport, none: &str) -> String {
    let row = |row: &AccessRow| {
        let AccessRow { principal, name, action, resource, env, outcome: answer, approvers, because } = row;
        let approvers = approvers.map(|number| format!(" by {number}")).unwrap_or_default();
        let who = if name.is_empty() || principal.ends_with(name.as_str()) {
            prose(principal)
        } else {
            format!("{} ({})", prose(name), prose(principal))
        };
        let answer = format!("{}{approvers}", outcome(*answer));
        [who, prose(action), prose(resource), prose(env), answer, prose(&because.join(", "))]
    };
    let rows: Vec<_> = report.rows.iter().map(row).collect();
    let table = table(["WHO", "ACTION", "RESOURCE", "ENV", "ANSWER", "BECAUSE"], &rows, none);
    format!("{}\n{} asked", table.trim_end(), count(report.asked as usize, "question was", "questions were"))
}
