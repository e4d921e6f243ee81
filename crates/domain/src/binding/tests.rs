use proptest::prelude::*;

use super::*;

fn binding() -> Binding {
    Binding {
        subject_id: "service_account:billing-ci".parse().unwrap(),
        action: Action {
            env: "prod".into(),
            action: "pipelines:execute".into(),
            resources: Resources::parse(["pipeline:b", "pipeline:a", "pipeline:a"]).unwrap(),
            context: Context::from([("execution_context".into(), "cli".into())]),
            command: Some(Command {
                argv: vec!["./deploy.sh".into(), "--flag".into()],
                executable_digest: Some(Digest::of_content(b"#!/bin/sh")),
                working_directory: "/srv".into(),
                environment: BTreeMap::from([("REGION".into(), "eu".into())]),
                stdin_digest: None,
                image_digest: None,
            }),
        },
        nonce: serde_json::from_str("\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"").unwrap(),
        budget: None,
    }
}

/// Published in `docs/BINDING.md`: another implementation must get the same digests.
#[test]
fn the_published_vector_holds() {
    let digests = binding().digests();
    let vector: BindingDigests = serde_json::from_str(include_str!("../../vectors/binding.json")).unwrap();
    assert_eq!(digests, vector, "{}", serde_json::to_string_pretty(&digests).unwrap());
}

/// The same with a budget: published as well.
#[test]
fn the_published_vector_of_a_standing_approval_holds() {
    let standing = Binding { budget: Some(Budget { uses: 5, window_seconds: 900 }), ..binding() };
    let vector: BindingDigests = serde_json::from_str(include_str!("../../vectors/binding-standing.json")).unwrap();
    assert_eq!(standing.digests(), vector, "{}", serde_json::to_string_pretty(&standing.digests()).unwrap());
    let once = binding().digests();
    assert_eq!(BindingDigests { binding_digest: once.binding_digest, ..vector }, once, "only the whole differs");
}

#[test]
fn each_change_of_a_budget_breaks_the_binding() {
    let of = |uses, window_seconds| Binding { budget: Some(Budget { uses, window_seconds }), ..binding() };
    let bound = of(5, 900).digests().binding_digest;
    for other in [of(6, 900), of(4, 900), of(5, 901), of(900, 5), binding()] {
        assert_ne!(other.digests().binding_digest, bound, "{:?}", other.budget);
    }
    assert_eq!(of(5, 900).digests().binding_digest, bound);
}

#[test]
fn a_binding_without_a_budget_has_the_form_that_it_always_had() {
    let text = serde_json::to_value(binding()).unwrap();
    assert_eq!(text.get("budget"), None);
    assert_eq!(serde_json::from_value::<Binding>(text).unwrap(), binding());
}

type Change = Box<dyn Fn(&mut Action)>;

#[test]
fn each_material_change_breaks_the_binding_and_is_named() {
    let bound = binding();
    let subject = &bound.subject_id;
    let mut changes: Vec<(&str, Change)> = vec![
        ("env", Box::new(|a| a.env = "staging".into())),
        ("action", Box::new(|a| a.action = "pipelines:stop".into())),
        ("resources", Box::new(|a| a.resources = Resources::parse(["pipeline:a"]).unwrap())),
        ("context", Box::new(|a| a.context = Context::new())),
        ("command", Box::new(|a| a.command = None)),
    ];
    let command = |change: fn(&mut Command)| Box::new(move |a: &mut Action| change(a.command.as_mut().unwrap()));
    changes.push(("command.argv", command(|c| c.argv.push("--force".into()))));
    changes.push(("command.argv", command(|c| c.argv = vec!["./deploy.sh --flag".into()])));
    changes.push(("command.executable_digest", command(|c| c.executable_digest = None)));
    changes.push(("command.working_directory", command(|c| c.working_directory = "/srv/".into())));
    changes.push(("command.environment", command(|c| drop(c.environment.insert("REGION".into(), "us".into())))));
    changes.push(("command.stdin_digest", command(|c| c.stdin_digest = Some(Digest::of_content(b"")))));
    changes.push(("command.image_digest", command(|c| c.image_digest = Some("sha256:0".into()))));
    for (field, change) in changes {
        let mut presented = bound.action.clone();
        change(&mut presented);
        assert_eq!(bound.mismatch(subject, &presented), Some(field));
        let other = Binding { action: presented, ..bound.clone() };
        assert_ne!(other.digests().binding_digest, bound.digests().binding_digest, "{field}");
    }
    assert_eq!(bound.mismatch(subject, &bound.action), None);
    assert_eq!(bound.mismatch(&"service_account:other".parse().unwrap(), &bound.action), Some("subject_id"));
}

#[test]
fn the_order_and_repetition_of_resources_is_cosmetic() {
    let one = Resources::parse(["pipeline:a", "pipeline:b"]).unwrap();
    assert_eq!(Resources::parse(["pipeline:b", "pipeline:a", "pipeline:b"]).unwrap(), one);
}

#[test]
fn bad_resources_are_refused_with_the_form_they_should_have() {
    for bad in ["billing", "pipeline:", ":x", "Pipeline:x", "pipeline:a b", "pipeline:\u{202e}x", "pipeline:é"] {
        assert!(Resources::parse([bad]).unwrap_err().to_string().contains("kind:name"), "{bad}");
    }
    assert!(matches!(Resources::parse::<&str>([]), Err(BadResource::None)));
}

proptest! {
    #[test]
    fn different_commands_never_share_a_digest(a in any::<Vec<String>>(), b in any::<Vec<String>>()) {
        let command = |argv: &Vec<String>| Command { argv: argv.clone(), ..binding().action.command.unwrap() };
        prop_assert_eq!(a == b, command(&a).digest() == command(&b).digest());
    }
}
