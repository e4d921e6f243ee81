use super::*;
use crate::testing::Memory;

fn key(seed: u8) -> LogKey {
    LogKey::from_seed("countersign.test/log", &[seed; 32]).unwrap()
}

fn signed(size: u64) -> SignedCheckpoint {
    key(1).sign(&Memory::of(size).head())
}

/// Signs any text as if it were a checkpoint.
fn note(text: &str) -> SignedCheckpoint {
    let mut note = Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&NoteSigner(&key(1))]).unwrap();
    SignedCheckpoint(String::from_utf8(note.to_bytes()).unwrap())
}

#[test]
fn what_the_log_signs_verifies_and_is_three_lines() {
    let head = Memory::of(3).head();
    let checkpoint = signed(3).verify(&key(1).public()).unwrap();
    assert_eq!((checkpoint.origin.as_str(), checkpoint.head()), ("countersign.test/log", head));
    let text = signed(3).to_string();
    let (body, signature) = text.split_once("\n\n").unwrap();
    assert_eq!(body, format!("countersign.test/log\n3\n{}", head.root));
    assert!(signature.starts_with("— countersign.test/log "), "{signature}");
    assert_eq!(signed(0).verify(&key(1).public()).unwrap().head(), Head::EMPTY);
}

#[test]
fn every_changed_character_is_refused() {
    let text = signed(3).0;
    let verifier = key(1).public();
    for (at, old) in text.char_indices() {
        for new in ['A', 'B', '0', '\n', ' ', '\u{e9}'] {
            if new != old {
                let mut changed = text.clone();
                changed.replace_range(at..at + old.len_utf8(), &new.to_string());
                assert!(SignedCheckpoint(changed.clone()).verify(&verifier).is_err(), "{changed}");
            }
        }
        let cut = text[..at].to_owned();
        assert!(SignedCheckpoint(cut).verify(&verifier).is_err(), "cut at {at}");
    }
}

#[test]
fn each_refusal_names_what_is_wrong() {
    let good = signed(3);
    let other_key = key(2).public();
    let unsigned = CheckpointError::Unsigned { origin: "countersign.test/log".into() };
    assert_eq!(good.verify(&other_key).unwrap_err(), unsigned);
    let other_log = LogKey::from_seed("elsewhere.test/log", &[1; 32]).unwrap().public();
    let error = good.verify(&other_log).unwrap_err().to_string();
    assert_eq!(error, "the checkpoint is of log `countersign.test/log`, not of `elsewhere.test/log`");
    let grown = SignedCheckpoint(good.0.replacen("\n3\n", "\n4\n", 1));
    let bad = CheckpointError::BadSignature { origin: "countersign.test/log".into() };
    assert_eq!(grown.verify(&key(1).public()).unwrap_err(), bad);
}

#[test]
fn only_the_one_spelling_is_read_even_when_it_is_signed() {
    let root = Memory::of(3).head().root.to_string();
    let verifier = key(1).public();
    let with = |lines: &[&str]| note(&format!("{}\n", lines.join("\n"))).verify(&verifier);
    let origin = "countersign.test/log";
    assert!(with(&[origin, "3", &root]).is_ok());
    for bad in [
        vec![origin, "03", &root],
        vec![origin, "+3", &root],
        vec![origin, "-3", &root],
        vec![origin, "3 ", &root],
        vec![origin, "3", &root, "an extension"],
        vec![origin, "3", &root, ""],
        vec![origin, "3", root.trim_end_matches('=')],
        vec![origin, "3", &root[4..]],
        vec![origin, "3", ""],
        vec![origin, "", &root],
        vec![origin, "0", &root],
        vec![origin, "9007199254740992", &root],
        vec![origin, "18446744073709551616", &root],
        vec!["", "3", &root],
        vec![origin, "3"],
        vec![origin],
        vec![""],
    ] {
        assert!(matches!(with(&bad), Err(CheckpointError::Malformed(_))), "{bad:?}");
    }
    let carriage = SignedCheckpoint(signed(3).0.replace('\n', "\r\n"));
    assert!(matches!(carriage.verify(&verifier), Err(CheckpointError::Malformed(_))));
    let endless = SignedCheckpoint(format!("{}{}", signed(3), "x".repeat(LONGEST)));
    assert!(matches!(endless.verify(&verifier), Err(CheckpointError::Malformed(_))));
}

#[test]
fn signatures_of_others_are_passed_over_and_do_not_stand_in() {
    let head = Memory::of(3).head();
    let witness = LogKey::from_seed("desk.test/witness", &[9; 32]).unwrap();
    let text = format!("countersign.test/log\n3\n{}\n", head.root);
    let mut note = Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&NoteSigner(&witness)]).unwrap();
    let foreign = SignedCheckpoint(String::from_utf8(note.to_bytes()).unwrap());
    assert!(matches!(foreign.verify(&key(1).public()), Err(CheckpointError::Unsigned { .. })));
    note.add_sigs(&[&NoteSigner(&key(1))]).unwrap();
    let both = SignedCheckpoint(String::from_utf8(note.to_bytes()).unwrap());
    assert_eq!(both.verify(&key(1).public()).unwrap().head(), head);
}
