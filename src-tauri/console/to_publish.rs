//! What a ticket to bring a policy set into force is about: an approver signs digests, and sees here what has them.
//!
//! Invariant: that the texts and tests are what the ticket binds, and that they are held against the set whose digest is
//! signed too, is computed on this device, never taken from the control plane.

use contract::policies::PolicyTexts;
use domain::Digest;
use domain::binding::Action;
use domain::id::TicketId;
use domain::policy::draft::digest_of_cases;
use domain::policy::publication::resource;
use domain::policy::{Case, PublishCommand};

use crate::console::Console;
use crate::console::policies::{compiled, offhand, source};
use crate::ipc::Failure;
use crate::ipc::policies::ToPublish;

impl Console {
    /// Read from the control plane, and held against what the ticket binds.
    pub(crate) async fn to_publish(&self, ticket: TicketId) -> Result<ToPublish, Failure> {
        let api = self.api()?;
        let ticket = api.ticket(ticket).await?;
        let (action, live) = (ticket.binding.action, ticket.policy_set);
        let command = PublishCommand::of(&action)
            .ok_or_else(|| Failure::new("ticket", "this ticket is about no policy set that could be shown"))?;
        let draft = api.policy_draft(command.draft).await?.value;
        let base = api.policy_version(command.base).await?;
        offhand(move || held(&action, command, live, (draft.texts, draft.cases), (base.texts, base.cases))).await
    }
}

fn held(
    action: &Action,
    command: PublishCommand,
    live: Digest,
    (after, tests): (PolicyTexts, Vec<Case>),
    (before, tests_before): (PolicyTexts, Vec<Case>),
) -> Result<ToPublish, Failure> {
    let set = resource(source(after.clone()).digest());
    let is_after = action.resources.iter().eq([set.as_str()]) && digest_of_cases(&tests) == command.cases;
    // The set that asked for the approval is the one that this would follow.
    let is_bound = is_after && source(before.clone()).digest() == live;
    let policy::Changes { added, changed, removed } =
        policy::changes(&compiled(after.clone())?, &compiled(before.clone())?);
    let only = |these: &[Case], those: &[Case]| {
        these.iter().filter(|case| !those.contains(case)).map(|case| case.name.clone()).collect::<Vec<_>>()
    };
    Ok(ToPublish {
        draft: command.draft,
        base: command.base,
        is_bound,
        before,
        after,
        added,
        changed,
        removed,
        tests: u32::try_from(tests.len()).unwrap_or(u32::MAX),
        tests_added: only(&tests, &tests_before),
        tests_dropped: only(&tests_before, &tests),
    })
}

#[cfg(test)]
mod tests {
    use domain::binding::Resources;
    use domain::outcome::Outcome;
    use policy::PolicySource;
    use serde_json::json;

    use super::*;

    fn shipped() -> PolicyTexts {
        let PolicySource { schema, policies, invariants } = PolicySource::shipped();
        PolicyTexts { schema, policies, invariants }
    }

    fn case(name: &str) -> Case {
        serde_json::from_value(json!({
            "name": name,
            "principal": "service_account:billing-ci",
            "action": "pipelines:execute",
            "resources": ["pipeline:billing/nightly"],
            "env": "prod",
            "expect": { "outcome": Outcome::RequireApproval },
        }))
        .unwrap()
    }

    #[test]
    fn what_is_shown_is_what_the_ticket_binds_or_is_said_not_to_be() {
        let more = "@id(\"all\") @title(\"All\") permit (principal, action, resource);";
        let mut after = shipped();
        after.policies = after.policies.replace("approvers >= 1 && ", "approvers >= 2 && ") + more;
        let tests = vec![case("new"), case("kept")];
        let draft = "drf_01HZY3V5W2M4Q6S8T0XABCDEFG".parse().unwrap();
        let command = PublishCommand { draft, base: 1, cases: digest_of_cases(&tests), on_trust: false };
        let action = Action {
            env: "prod".into(),
            action: policy::PUBLISH.into(),
            resources: Resources::parse([resource(source(after.clone()).digest())]).unwrap(),
            context: std::collections::BTreeMap::new(),
            command: None,
        };
        let live = source(shipped()).digest();
        let before = || (shipped(), vec![case("kept"), case("gone")]);
        let seen = held(&action, command, live, (after.clone(), tests.clone()), before()).unwrap();
        assert!(seen.is_bound);
        assert_eq!((seen.added, seen.removed, seen.tests), (vec!["all".to_owned()], vec![], 2));
        assert!(seen.changed.contains(&"prod-needs-approval".to_owned()), "{:?}", seen.changed);
        assert_eq!((seen.tests_added, seen.tests_dropped), (vec!["new".to_owned()], vec!["gone".to_owned()]));

        let (old, gone) = before();
        let pretended = (PolicyTexts { policies: old.policies + more, ..old }, gone);
        let seen = held(&action, command, live, (after.clone(), tests.clone()), pretended).unwrap();
        assert!(!seen.is_bound, "held against another set, in which less would change");
        let other = PolicyTexts { invariants: "// another".into(), ..after.clone() };
        assert!(!held(&action, command, live, (other, tests), before()).unwrap().is_bound, "other texts");
        assert!(!held(&action, command, live, (after, vec![case("new")]), before()).unwrap().is_bound, "other tests");
    }
}
