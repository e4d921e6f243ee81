use proptest::prelude::*;

use super::*;
use crate::testing::{NOW, user};

fn credential(n: u8) -> Credential {
    let id = id(n);
    let scopes = Scopes::parse(["workflows:execute", "logs:read"]).unwrap();
    let holder = "service_account:billing-ci".parse().unwrap();
    Credential {
        identifier: format!("token-{n}"),
        label: "nightly".into(),
        created_by: Some(user(1)),
        never_counts: vec![user(1)],
        use_count: 7,
        ..Credential::new(id, CredentialKind::ServiceToken, holder, scopes, NOW, NOW.plus(3600))
    }
}

fn id(n: u8) -> CredentialId {
    let mut text = ulid::Ulid::from_parts(1, u128::from(n)).to_string();
    text.insert_str(0, "crd_");
    text.parse().unwrap()
}

fn account() -> ServiceAccount {
    ServiceAccount {
        name: "billing-ci".parse().unwrap(),
        title: String::new(),
        description: "Runs billing".into(),
        team: "billing".into(),
        owner: None,
        scopes: Scopes::parse(["pipelines:execute"]).unwrap(),
        workspaces: vec![],
        networks: vec![],
        trusts: vec![],
        expires_at: None,
        active: true,
        sample: false,
        created_at: NOW,
    }
}

fn rotation(n: u8, overlap: u32) -> Rotation {
    Rotation {
        id: id(n),
        identifier: format!("token-{n}"),
        overlap,
        expires_at: None,
        scopes: None,
        created_by: Some(user(2)),
        never_counts: vec![user(2)],
    }
}

fn reach(credential: &Credential, account: &ServiceAccount, now: Instant) -> Result<Reach, CredentialRefusal> {
    credential.reach(Holder::Account(account), now, Some("192.0.2.1".parse().unwrap()))
}

#[test]
fn t_07_a_credential_gives_no_more_than_its_holder_has_now() {
    let mut holder = account();
    let scopes = reach(&credential(1), &holder, NOW).unwrap().scopes;
    assert_eq!(scopes.iter().collect::<Vec<_>>(), ["workflows:execute"]);
    holder.scopes = Scopes::default();
    assert!(reach(&credential(1), &holder, NOW).unwrap().scopes.is_empty());
    holder.active = false;
    assert_eq!(reach(&credential(1), &holder, NOW).unwrap_err(), CredentialRefusal::HolderDisabled);
    let ended = ServiceAccount { expires_at: Some(NOW), ..account() };
    assert_eq!(reach(&credential(1), &ended, NOW).unwrap_err(), CredentialRefusal::HolderDisabled);
}

#[test]
fn workspaces_that_have_nothing_in_common_are_nowhere_and_not_everywhere() {
    let token = Credential { workspaces: vec!["a".into()], ..credential(1) };
    let holder = ServiceAccount { workspaces: vec!["b".into()], ..account() };
    assert_eq!(reach(&token, &holder, NOW).unwrap_err(), CredentialRefusal::Workspaces);
    assert_eq!(reach(&token, &account(), NOW).unwrap().workspaces, ["a"]);
    assert_eq!(reach(&credential(1), &holder, NOW).unwrap().workspaces, ["b"]);
}

#[test]
fn a_network_list_holds_on_the_credential_and_on_the_account() {
    let near: Vec<Network> = vec!["192.0.2.0/24".parse().unwrap()];
    let far: Vec<Network> = vec!["198.51.100.0/24".parse().unwrap()];
    let token = |networks: &[Network]| Credential { networks: networks.to_vec(), ..credential(1) };
    let holder = |networks: &[Network]| ServiceAccount { networks: networks.to_vec(), ..account() };
    assert!(reach(&token(&near), &holder(&near), NOW).is_ok());
    assert_eq!(reach(&token(&far), &holder(&[]), NOW).unwrap_err(), CredentialRefusal::Network);
    assert_eq!(reach(&token(&near), &holder(&far), NOW).unwrap_err(), CredentialRefusal::Network);
    let unknown = token(&near).reach(Holder::Account(&account()), NOW, None);
    assert_eq!(unknown.unwrap_err(), CredentialRefusal::Network, "an address that is not known is in no list");
}

#[test]
fn a_rotation_keeps_the_lifetime_and_ends_the_old_one_after_the_overlap() {
    let (old, new) = credential(1).rotate(rotation(2, 300), NOW.plus(10)).unwrap();
    assert_eq!(new.expires_at, NOW.plus(3600));
    assert_eq!((new.family, new.rotated_from, old.rotated_to), (old.id, Some(old.id), Some(new.id)));
    assert_eq!((new.use_count, new.never_counts.as_slice()), (0, [user(1), user(2)].as_slice()));
    assert_eq!(old.state(NOW.plus(309)), CredentialState::Overlapping);
    assert_eq!(old.state(NOW.plus(310)), CredentialState::Rotated);
    assert_eq!(reach(&old, &account(), NOW.plus(310)).unwrap_err(), CredentialRefusal::Rotated);
    assert!(reach(&new, &account(), NOW.plus(310)).is_ok());
}

#[test]
fn no_overlap_ends_the_old_one_at_once() {
    let (old, new) = credential(1).rotate(rotation(2, 0), NOW).unwrap();
    assert!(reach(&old, &account(), NOW).is_err());
    assert!(reach(&new, &account(), NOW).is_ok());
}

#[test]
fn what_is_over_cannot_be_rotated() {
    let revoked = credential(1).revoke(Some("leaked".into()), NOW);
    assert_eq!(revoked.rotate(rotation(2, 0), NOW).unwrap_err(), RotationRefusal::Revoked);
    assert_eq!(credential(1).rotate(rotation(2, 0), NOW.plus(3600)).unwrap_err(), RotationRefusal::Expired);
    let (old, _) = credential(1).rotate(rotation(2, 300), NOW).unwrap();
    assert_eq!(old.rotate(rotation(3, 300), NOW).unwrap_err(), RotationRefusal::Rotated);
}

proptest! {
    #[test]
    fn at_most_two_of_a_family_authenticate_and_at_least_one_until_it_ends(
        steps in proptest::collection::vec((0_u32..900, 0_u32..900, any::<bool>()), 1..20)
    ) {
        let (mut family, mut now) = (vec![credential(0)], NOW);
        for (n, (pause, overlap, revoke)) in (1..).zip(steps) {
            now = now.plus(pause);
            if revoke && n % 7 == 0 {
                family = family.iter().map(|credential| credential.revoke(None, now)).collect();
            } else if let Ok((old, new)) = family.last().unwrap().rotate(rotation(n, overlap), now) {
                family.pop();
                family = family.iter().map(|earlier| earlier.cut_overlap(now).unwrap_or_else(|| earlier.clone())).collect();
                family.extend([old, new]);
            }
            let alive = family.iter().filter(|credential| reach(credential, &account(), now).is_ok()).count();
            let over = family[0].revoked_at.is_some() || !now.is_before(NOW.plus(3600));
            prop_assert!(if over { alive == 0 } else { (1..=2).contains(&alive) }, "{alive} of {}", family.len());
        }
    }
}
