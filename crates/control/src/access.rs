//! Who can do what: every known principal with every action, resource and environment, asked of one policy set.
//!
//! Invariant: bounded. Too many combinations are refused with what to name, and a report that is cut says so.
//! Deliberately absent: context. A row is what the answer is to a request that declares nothing, from no address, now.

mod combinations;
pub mod vocabulary;

use domain::outcome::Outcome;
use policy::{Answer, Declared, Question};

use crate::authenticate::Caller;
use crate::policies::subject::Subject;
use crate::{Control, Error};

use combinations::Combinations;

/// The most rows of a report.
pub const ROWS: usize = 5_000;
/// The most combinations that are asked.
const ASKED: usize = 100_000;

/// What is asked; what is absent is everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Only this principal.
    pub principal: Option<String>,
    /// Only this action.
    pub action: Option<String>,
    /// Only this resource.
    pub resource: Option<String>,
    /// Only this environment.
    pub env: Option<String>,
}

/// One answer that is not `deny`.
#[derive(Clone, Debug)]
pub struct Row {
    /// Who.
    pub principal: String,
    /// How it is called.
    pub name: String,
    /// What.
    pub action: String,
    /// On what.
    pub resource: String,
    /// Where.
    pub env: String,
    /// The answer.
    pub answer: Answer,
}

/// Who can do what.
#[derive(Clone, Debug)]
pub struct Report {
    /// So many at most.
    pub rows: Vec<Row>,
    /// How many combinations were asked.
    pub asked: u32,
    /// Whether there are more rows.
    pub cut: bool,
    /// The set that answered.
    pub policy_set: domain::Digest,
}

impl Control {
    /// Who can do this, or what this principal can do.
    pub fn access(&self, caller: &Caller, subject: &Subject, wanted: &Wanted) -> Result<Report, Error> {
        caller.require("policies:read")?;
        caller.require("accounts:read")?;
        let engine = self.sized_engine(subject)?;
        let now = self.now();
        let all = self.read(|q| Combinations::of(q, caller, &engine, wanted, now))?;
        if all.count() > ASKED {
            let help = format!(
                "these are {} combinations, and at most {ASKED} are asked; name a `principal`, an `action`, a `resource` or \
                 an `env`",
                all.count()
            );
            return Err(Error::invalid("principal", help));
        }
        let mut report = Report { rows: Vec::new(), asked: 0, cut: false, policy_set: engine.digest() };
        for asked in all.iter() {
            if report.cut {
                break;
            }
            let question = Question {
                principal: asked.principal.clone(),
                action: asked.action.to_owned(),
                resources: vec![asked.resource.text.clone()],
                env: asked.env.to_owned(),
                context: Declared::default(),
                now,
                approval: None,
                known: asked.resource.known.clone(),
            };
            let answer = engine.decide(&question)?;
            report.asked += 1;
            if answer.outcome == Outcome::Deny {
                continue;
            }
            report.cut = report.rows.len() == ROWS;
            if !report.cut {
                report.rows.push(Row {
                    principal: asked.principal.reference(),
                    name: asked.principal.name.clone(),
                    action: question.action,
                    resource: asked.resource.text.clone(),
                    env: question.env,
                    answer,
                });
            }
        }
        Ok(report)
    }
}
