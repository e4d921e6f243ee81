//! Whether somebody could publish again under a set: otherwise it would be the last one.
//!
//! Asked of the set itself, with the people, accounts and roster of now: some active holder of `policies:write` would be
//! allowed, or would need an approval that others could give and that would lift what stands in the way.

use std::sync::Arc;

use domain::Instant;
use domain::binding::{Action, Binding, Context, Nonce, Resources};
use domain::id::{DecisionId, TicketId, UserId};
use domain::outcome::{Outcome, Reason};
use domain::policy::publication::resource;
use domain::principal::Principal;
use domain::scope::Scopes;
use domain::ticket::{Progress, State, Statement, Ticket};
use policy::{Answer, Approval, Engine, KnownResource, PUBLISH, PrincipalKind, Question};
use store::Query;

use super::publish::{PublishError, governs};
use crate::standing::Standing;
use crate::{Control, Error};

/// Somebody who may publish as far as scopes go.
struct Publisher {
    who: Principal,
    known_as: policy::Principal,
    /// That they would come from where they may, if they name networks.
    known_network: Option<bool>,
    /// Whose consent would not count.
    never_counts: Vec<UserId>,
}

/// Refuses a set under which nobody could publish another one.
pub(super) fn check(control: &Control, q: &mut dyn Query, engine: &Arc<Engine>) -> Result<(), Error> {
    let (before, standing) = (control.live_engine(q)?, Standing::read(control, q)?.under(Arc::clone(engine)));
    let publishers = publishers(q, &standing)?;
    let mut why = None;
    for publisher in &publishers {
        let question = question(publisher, engine, control.now());
        if !governs(engine, &question) {
            // Where neither set governs it, the scope is enough, as it was.
            if !governs(&before, &question) {
                return Ok(());
            }
            let lost = format!("its schema has no action `{PUBLISH}`, which the set in force has");
            return Err(PublishError::LockedOut(lost).into());
        }
        match refusal(control, &standing, publisher, &question)? {
            None => return Ok(()),
            Some(reason) => why = why.or(Some(format!("`{}`: {reason}", publisher.who))),
        }
    }
    let nobody = || "no active person or account holds the scope `policies:write`".to_owned();
    Err(PublishError::LockedOut(why.unwrap_or_else(nobody)).into())
}

/// Why this one could not publish; `None` if they could.
fn refusal(
    control: &Control,
    standing: &Standing,
    publisher: &Publisher,
    question: &Question,
) -> Result<Option<String>, Error> {
    let answer = match standing.engine.decide(question) {
        Ok(answer) => answer,
        Err(error) => return Ok(Some(format!("it cannot be asked: {error}"))),
    };
    match answer.outcome {
        Outcome::Allow => return Ok(None),
        Outcome::Deny => return Ok(Some(sentences(&answer.reasons))),
        Outcome::RequireApproval => {}
    }
    let ticket = ticket(control, publisher, question, answer)?;
    let requirement = &ticket.requirement;
    let candidates: Vec<_> = standing.candidates(&ticket).map(|user| (user.id, standing.groups(user.id))).collect();
    let progress = Progress::of(requirement, candidates.iter().map(|(user, groups)| (*user, groups.as_slice())));
    if !progress.met {
        let missing: Vec<_> = progress.groups.iter().filter(|group| !group.met).map(|group| &*group.group).collect();
        let of = if missing.is_empty() { String::new() } else { format!(", and none is of {}", missing.join(", ")) };
        let (quorum, can) = (progress.quorum, progress.approved);
        return Ok(Some(format!("it takes {quorum} other people on the roster who may review, and {can} could{of}")));
    }
    let mut groups: Vec<_> = candidates.into_iter().flat_map(|(_, groups)| groups).collect();
    groups.sort();
    groups.dedup();
    let approval = Approval {
        approvers: progress.quorum,
        groups,
        granted_at: question.now,
        expires_at: question.now.plus(requirement.execution_ttl_seconds),
        ticket: Some(ticket.id.to_string()),
    };
    let approved = standing.engine.decide(&Question { approval: Some(approval), ..question.clone() })?;
    if approved.outcome == Outcome::Allow {
        return Ok(None);
    }
    Ok(Some(format!("an approval does not lift what stands in the way: {}", sentences(&approved.reasons))))
}

fn publishers(q: &mut dyn Query, standing: &Standing) -> Result<Vec<Publisher>, Error> {
    let may = |scopes: &Scopes| scopes.contains(super::drafts::WRITE);
    let people = standing.people.iter().filter(|user| user.active && may(&user.scopes)).map(|user| Publisher {
        who: Principal::User(user.id),
        known_as: known_as(PrincipalKind::User, user.id.to_string(), &user.name, &user.teams, &user.scopes),
        known_network: None,
        never_counts: vec![user.id],
    });
    let mut all: Vec<_> = people.collect();
    let accounts = store::accounts::list(q)?.into_iter().filter(|account| account.active && may(&account.scopes));
    all.extend(accounts.map(|account| Publisher {
        known_as: policy::Principal {
            workspaces: account.workspaces.clone(),
            owner: account.owner.map(|owner| Principal::User(owner).to_string()),
            ..known_as(
                PrincipalKind::ServiceAccount,
                account.name.to_string(),
                account.name.as_str(),
                std::slice::from_ref(&account.team),
                &account.scopes,
            )
        },
        known_network: (!account.networks.is_empty()).then_some(true),
        never_counts: account.owner.into_iter().collect(),
        who: Principal::ServiceAccount(account.name),
    }));
    Ok(all)
}

fn known_as(kind: PrincipalKind, id: String, name: &str, teams: &[String], scopes: &Scopes) -> policy::Principal {
    policy::Principal {
        kind,
        id,
        name: name.to_owned(),
        teams: teams.to_vec(),
        scopes: scopes.canonical().map(str::to_owned).collect(),
        workspaces: Vec::new(),
        owner: None,
    }
}

/// May the next set be published, if it widens nothing? A set may forbid to widen and be followed by others.
fn question(publisher: &Publisher, engine: &Engine, now: Instant) -> Question {
    let next = resource(engine.digest());
    let narrower = KnownResource { widens: Some(false), ..KnownResource::default() };
    Question {
        principal: publisher.known_as.clone(),
        action: PUBLISH.into(),
        resources: vec![next.clone()],
        env: "prod".into(),
        context: policy::Declared { known_network: publisher.known_network, ..policy::Declared::default() },
        now,
        approval: None,
        known: [(next, narrower)].into(),
    }
}

/// The ticket that would be opened.
fn ticket(control: &Control, publisher: &Publisher, question: &Question, answer: Answer) -> Result<Ticket, Error> {
    let Answer { requirement: Some(requirement), reasons, policy_set, .. } = answer else {
        return Err(Error::Internal("an approval without a requirement".into()));
    };
    let action = Action {
        env: question.env.clone(),
        action: question.action.clone(),
        resources: Resources::parse(&question.resources)?,
        context: Context::new(),
        command: None,
    };
    let nonce = Nonce::generate(control.entropy());
    Ok(Ticket {
        id: TicketId::new(control.ids()),
        binding: Binding { subject_id: publisher.who.clone(), action, nonce, budget: None },
        requester_name: publisher.known_as.name.clone(),
        never_counts: publisher.never_counts.clone(),
        approval_expires_at: question.now.plus(requirement.approval_ttl_seconds),
        requirement,
        reasons,
        policy_set,
        decision: DecisionId::new(control.ids()),
        statement: Statement::default(),
        opened_at: question.now,
        reviews: Vec::new(),
        uses: Vec::new(),
        after_review: None,
        found: Vec::new(),
        misses: 0,
        state: State::Pending,
    })
}

fn sentences(reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return "no policy permits it".to_owned();
    }
    reasons.iter().map(|reason| reason.sentence.as_str()).collect::<Vec<_>>().join("; ")
}
