//! The questions that an admin asks of an edit.

use domain::outcome::Outcome;
use domain::policy::{Aspect, Direction, Proved};

use crate::fixtures::{compared, engine, proof, proved, shipped, two};

use Proved::{Never, Sometimes};

#[test]
fn asking_one_person_instead_of_two_is_shown_with_a_request_in_production() {
    let comparison = compared(&shipped(), &two());
    println!("{comparison:#?}");
    assert_eq!(proved(&comparison), [[Never, Never], [Never, Never], [Sometimes, Never]]);
    let proof = proof(&comparison, Aspect::Approvers, Direction::Widens);
    for example in &proof.counterexamples {
        assert_eq!((example.live, example.draft), (Outcome::RequireApproval, Outcome::Allow));
        assert_eq!(example.question.env, "prod");
        assert_eq!(example.question.approval.as_ref().unwrap().approvers, 1);
        assert_eq!(engine(&two()).decide(&example.question).unwrap().outcome, example.live);
        assert_eq!(engine(&shipped()).decide(&example.question).unwrap().outcome, example.draft);
    }
    assert_eq!(
        proof.counterexamples.last().unwrap().sentence,
        "`user:usr_somebody` does `pipelines:execute` to `pipeline:some/thing` in `prod`, approved by 1: \
         live asks for 2 approvers, the draft allows it"
    );
}
