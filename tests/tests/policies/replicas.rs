//! Two control planes on one database: one of two publications wins, and both decide by it at once.

use countersign_tests::plane::{Approver, Engine, Plane};
use domain::outcome::Outcome;
use serde_json::json;

use super::{Desk, NO_ARTIFACTS, POLICIES, approve, artifacts_of_prod};

#[tokio::test]
async fn of_two_that_publish_at_once_one_wins_and_both_decide_by_it() {
    let one = Plane::on(Engine::Postgres).await;
    let two = one.replica().await;
    let founder = Approver::founder(&one).await;
    let grace = founder.invite("grace@example.com", "Grace").await;
    let here = founder.runner_of("reporting-agent").await;
    let there = client::Api::new(two.address()).unwrap().with_service_token(founder.token_of("reporting-agent").await);
    let ada = Desk::founder(&one).await;
    let ada_there = Desk { plane: &two, token: ada.token.clone() };
    for round in 0..3 {
        let before = ada.get(POLICIES).await.with(200)["version"].as_u64().unwrap();
        let policy = NO_ARTIFACTS.replace("no-artifacts-in-prod", &format!("no-artifacts-{round}"));
        let other = policy.replace("no-artifacts-", "nothing-to-read-");
        let [first, second] = [
            ada.with_one_more("One", &policy, &json!([])).await,
            ada_there.with_one_more("Two", &other, &json!([])).await,
        ];
        let mut tickets = vec![];
        for (desk, draft) in [(&ada, &first), (&ada_there, &second)] {
            let ticket = desk.publish(draft, None).await.with(202)["ticket"].clone();
            approve(&grace, &ticket).await;
            tickets.push(ticket);
        }
        let (left, right) =
            tokio::join!(ada.publish(&first, Some(&tickets[0])), ada_there.publish(&second, Some(&tickets[1])),);
        let (won, lost) = if left.status == 200 { (left, right) } else { (right, left) };
        assert_eq!(won.with(200)["version"], before + 1);
        lost.refused(409, "policy.stale");
        for agent in [&here, &there] {
            assert_eq!(artifacts_of_prod(agent).await, Outcome::Deny);
        }
    }
}
