//! One valid value of each noun, with fresh ids.

use domain::account::{AccountName, ServiceAccount, User};
use domain::after_review::{AfterFinding, SignedAfterReview};
use domain::binding::{Action, Binding, Command, Context, Nonce, Resources};
use domain::credential::{Credential, CredentialKind};
use domain::id::{CredentialId, DecisionId, DraftId, EnrolmentId, SessionId, TaskId, TicketId, UserId};
use domain::key::ReviewKey;
use domain::outcome::Requirement;
use domain::policy::{Case, Content, Draft, DraftState};
use domain::principal::Principal;
use domain::review::Verdict;
use domain::roster::{Roster, RosterKey, SignedRoster};
use domain::scope::Scopes;
use domain::task::{Task, TaskState};
use domain::ticket::{CastReview, State, Statement, Ticket};
use domain::{Digest, Instant};
use store::codes::AuthorizationCode;
use store::enrolments::Enrolment;
use store::policies::PolicyVersion;
use store::sessions::Session;
use store::testing::{NOW_MILLIS, ambient};

pub(crate) fn now() -> Instant {
    Instant::from_millis(NOW_MILLIS)
}

pub(crate) fn digest(text: &str) -> Digest {
    Digest::of_content(text.as_bytes())
}

pub(crate) fn user(name: &str) -> User {
    User {
        id: UserId::new(ambient().ids()),
        email: format!("{name}@example.test"),
        name: name.to_owned(),
        teams: vec!["security".into()],
        scopes: Scopes::all(),
        active: true,
        created_at: now(),
    }
}

pub(crate) fn account(name: &str) -> ServiceAccount {
    ServiceAccount {
        name: name.parse().unwrap(),
        title: String::new(),
        description: "Runs pipelines".into(),
        team: "billing".into(),
        owner: None,
        scopes: Scopes::parse(["decisions:request"]).unwrap(),
        workspaces: vec![],
        networks: vec![],
        trusts: vec![],
        expires_at: None,
        active: true,
        sample: false,
        created_at: now(),
    }
}

pub(crate) fn credential(account: &AccountName) -> Credential {
    let id = CredentialId::new(ambient().ids());
    let (holder, scopes) = (Principal::ServiceAccount(account.clone()), Scopes::parse(["decisions:request"]).unwrap());
    Credential {
        label: "nightly".into(),
        ..Credential::new(id, CredentialKind::ServiceToken, holder, scopes, now(), now().plus(3600))
    }
}

pub(crate) fn session(user: UserId, tokens: &str) -> Session {
    Session {
        id: SessionId::new(ambient().ids()),
        user,
        client_id: "console".into(),
        created_at: now(),
        authenticated_at: now(),
        acr: "pwd".into(),
        scopes: Scopes::all(),
        expires_at: now().plus(43_200),
        access_digest: digest(&format!("access {tokens}")),
        access_expires_at: now().plus(600),
        refresh_digest: digest(&format!("refresh {tokens}")),
        spent_refresh: None,
        ended_at: None,
    }
}

pub(crate) fn code(user: UserId, text: &str) -> AuthorizationCode {
    AuthorizationCode {
        digest: digest(text),
        user,
        client_id: "console".into(),
        redirect_uri: "http://127.0.0.1:4000/callback".into(),
        code_challenge: "challenge".into(),
        scopes: Scopes::all(),
        authenticated_at: now(),
        acr: "pwd".into(),
        expires_at: now().plus(60),
        session: None,
    }
}

pub(crate) fn ticket(title: &str) -> Ticket {
    let ambient = ambient();
    Ticket {
        id: TicketId::new(ambient.ids()),
        binding: Binding {
            subject_id: "service_account:billing-ci".parse().unwrap(),
            action: Action {
                env: "prod".into(),
                action: "pipelines:execute".into(),
                resources: Resources::parse(["pipeline:billing/nightly"]).unwrap(),
                context: Context::new(),
                command: Some(Command {
                    argv: vec!["./deploy.sh".into(), "--flag".into()],
                    executable_digest: None,
                    working_directory: "/srv".into(),
                    environment: std::collections::BTreeMap::default(),
                    stdin_digest: None,
                    image_digest: None,
                }),
            },
            nonce: Nonce::generate(&*ambient.entropy),
            budget: None,
        },
        requester_name: "Billing CI".into(),
        never_counts: vec![],
        requirement: Requirement {
            quorum: 1,
            groups: vec![],
            step_up_seconds: 300,
            approval_ttl_seconds: 3600,
            execution_ttl_seconds: 900,
            max_duration_seconds: None,
            standing: None,
        },
        reasons: vec![],
        policy_set: digest("policies"),
        decision: DecisionId::new(ambient.ids()),
        statement: Statement { title: Some(title.to_owned()), description: None },
        opened_at: now(),
        approval_expires_at: now().plus(3600),
        reviews: vec![],
        uses: vec![],
        after_review: None,
        found: Vec::new(),
        misses: 0,
        state: State::Pending,
    }
}

/// Somebody's consent. Nobody checks its signature here.
pub(crate) fn approval() -> CastReview {
    CastReview {
        approver: UserId::new(ambient().ids()),
        name: "Ann".into(),
        verdict: Verdict::Approve,
        reason: None,
        groups: vec![],
        at: now(),
        jws: "e30.e30.c2ln".into(),
    }
}

/// What somebody found of an emergency.
pub(crate) fn after_review() -> SignedAfterReview {
    SignedAfterReview {
        reviewer: UserId::new(ambient().ids()),
        name: "Grace".into(),
        finding: AfterFinding::Justified,
        found: "the disk was full".into(),
        at: now(),
        jws: "e30.e30.c2ln".into(),
    }
}

pub(crate) fn consumed(ticket: &Ticket) -> Ticket {
    let state = State::Consumed { at: now(), task: TaskId::new(ambient().ids()) };
    Ticket { state, ..ticket.clone() }
}

pub(crate) fn task(ticket: Option<TicketId>) -> Task {
    Task {
        id: TaskId::new(ambient().ids()),
        ticket,
        use_number: None,
        decision: DecisionId::new(ambient().ids()),
        principal: "service_account:billing-ci".parse().unwrap(),
        env: "prod".into(),
        action: "pipelines:execute".into(),
        started_at: now(),
        deadline: None,
        state: TaskState::Running,
        exit_code: None,
        signal: None,
        finished_at: None,
        output_digest: None,
    }
}

pub(crate) fn key(n: u8) -> ReviewKey {
    ReviewKey::from_bytes(&[n; 32]).unwrap()
}

pub(crate) fn roster(owner: UserId) -> SignedRoster {
    let held = RosterKey {
        key: key(1).public(),
        owner,
        name: "Ann".into(),
        device: "desk".into(),
        groups: vec!["sre".into()],
    };
    let roster = Roster { version: 1, previous: None, issued_at: now(), quorum: 1, keys: vec![held] };
    SignedRoster::unsigned(&roster).sign(&key(1))
}

pub(crate) fn enrolment(user: UserId) -> Enrolment {
    Enrolment {
        id: EnrolmentId::new(ambient().ids()),
        user,
        name: "Ann".into(),
        device: "desk".into(),
        key: key(2).public(),
        groups: vec![],
        requested_at: now(),
        settled_at: None,
        roster_version: None,
    }
}

pub(crate) fn policy(version: u32) -> PolicyVersion {
    PolicyVersion {
        version,
        schema: "namespace Countersign;".into(),
        policies: format!("permit(principal, action, resource); // {version}"),
        invariants: "forbid(principal, action, resource);".into(),
        digest: digest(&version.to_string()),
        cases: vec![case("nothing in production runs unattended")],
        published_at: now(),
        published_by: Some("service_account:billing-ci".parse().unwrap()),
        sample: true,
        title: "Two approvers".into(),
        ticket: Some(TicketId::new(ambient().ids())),
        restores: Some(version),
    }
}

pub(crate) fn case(name: &str) -> Case {
    serde_json::from_value(serde_json::json!({
        "name": name, "principal": "service_account:billing-ci", "action": "pipelines:execute",
        "resources": ["pipeline:billing/nightly"], "env": "prod", "expect": { "outcome": "require_approval" },
    }))
    .unwrap()
}

pub(crate) fn draft() -> Draft {
    Draft {
        id: DraftId::new(ambient().ids()),
        title: "One approver".into(),
        digest: digest("draft"),
        base_version: 1,
        restores: None,
        created_by: "service_account:billing-ci".parse().unwrap(),
        created_at: now(),
        changed_at: now(),
        asked: vec![],
        state: DraftState::Open,
    }
}

pub(crate) fn content(policies: &str) -> Content {
    Content {
        schema: "namespace Countersign;".into(),
        policies: policies.into(),
        invariants: String::new(),
        cases: vec![case("a case")],
    }
}
