//! Approvers and tickets for the tests of this crate.

use crate::binding::{Action, Binding, Command, Context, Nonce, Resources};
use crate::budget::Budget;
use crate::id::{DecisionId, TicketId, UserId};
use crate::key::ReviewKey;
use crate::outcome::Requirement;
use crate::principal::Principal;
use crate::review::{Review, Verdict};
use crate::roster::{Roster, RosterKey, SignedRoster};
use crate::ticket::{State, Statement, Ticket};
use crate::{Clock, Digest, Entropy, Ids, Instant};

pub(crate) struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Instant {
        NOW
    }
}

impl Entropy for Fixed {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(9);
    }
}

pub(crate) const NOW: Instant = Instant::from_millis_unclamped(1_800_000_000_000);

pub(crate) fn user(n: u8) -> UserId {
    let mut text = ulid::Ulid::from_parts(1, u128::from(n)).to_string();
    text.insert_str(0, "usr_");
    text.parse().unwrap()
}

pub(crate) fn key(n: u8) -> ReviewKey {
    ReviewKey::from_bytes(&[n + 1; 32]).unwrap()
}

pub(crate) fn roster_key(n: u8) -> RosterKey {
    RosterKey {
        key: key(n).public(),
        owner: user(n),
        name: format!("Person {n}"),
        device: "desk".into(),
        groups: if n == 1 { vec!["sre".into()] } else { vec![] },
    }
}

pub(crate) fn roster(people: &[u8], quorum: u32) -> Roster {
    let keys = people.iter().map(|n| roster_key(*n)).collect();
    Roster { version: 1, previous: None, issued_at: NOW, quorum, keys }
}

pub(crate) fn signed(roster: &Roster, people: &[u8]) -> SignedRoster {
    people.iter().fold(SignedRoster::unsigned(roster), |signed, n| signed.sign(&key(*n)))
}

pub(crate) fn action() -> Action {
    Action {
        env: "prod".into(),
        action: "pipelines:execute".into(),
        resources: Resources::parse(["pipeline:billing/nightly"]).unwrap(),
        context: Context::new(),
        command: Some(Command {
            argv: vec!["./deploy.sh".into()],
            executable_digest: None,
            working_directory: "/srv".into(),
            environment: std::collections::BTreeMap::default(),
            stdin_digest: None,
            image_digest: None,
        }),
    }
}

pub(crate) fn subject() -> Principal {
    "service_account:billing-ci".parse().unwrap()
}

pub(crate) fn ticket(quorum: u32, groups: &[&str]) -> Ticket {
    let ids = Ids { clock: &Fixed, entropy: &Fixed };
    Ticket {
        id: TicketId::new(ids),
        binding: Binding { subject_id: subject(), action: action(), nonce: Nonce::generate(&Fixed), budget: None },
        requester_name: "Billing CI".into(),
        never_counts: vec![user(9)],
        requirement: Requirement {
            quorum,
            groups: groups.iter().map(ToString::to_string).collect(),
            step_up_seconds: 300,
            approval_ttl_seconds: 3600,
            execution_ttl_seconds: 900,
            max_duration_seconds: None,
            standing: None,
        },
        reasons: vec![],
        policy_set: Digest::of_content(b"policy"),
        decision: DecisionId::new(ids),
        statement: Statement::default(),
        opened_at: NOW,
        approval_expires_at: NOW.plus(3600),
        reviews: vec![],
        found: Vec::new(),
        misses: 0,
        uses: vec![],
        after_review: None,
        state: State::Pending,
    }
}

/// The same with a budget of three uses within ten minutes.
pub(crate) fn standing() -> Ticket {
    let mut ticket = ticket(1, &[]);
    ticket.binding.budget = Some(Budget { uses: 3, window_seconds: 600 });
    ticket
}

pub(crate) fn review(ticket: &Ticket, n: u8, verdict: Verdict) -> Review {
    Review {
        ticket: ticket.id,
        binding_digest: ticket.binding.digests().binding_digest,
        verdict,
        approver: user(n),
        roster_version: 1,
        policy_set: ticket.policy_set,
        quorum: ticket.requirement.quorum,
        groups: ticket.requirement.groups.clone(),
        reason: (verdict == Verdict::Deny).then(|| "wrong environment".into()),
        nonce: ticket.binding.nonce.clone(),
        iat: NOW.seconds(),
        exp: NOW.plus(4500).seconds(),
    }
}
