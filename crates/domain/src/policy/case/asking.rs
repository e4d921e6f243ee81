//! From a case to the question that it asks, and back from a question that was asked.
//!
//! Invariant: a case made of a question asks that very question; only what no policy reads is lost, which is how the
//! principal is called and the id of the ticket.

use crate::outcome::Outcome;
use crate::policy::case::{Case, CaseApproval, CaseTicket, Expectation};
use crate::policy::question::{APPROVE, Approval, Principal, PrincipalKind, Question, Reviewer, TicketFacts, scope_of};
use crate::time::Instant;

/// Noon of 1 January 2026, UTC, in seconds.
const NOON: i64 = 1_767_268_800;
/// How long the approval of a case lasts, in seconds.
const LASTS: u32 = 900;

/// A case that asks nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// It does not say who asks.
    #[error("`principal` is `{input}`; write it like `user:usr_ada` or `service_account:billing-ci`")]
    Principal {
        /// What it says, cut to 100 characters.
        input: String,
    },
    /// It is about a review, and does not say of what.
    #[error("`ticket` is missing; say there what is reviewed: `requester`, `action` and `resources`")]
    NoTicket,
    /// It has a ticket, and is not about its review.
    #[error(
        "a case with a `ticket` has the action `approve`, one resource like `ticket:tkt_1`, and none of `context`, `known`, `approval`"
    )]
    NoReview,
}

/// What a case asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// May this be done?
    Question(Question),
    /// May this ticket be reviewed?
    Review(Reviewer, TicketFacts),
}

impl Case {
    /// What it asks, with everything filled in that the case leaves out.
    pub fn asked(&self) -> Result<Asked, CaseError> {
        let question = self.question()?;
        let Some(CaseTicket { requester, on_behalf_of, action, resources }) = self.ticket.clone() else {
            return if self.action == APPROVE { Err(CaseError::NoTicket) } else { Ok(Asked::Question(question)) };
        };
        let Question { principal, action: asked, resources: about, env, context, now, approval, known } = question;
        let id = match about.as_slice() {
            [one] => one.strip_prefix("ticket:").filter(|id| !id.is_empty()),
            _ => None,
        };
        let bare = context.is_empty() && known.is_empty() && approval.is_none();
        let id = id.filter(|_| asked == APPROVE && bare).ok_or(CaseError::NoReview)?;
        let ticket = TicketFacts { id: id.to_owned(), requester, on_behalf_of, action, resources, env };
        Ok(Asked::Review(Reviewer { principal, now }, ticket))
    }

    /// The same as a question, which a review is not.
    pub fn question(&self) -> Result<Question, CaseError> {
        let (kind, id) = principal(&self.principal).ok_or_else(|| CaseError::Principal {
            input: self.principal.chars().take(100).flat_map(char::escape_debug).collect(),
        })?;
        let now = self.now.unwrap_or_else(|| Instant::from_seconds(NOON));
        Ok(Question {
            principal: Principal {
                kind,
                id: id.to_owned(),
                name: id.to_owned(),
                teams: self.teams.clone(),
                scopes: self.scopes.clone().unwrap_or_else(|| vec![scope_of(&self.action).to_owned()]),
                workspaces: self.workspaces.clone(),
                owner: self.owner.clone(),
            },
            action: self.action.clone(),
            resources: self.resources.clone(),
            env: self.env.clone(),
            context: self.context.clone(),
            now,
            approval: self.approval.as_ref().map(|approval| approval.at(now)),
            known: self.known.clone(),
        })
    }

    /// A case that asks this question and expects this answer.
    #[must_use]
    pub fn of(question: &Question, outcome: Outcome, name: impl Into<String>) -> Self {
        let Question { principal, action, resources, env, context, now, approval, known } = question;
        let scopes = (principal.scopes != [scope_of(action)]).then(|| principal.scopes.clone());
        Self {
            name: name.into(),
            principal: principal.reference(),
            teams: principal.teams.clone(),
            scopes,
            workspaces: principal.workspaces.clone(),
            owner: principal.owner.clone(),
            action: action.clone(),
            resources: resources.clone(),
            env: env.clone(),
            context: context.clone(),
            known: known.clone(),
            ticket: None,
            now: Some(*now),
            approval: approval.as_ref().map(|approval| CaseApproval::of(approval, *now)),
            expect: Expectation { outcome, because: vec![], approvers: None, groups: None },
        }
    }
}

impl CaseApproval {
    fn at(&self, now: Instant) -> Approval {
        let granted_at = self.granted_at.unwrap_or_else(|| now.minus(self.granted_seconds_ago));
        Approval {
            approvers: self.approvers,
            groups: self.groups.clone(),
            granted_at,
            expires_at: self.expires_at.unwrap_or_else(|| granted_at.plus(LASTS)),
            ticket: None,
        }
    }

    fn of(approval: &Approval, now: Instant) -> Self {
        let Approval { approvers, groups, granted_at, expires_at, ticket: _ } = approval;
        let ago = now.seconds_since(*granted_at);
        let exact = now.minus(ago) == *granted_at;
        Self {
            approvers: *approvers,
            groups: groups.clone(),
            granted_seconds_ago: if exact { ago } else { 0 },
            granted_at: (!exact).then_some(*granted_at),
            expires_at: (granted_at.plus(LASTS) != *expires_at).then_some(*expires_at),
        }
    }
}

fn principal(text: &str) -> Option<(PrincipalKind, &str)> {
    let (kind, id) = text.split_once(':')?;
    let kind = [PrincipalKind::User, PrincipalKind::ServiceAccount].into_iter().find(|known| known.name() == kind)?;
    (!id.is_empty()).then_some((kind, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::question::{Declared, ExecutionMode, KnownResource};

    fn short() -> Case {
        let text = r#"{"name": "n", "principal": "service_account:ci", "action": "pipelines:execute",
            "resources": ["pipeline:a/b"], "env": "prod", "approval": {"approvers": 2, "granted_seconds_ago": 60},
            "expect": {"outcome": "allow"}}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn what_a_case_leaves_out_has_its_documented_default() {
        let question = short().question().unwrap();
        assert_eq!(question.principal.scopes, ["pipelines:execute"]);
        assert!(question.principal.workspaces.is_empty() && question.principal.teams.is_empty());
        assert_eq!(question.now.to_string(), "2026-01-01T12:00:00.000Z");
        let approval = question.approval.unwrap();
        assert_eq!(approval.granted_at.to_string(), "2026-01-01T11:59:00.000Z");
        assert_eq!(approval.expires_at.to_string(), "2026-01-01T12:14:00.000Z");
        assert!(Case { scopes: Some(vec![]), ..short() }.question().unwrap().principal.scopes.is_empty());
    }

    #[test]
    fn the_default_scope_is_the_one_that_the_action_needs() {
        for (action, scope) in [("policies:publish", "policies:write"), ("deploy.app.update", "deploy.app.update")] {
            let question = Case { action: action.to_owned(), ..short() }.question().unwrap();
            assert_eq!(question.principal.scopes, [scope]);
            assert_eq!(Case::of(&question, Outcome::Deny, "n").scopes, None);
        }
    }

    #[test]
    fn a_case_about_a_review_names_the_ticket_and_nothing_of_an_action() {
        let ticket = CaseTicket {
            requester: "service_account:ci".to_owned(),
            on_behalf_of: vec![],
            action: "pipelines:execute".to_owned(),
            resources: vec!["pipeline:a/b".to_owned()],
        };
        let review = Case {
            principal: "user:usr_ada".to_owned(),
            action: APPROVE.to_owned(),
            resources: vec!["ticket:tkt_1".to_owned()],
            approval: None,
            ticket: Some(ticket),
            ..short()
        };
        let Asked::Review(reviewer, facts) = review.asked().unwrap() else { panic!("a review") };
        assert_eq!(reviewer.principal.scopes, ["approvals:review"]);
        assert_eq!(
            (facts.id.as_str(), facts.env.as_str(), facts.action.as_str()),
            ("tkt_1", "prod", "pipelines:execute")
        );
        assert_eq!(Case { ticket: None, ..review.clone() }.asked(), Err(CaseError::NoTicket));
        for odd in [
            Case { action: "pipelines:execute".to_owned(), ..review.clone() },
            Case { resources: vec!["pipeline:a/b".to_owned()], ..review.clone() },
            Case { resources: vec![], ..review.clone() },
            Case { approval: short().approval, ..review.clone() },
        ] {
            assert_eq!(odd.asked(), Err(CaseError::NoReview));
        }
    }

    #[test]
    fn a_principal_of_no_known_form_is_told_how_to_be_written() {
        for bad in ["", "ci", "user:", "User:ada", ":ada", "client:ada"] {
            let error = Case { principal: bad.to_owned(), ..short() }.question().unwrap_err();
            assert!(error.to_string().starts_with(&format!("`principal` is `{bad}`; write it like")), "{error}");
        }
    }

    #[test]
    fn a_case_of_a_question_asks_that_question() {
        let plain = short().question().unwrap();
        let now = Instant::from_millis(1_700_000_000_123);
        let approval = |granted: i64, expires: i64| Approval {
            approvers: 1,
            groups: vec!["sre".to_owned()],
            granted_at: Instant::from_millis(granted),
            expires_at: Instant::from_millis(expires),
            ticket: None,
        };
        let known =
            [("pipeline:a/b".to_owned(), KnownResource { trusted: vec!["x".to_owned()], ..Default::default() })];
        let mut full = Question {
            context: Declared { execution_mode: Some(ExecutionMode::Remote), ..Declared::default() },
            known: known.into(),
            now,
            ..plain.clone()
        };
        full.principal.scopes.push("logs:read".to_owned());
        full.principal.owner = Some("user:usr_ada".to_owned());
        let mut questions = vec![plain, full.clone()];
        for (granted, expires) in [
            (1_699_999_990_123, 1_700_000_890_123),
            (1_699_999_990_122, 1_700_000_890_122),
            (1_699_999_990_123, 1_700_000_000_000),
            (1_700_000_005_000, 0),
        ] {
            questions.push(Question { approval: Some(approval(granted, expires)), ..full.clone() });
        }
        for question in questions {
            let case = Case::of(&question, Outcome::Deny, "as it was");
            assert_eq!(case.question().unwrap(), question);
            let read: Case = serde_json::from_str(&serde_json::to_string(&case).unwrap()).unwrap();
            assert_eq!(read, case);
        }
        assert_eq!(Case::of(&short().question().unwrap(), Outcome::Allow, "n").approval, short().approval);
    }
}
