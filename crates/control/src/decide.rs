//! Asking the policy engine, and keeping the whole question so that it can be asked again.

pub mod batch;
mod validated;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::binding::{Action, Context};
use domain::event::{Event, Kind};
use domain::id::DecisionId;
use domain::principal::Principal;
use policy::{Answer, Declared, Engine, PrincipalKind, Question};
use serde_json::json;
use store::Transaction;

use crate::authenticate::Caller;
use crate::plugins::Heard;
use crate::{Control, Error};

/// An answer with its id.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its id; its entry in the audit trail has the whole question.
    pub id: DecisionId,
    /// The answer.
    pub answer: Answer,
}

/// A question with its answer by one policy set.
struct Asked {
    engine: Arc<Engine>,
    question: Question,
    answer: (Decision, Event),
}

impl Control {
    /// Asks whether the caller may run this. Changes nothing but the audit trail. `told` is called once that is durable,
    /// perhaps on another thread: many wait for one flush of the disk, and no thread is kept for each of them.
    pub fn decide(
        &self,
        caller: &Caller,
        action: &Action,
        told: impl FnOnce(Result<Decision, Error>) + Send + 'static,
    ) {
        match self.asked(caller, action) {
            Err(error) => told(Err(error)),
            Ok(Asked { question, .. }) if self.inner.plugins.concern(&question) => {
                told(self.decide_heard(&caller.principal, &question));
            }
            Ok(Asked { engine, question, answer }) => {
                let principal = caller.principal.clone();
                let work = move |control: &Self, mut tx: Transaction<'_>| {
                    let (decision, event) = if store::policies::live_digest(&mut tx)? == Some(engine.digest()) {
                        answer.clone()
                    } else {
                        let engine = control.live_engine(&mut tx)?;
                        control.ask(&engine, &principal, &question)?
                    };
                    tx.commit(event)?;
                    Ok(decision)
                };
                self.write_soon(work, told);
            }
        }
    }

    /// The answer by the policies that are live now. Asked before the write begins, so that nobody's write waits for one.
    fn asked(&self, caller: &Caller, action: &Action) -> Result<Asked, Error> {
        caller.require("decisions:request")?;
        let question = self.question(caller, action)?;
        let engine = self.read(|q| self.live_engine(q))?;
        let answer = self.ask(&engine, &caller.principal, &question)?;
        Ok(Asked { engine, question, answer })
    }

    /// The caller's question, as it would be recorded.
    pub(crate) fn question(&self, caller: &Caller, action: &Action) -> Result<Question, Error> {
        Ok(Question {
            principal: policy_principal(caller),
            action: action.action.clone(),
            resources: action.resources.iter().map(str::to_owned).collect(),
            env: action.env.clone(),
            context: Declared { ip: caller.address.map(|ip| ip.to_string()), ..declared(&action.context)? },
            now: self.now(),
            approval: None,
            known: BTreeMap::new(),
        })
    }

    /// One answer and the entry that records it.
    pub(crate) fn ask(
        &self,
        engine: &Engine,
        principal: &Principal,
        question: &Question,
    ) -> Result<(Decision, Event), Error> {
        let answer = engine.decide(question)?;
        Ok(self.recorded(principal, question, answer, &Heard::default()))
    }

    /// The answer of policy with what plugins said, and the entry of both. Where they said something, the entry has the
    /// answer of policy alone as well: that is what a replay compares.
    fn recorded(&self, principal: &Principal, question: &Question, policy: Answer, heard: &Heard) -> (Decision, Event) {
        let (answer, plugins) = heard.applied_to(question, &policy);
        let id = DecisionId::new(self.ids());
        let mut data = json!({
            "question": question,
            "answer": answer,
            "engine": policy::ENGINE,
        });
        if let Some(plugins) = plugins {
            data["plugins"] = plugins;
            data["policy_answer"] = json!(policy);
        }
        let event = Event::new(question.now, Kind::DecisionMade).by(principal).about(id).with(data);
        (Decision { id, answer }, event)
    }
}

/// A caller as policy sees it.
pub(crate) fn policy_principal(caller: &Caller) -> policy::Principal {
    let (kind, id) = match &caller.principal {
        Principal::User(id) => (PrincipalKind::User, id.to_string()),
        Principal::ServiceAccount(name) => (PrincipalKind::ServiceAccount, name.to_string()),
        Principal::Federated(name) => (PrincipalKind::ServiceAccount, name.to_string()),
    };
    policy::Principal {
        kind,
        id,
        name: caller.name.clone(),
        teams: caller.teams.clone(),
        scopes: caller.scopes.canonical().map(str::to_owned).collect(),
        workspaces: caller.workspaces.clone(),
        owner: None,
    }
}

fn declared(context: &Context) -> Result<Declared, Error> {
    if context.contains_key("ip") {
        return Err(Error::invalid(
            "context.ip",
            "where a request comes from is not for its sender to say; leave it out",
        ));
    }
    let value = serde_json::to_value(context).map_err(|error| Error::invalid("context", error))?;
    serde_json::from_value(value).map_err(|error| Error::invalid("context", error))
}
