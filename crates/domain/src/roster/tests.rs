use super::*;
use crate::testing::{NOW, key, roster, roster_key, signed};

fn next(of: &Roster, n: u8) -> Roster {
    of.with_key(roster_key(n), NOW)
}

#[test]
fn version_one_is_signed_by_every_founding_key() {
    let two = roster(&[1, 2], 1);
    assert!(signed(&two, &[1, 2]).verify_first().is_ok());
    assert!(matches!(signed(&two, &[1]).verify_first(), Err(RosterError::TooFew { signed: 1, needed: 2, .. })));
    assert!(signed(&two, &[1, 1]).verify_first().is_err(), "signing twice is signing once");
}

#[test]
fn a_chain_grows_only_by_a_quorum_of_its_last_version() {
    let first = roster(&[1, 2], 2);
    let second = next(&first, 3);
    let chain = |signers: &[u8]| Chain::verify(&[signed(&first, &[1, 2]), signed(&second, signers)]);
    assert_eq!(chain(&[1, 2]).unwrap().latest().version, 2);
    assert!(chain(&[1]).is_err());
    assert!(chain(&[1, 3]).is_err(), "the newcomer does not vote on itself");
    assert!(chain(&[]).is_err());
}

#[test]
fn a_server_cannot_enrol_an_approver_of_its_own() {
    let first = roster(&[1], 1);
    let hostile = next(&first, 6);
    let forged = signed(&hostile, &[6]);
    assert!(Chain::verify(&[signed(&first, &[1]), forged]).is_err());
    let mut edited = signed(&next(&first, 2), &[1]);
    edited.payload = SignedRoster::unsigned(&hostile).payload;
    assert!(matches!(
        Chain::verify(&[signed(&first, &[1]), edited]),
        Err(ChainError::Version(RosterError::Signature { .. }))
    ));
}

#[test]
fn another_first_version_is_caught_by_the_pin_and_both_digests_are_named() {
    let ours = Chain::verify(&[signed(&roster(&[1], 1), &[1])]).unwrap();
    let theirs = Chain::verify(&[signed(&roster(&[6], 1), &[6])]).unwrap();
    assert!(ours.check_pin(ours.pin()).is_ok());
    let error = theirs.check_pin(ours.pin()).unwrap_err().to_string();
    for pin in [ours.pin(), theirs.pin()] {
        assert!(error.contains(&pin.digest.to_string()), "{error}");
    }
    let ahead = Pin { version: 2, ..ours.pin() };
    assert!(matches!(ours.check_pin(ahead), Err(ChainError::Withheld { pinned: 2, offered: 1 })));
    assert!(ours.check_pin(Pin { version: 0, ..ours.pin() }).is_err());
}

#[test]
fn malformed_rosters_are_refused() {
    let verify = |roster: Roster| signed(&roster, &[1, 2]).verify_first();
    let good = roster(&[1, 2], 1);
    assert!(verify(good.clone()).is_ok());
    assert!(verify(Roster { quorum: 0, ..good.clone() }).is_err());
    assert!(verify(Roster { quorum: 3, ..good.clone() }).is_err());
    assert!(verify(Roster { keys: vec![], ..good.clone() }).is_err());
    assert!(verify(Roster { keys: vec![roster_key(1), roster_key(1)], ..good.clone() }).is_err());
    assert!(verify(Roster { version: 2, ..good.clone() }).is_err());
    assert!(verify(Roster { previous: Some(good.digest()), ..good }).is_err());
}

#[test]
fn a_payload_that_is_not_canonical_is_refused() {
    let spaced = serde_json::to_string_pretty(&roster(&[1], 1)).unwrap();
    let signed = SignedRoster { payload: URL_SAFE_NO_PAD.encode(spaced), signatures: vec![] }.sign(&key(1));
    assert!(matches!(signed.verify_first(), Err(RosterError::Payload(_))));
}
