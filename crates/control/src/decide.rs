//! Asking the policy engine, and keeping the whole question so that it can be asked again.

pub mod batch;
mod validated;

use std::sync::Arc;

use domain::binding::{Action, BREAK_GLASS};
use domain::event::{Event, Kind};
use domain::id::DecisionId;
use domain::network::admits;
use domain::principal::Principal;
use policy::{Answer, Declared, Engine, PrincipalKind, Question};
use serde_json::json;
use store::{Query, Transaction};

use crate::authenticate::Caller;
use crate::declared::declared;
use crate::plugins::Heard;
use crate::{Control, Error, known};

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
        let (engine, question) = self.read(|q| Ok((self.live_engine(q)?, self.question(q, caller, action)?)))?;
        let answer = self.ask(&engine, &caller.principal, &question)?;
        Ok(Asked { engine, question, answer })
    }

    /// The caller's question, as it would be recorded, with what is known in this transaction.
    pub(crate) fn question(&self, q: &mut dyn Query, caller: &Caller, action: &Action) -> Result<Question, Error> {
        let known_network = (!caller.networks.is_empty())
            .then(|| caller.address.is_some_and(|address| admits(&caller.networks, address)));
        let ip = caller.address.map(|ip| ip.to_string());
        let now = self.now();
        Ok(Question {
            principal: policy_principal(caller),
            action: action.action.clone(),
            resources: action.resources.iter().map(str::to_owned).collect(),
            env: action.env.clone(),
            context: Declared { ip, known_network, ..declared(&action.context)? },
            now,
            approval: None,
            known: known::of(q, action.resources.iter(), now)?,
        })
    }

    /// The same question with what is known in this transaction, which may be another than where it was first asked.
    pub(crate) fn refreshed(q: &mut dyn Query, question: &Question) -> Result<Question, Error> {
        let mut known = known::of(q, question.resources.iter().map(String::as_str), question.now)?;
        // Of a policy set nothing is kept: what is known of it was proved for this question.
        let proved = question.known.iter().filter(|(resource, _)| resource.starts_with("policy_set:"));
        known.extend(proved.map(|(resource, known)| (resource.clone(), known.clone())));
        Ok(Question { known, ..question.clone() })
    }

    /// One answer and the entry that records it.
    pub(crate) fn ask(
        &self,
        engine: &Engine,
        principal: &Principal,
        question: &Question,
    ) -> Result<(Decision, Event), Error> {
        let answer = engine.decide(question)?;
        Ok(self.recorded(principal, question, &answer, &Heard::default()))
    }

    /// The answer of policy with what plugins said, and the entry of both. Where they said something, the entry has the
    /// answer of policy alone as well: that is what a replay compares.
    fn recorded(
        &self,
        principal: &Principal,
        question: &Question,
        policy: &Answer,
        heard: &Heard,
    ) -> (Decision, Event) {
        let (answer, plugins) = heard.applied_to(question, policy);
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
        if let Some(reason) = &question.context.break_glass {
            data[BREAK_GLASS] = reason.as_str().into();
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
        owner: caller.owner.map(|owner| Principal::User(owner).to_string()),
    }
}
