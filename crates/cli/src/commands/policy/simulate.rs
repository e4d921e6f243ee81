//! `countersign policy simulate`: one question without effect, answered by the control plane or here.

mod asked;

use contract::policies::{PolicyEffect, Simulate, Simulation, Standing};
use domain::Instant;
use policy::Effect;

use super::subject::{Which, is_connected, open};
use super::words::{outcome, requirement};
use crate::cli::Global;
use crate::connection::Connection;
use crate::exit::Failure;
use crate::output::{Output, fields, prose, table};

/// Ask a policy set a question, without effect: the answer, and what each policy does with it
///
/// The control plane fills in what it knows of the principal and the resources. With `--dir` and no control plane the folder
/// answers here, and what the flags do not say is not so.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  countersign policy simulate --principal service_account:billing-ci --action pipelines:execute \
--resource pipeline:billing/nightly --env prod
  countersign policy simulate --dir policies --principal user:usr_ada --action deploy.app.update \
--resource app:shop --env prod --approvers 2 --group sre")]
pub(crate) struct Args {
    /// Who would ask, as `user:…` or `service_account:…`
    #[arg(long, value_name = "PRINCIPAL")]
    principal: String,
    /// The action, like `pipelines:execute`
    #[arg(long, value_name = "ACTION")]
    action: String,
    /// Each resource, as `kind:name`
    #[arg(long = "resource", value_name = "RESOURCE", required = true, num_args = 1..)]
    resources: Vec<String>,
    /// The environment, like `prod`
    #[arg(long, value_name = "ENV")]
    env: String,
    /// What it would say about the request: `execution_mode`, `execution_context`, `ip` or `break_glass`
    #[arg(long = "context", value_name = "NAME=VALUE", value_parser = asked::pair)]
    context: Vec<(String, String)>,
    /// When, like `2026-11-22T05:00:00Z`, instead of now
    #[arg(long, value_name = "INSTANT")]
    at: Option<Instant>,
    /// Its scopes, instead of those that it has; in a folder, instead of the one that the action needs
    #[arg(long = "scope", value_name = "SCOPE", help_heading = "Instead of what is known")]
    scopes: Vec<String>,
    /// Its teams
    #[arg(long = "team", value_name = "TEAM", help_heading = "Instead of what is known")]
    teams: Vec<String>,
    /// Its workspaces
    #[arg(long = "workspace", value_name = "NAME", help_heading = "Instead of what is known")]
    workspaces: Vec<String>,
    /// How many people would have approved it
    #[arg(long, value_name = "N", help_heading = "Approval")]
    approvers: Option<u32>,
    /// A group that would be among them
    #[arg(long = "group", value_name = "TEAM", requires = "approvers", help_heading = "Approval")]
    groups: Vec<String>,
    #[command(flatten)]
    which: Which,
    /// Ask the folder here, even if a control plane is named
    #[arg(long, requires = "dir", help_heading = "Policy set")]
    local: bool,
}

pub(super) async fn run(global: &Global, args: &Args) -> Result<(), Failure> {
    let out = Output { json: global.json };
    let dir = args.which.dir.as_deref().filter(|_| args.local || !is_connected(global));
    let simulation = if let Some(dir) = dir {
        let (_, engine) = open(global, dir).await?;
        out.note("answered here: rights, teams and workspaces are those of the flags");
        here(&engine, args)?
    } else {
        let connection = Connection::open(global)?;
        let subject = args.which.subject(&connection).await?;
        let request = Simulate { subject, question: asked::question(args)? };
        connection.api.simulate_policies(&request).await?
    };
    out.result(&simulation, text)
}

fn here(engine: &policy::Engine, args: &Args) -> Result<Simulation, Failure> {
    let question = asked::here(args)?;
    let explained = engine.explain(&question).map_err(Failure::usage)?;
    let policies = explained.policies.into_iter().map(|policy| PolicyEffect {
        policy: policy.policy,
        title: policy.title,
        effect: effect(policy.effect).to_owned(),
        standing: match policy.standing {
            policy::Standing::OutOfScope => Standing::OutOfScope,
            policy::Standing::NotApplying => Standing::NotApplying,
            policy::Standing::Applying => Standing::Applying,
            policy::Standing::Failing => Standing::Failing,
        },
        determining: policy.determining,
        sentence: policy.sentence,
    });
    let answer = explained.answer;
    Ok(Simulation {
        question,
        outcome: answer.outcome,
        ground: answer.ground.name().to_owned(),
        reasons: answer.reasons,
        requirement: answer.requirement,
        policies: policies.collect(),
        policy_set: answer.policy_set,
        // Whether there are any, only a control plane knows.
        plugins: vec![],
    })
}

const fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Permit => "permit",
        Effect::Forbid => "forbid",
        Effect::Guard => "guard",
    }
}

fn text(simulation: &Simulation) -> String {
    let Simulation { question, reasons, policies, .. } = simulation;
    let because = match reasons.as_slice() {
        [] => "no policy permits it".to_owned(),
        reasons => {
            let lines =
                reasons.iter().map(|reason| format!("`{}`: {}", prose(&reason.policy), prose(&reason.sentence)));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    let listed =
        |names: &[String], none: &str| if names.is_empty() { none.to_owned() } else { prose(&names.join(", ")) };
    let who = &question.principal;
    let mut rows = vec![("answer", outcome(simulation.outcome).to_owned()), ("because", because)];
    rows.extend(simulation.requirement.as_ref().map(|needed| ("it takes", requirement(needed))));
    rows.extend([
        ("asked by", prose(&who.reference())),
        ("scopes", listed(&who.scopes, "none")),
        ("teams", listed(&who.teams, "none")),
        ("workspaces", listed(&who.workspaces, "all")),
        (
            "to do",
            format!(
                "{} on {} in {}",
                prose(&question.action),
                prose(&question.resources.join(", ")),
                prose(&question.env)
            ),
        ),
        ("at", question.now.to_string()),
        ("policy set", simulation.policy_set.to_string()),
    ]);
    if !simulation.plugins.is_empty() {
        rows.push(("besides", format!("a decision also asks the plugins {}", prose(&simulation.plugins.join(", ")))));
    }
    let row = |policy: &PolicyEffect| {
        let mark = if policy.determining { ">" } else { " " };
        [format!("{mark} {}", prose(&policy.policy)), standing(policy.standing).to_owned(), prose(&policy.sentence)]
    };
    let rows_of_policies: Vec<_> = policies.iter().map(row).collect();
    format!("{}\n\n{}", fields(&rows), table(["  POLICY", "HERE", "WHY"], &rows_of_policies, "no policies"))
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::OutOfScope => "out of scope",
        Standing::NotApplying => "does not apply",
        Standing::Applying => "applies",
        Standing::Failing => "cannot be evaluated",
    }
}
